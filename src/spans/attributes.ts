/** What spans say: of a query, of the DNS pod that answered, of the target, and of the lookup as a whole. */
import type { Attributes } from '@opentelemetry/api';
import { withoutTrailingDot } from '../dns/names.ts';
import { NO_RCODE, toOutcome } from '../dns/rcodes.ts';
import type { DnsPod } from '../records/line.ts';
import type { Lookup } from '../records/lookup.ts';
import type { Target } from '../records/peer.ts';
import type { Query, Question } from '../records/query.ts';
import type { AttributeName } from './catalogue.ts';
import { toAttributeText } from './texts.ts';

export type SpanAttributes = Partial<Record<AttributeName, string | number | boolean>>;

/** A resolver gives up after 2 s at the earliest: a query without a response that took longer timed out. */
const TIMEOUT_NS = 2e9;

/** What a query says of itself; the other functions put in what there is to say beside it. */
export function toQueryAttributes(query: Query): SpanAttributes {
  const { rcode, client, flags, size } = query;
  const attributes = { ...questionAttributes(query.question) };
  if (rcode !== NO_RCODE) attributes['dns.response_code'] = toAttributeText(rcode);
  if (toOutcome(rcode) === 'error') attributes['error.type'] = toErrorType(query);
  if (client !== '') {
    attributes['network.type'] = client.includes(':') ? 'ipv6' : 'ipv4';
    attributes['client.address'] = client;
    attributes['client.port'] = query.port;
  }
  if (flags !== '') attributes['corespan.dns.flags'] = flags;
  if (size !== undefined) attributes['corespan.dns.response.size'] = size;
  if (query.metadata !== undefined) addMetadata(attributes, query.metadata);
  return attributes;
}

/** What is unset is written as `-`, or as nothing (plugin/pkg/replacer). */
function addMetadata(attributes: Attributes, metadata: ReadonlyMap<string, string>): void {
  for (const [label, value] of metadata) {
    if (value !== '-' && value !== '') attributes[`corespan.metadata.${label}`] = toAttributeText(value);
  }
}

/** The DNS pod that wrote the line; `addressOf` knows its address, if anybody does. */
export function addServer(
  attributes: SpanAttributes,
  { file: { pod } }: Query,
  addressOf: (pod: DnsPod) => string | undefined,
): void {
  if (pod === undefined) return;
  attributes['corespan.resolver.pod'] = `${pod.namespace}/${pod.name}`;
  const address = addressOf(pod);
  if (address === undefined) return;
  attributes['server.address'] = address;
  attributes['server.port'] = 53;
}

export function addTarget(attributes: SpanAttributes, target: Target): void {
  attributes['corespan.target.class'] = target.class;
  if (target.name !== '') {
    attributes['peer.service'] = target.name;
    attributes['service.peer.name'] = target.name;
  }
  if (target.namespace !== '') attributes['service.peer.namespace'] = target.namespace;
  if (target.service !== undefined) attributes['k8s.service.name'] = target.service;
  if (target.pod !== undefined) attributes['corespan.target.pod'] = target.pod;
}

export function addLookup(attributes: SpanAttributes, lookup: Lookup): void {
  const { client, decided } = lookup;
  attributes['corespan.lookup.name'] = toAttributeText(lookup.name);
  attributes['corespan.lookup.outcome'] = lookup.outcome;
  attributes['corespan.lookup.queries'] = lookup.queries;
  attributes['corespan.lookup.search_expansions'] = lookup.expansions;
  if (decided.nxdomain !== undefined) {
    attributes['corespan.lookup.nxdomain'] = decided.nxdomain;
    attributes['error.type'] = 'NXDOMAIN';
  }
  attributes['corespan.client.resolution'] = client.result;
  if (client.pod?.workload.isInferred === true) attributes['corespan.client.workload_inferred'] = true;
}

/** Questions repeat and equal ones are one object: what a span says of them is made once. */
const questions = new WeakMap<Question, SpanAttributes>();

function questionAttributes(question: Question): SpanAttributes {
  const known = questions.get(question);
  if (known !== undefined) return known;
  const { qname, qtype, qclass, transport } = question;
  const attributes: SpanAttributes = {
    'dns.question.name': toAttributeText(withoutTrailingDot(qname)),
    'dns.question.type': toAttributeText(qtype),
    ...(qclass === 'IN' ? {} : { 'dns.question.class': toAttributeText(qclass) }),
    'network.protocol.name': 'dns',
    ...(transport === 'unknown' ? {} : { 'network.transport': transport }),
  };
  questions.set(question, attributes);
  return attributes;
}

function toErrorType({ rcode, duration }: Query): string {
  if (rcode !== NO_RCODE) return toAttributeText(rcode);
  return duration >= TIMEOUT_NS ? 'timeout' : '_OTHER';
}
