/** Queries, peers and lookups for tests, from the few fields that a case is about. */
import { firstLabel, hashOfName } from '../../src/dns/names.ts';
import type { LogFile } from '../../src/records/line.ts';
import type { ResolvedQuery } from '../../src/records/lookup.ts';
import type { Peer, Target } from '../../src/records/peer.ts';
import type { Query, Question } from '../../src/records/query.ts';

/** Noon of a day, in milliseconds; `at` of a query counts from here. */
export const NOON = Date.parse('2026-11-21T12:00:00Z');

export const COREDNS: LogFile = {
  path: 'kube-system_coredns-1_u1/coredns/0.log',
  id: 'coredns-log',
  pod: { namespace: 'kube-system', name: 'coredns-1', uid: 'u1', container: 'coredns' },
};

export const NODE_CACHE: LogFile = {
  path: 'kube-system_node-local-dns-1_u2/node-cache/0.log',
  id: 'node-cache-log',
  pod: { namespace: 'kube-system', name: 'node-local-dns-1', uid: 'u2', container: 'node-cache' },
};

export interface QueryFields {
  /** Milliseconds after noon at which the query started. */
  readonly at: number;
  readonly name: string;
  readonly type?: string;
  readonly rcode?: string;
  /** Milliseconds. */
  readonly took?: number;
  readonly client?: string;
  readonly port?: number;
  readonly id?: number;
  readonly file?: LogFile;
  readonly transport?: Question['transport'];
  readonly qclass?: string;
  readonly bufsize?: number;
  readonly size?: number;
  readonly flags?: string;
  readonly metadata?: ReadonlyMap<string, string>;
}

let offset = 0;
const nameIds = new Map<string, number>();

/** What the parser gives to questions: a number for each name. */
function toNameId(qname: string): number {
  const id = nameIds.get(qname) ?? nameIds.size;
  nameIds.set(qname, id);
  return id;
}

export function toQuery(fields: QueryFields): Query {
  const took = fields.took ?? 0.2;
  const rcode = fields.rcode ?? 'NOERROR';
  const transport = fields.transport ?? 'udp';
  const qname = fields.name.endsWith('.') ? fields.name : `${fields.name}.`;
  offset += 100;
  return {
    file: fields.file ?? COREDNS,
    offset,
    time: NOON + fields.at + took,
    duration: Math.round(took * 1e6),
    client: fields.client ?? '10.244.1.7',
    port: fields.port ?? 40_000,
    id: fields.id ?? offset % 65_536,
    question: {
      qname,
      qtype: fields.type ?? 'A',
      qclass: fields.qclass ?? 'IN',
      transport,
      size: fields.size ?? 40,
      dnssecOk: false,
      bufsize: fields.bufsize ?? (transport === 'tcp' ? 65_535 : 512),
      stem: firstLabel(qname),
      nameId: toNameId(qname),
      nameHash: hashOfName(qname),
    },
    rcode,
    flags: fields.flags ?? 'qr,aa,rd',
    size: 100,
    failure: rcode === 'NOERROR' || rcode === 'NXDOMAIN' ? undefined : 'rcode',
    metadata: fields.metadata,
  };
}

export function toPod(namespace: string, name: string, workload = name): Peer {
  return {
    result: 'pod',
    name: workload,
    namespace,
    node: 'node1',
    pod: {
      namespace,
      name,
      uid: `uid-${name}`,
      node: 'node1',
      workload: { kind: 'Deployment', name: workload, isInferred: false },
      attributes: new Map(),
    },
  };
}

export const WEB = toPod('shop', 'web-1', 'web');

export function toService(namespace: string, name: string): Target {
  return { class: 'service', name, namespace, service: name, pod: undefined, existence: 'exists' };
}

export const NOWHERE: Target = {
  class: 'unknown',
  name: '',
  namespace: '',
  service: undefined,
  pod: undefined,
  existence: 'unknown',
};

export function toResolved(
  fields: QueryFields,
  ends: { readonly client?: Peer; readonly target?: Target } = {},
): ResolvedQuery {
  return { query: toQuery(fields), client: ends.client ?? WEB, target: ends.target ?? NOWHERE };
}
