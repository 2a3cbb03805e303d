/** What spans say: of a query, of the DNS pod that answered, of the target, and of the lookup as a whole. */
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

export function toQueryAttributes(query: Query): SpanAttributes {
  const { rcode } = query;
  return {
    ...questionAttributes(query.question),
    ...(rcode === NO_RCODE ? {} : { 'dns.response_code': toAttributeText(rcode) }),
    ...(toOutcome(rcode) === 'error' ? { 'error.type': toErrorType(query) } : {}),
    ...(query.client === '' ? {} : toClientAttributes(query)),
    ...(query.flags === '' ? {} : { 'corespan.dns.flags': query.flags }),
    ...(query.size === undefined ? {} : { 'corespan.dns.response.size': query.size }),
  };
}

/** The DNS pod that wrote the line; `addressOf` knows its address, if anybody does. */
export function toServerAttributes(
  { file: { pod } }: Query,
  addressOf: (pod: DnsPod) => string | undefined,
): SpanAttributes {
  if (pod === undefined) return {};
  const address = addressOf(pod);
  return {
    'corespan.resolver.pod': `${pod.namespace}/${pod.name}`,
    ...(address === undefined ? {} : { 'server.address': address, 'server.port': 53 }),
  };
}

export function toTargetAttributes(target: Target): SpanAttributes {
  return {
    'corespan.target.class': target.class,
    ...(target.name === '' ? {} : { 'peer.service': target.name, 'service.peer.name': target.name }),
    ...(target.namespace === '' ? {} : { 'service.peer.namespace': target.namespace }),
    ...(target.service === undefined ? {} : { 'k8s.service.name': target.service }),
    ...(target.pod === undefined ? {} : { 'corespan.target.pod': target.pod }),
  };
}

export function toLookupAttributes(lookup: Lookup): SpanAttributes {
  const { client, decided } = lookup;
  return {
    'corespan.lookup.name': toAttributeText(lookup.name),
    'corespan.lookup.outcome': lookup.outcome,
    'corespan.lookup.queries': lookup.queries,
    'corespan.lookup.search_expansions': lookup.expansions,
    ...(decided.nxdomain === undefined
      ? {}
      : { 'corespan.lookup.nxdomain': decided.nxdomain, 'error.type': 'NXDOMAIN' }),
    'corespan.client.resolution': client.result,
    ...(client.pod?.workload.isInferred ? { 'corespan.client.workload_inferred': true } : {}),
  };
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

function toClientAttributes({ client, port }: Query): SpanAttributes {
  return {
    'network.type': client.includes(':') ? 'ipv6' : 'ipv4',
    'client.address': client,
    'client.port': port,
  };
}

function toErrorType({ rcode, duration }: Query): string {
  if (rcode !== NO_RCODE) return toAttributeText(rcode);
  return duration >= TIMEOUT_NS ? 'timeout' : '_OTHER';
}
