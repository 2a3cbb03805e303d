/** What a queried name means: the Service, pod or outside domain behind it at the time of the query. */
import { fromReverseName, isReverseName } from '../dns/addresses.ts';
import { type ClusterName, parseClusterName } from '../dns/clusterNames.ts';
import type { Existence, Target, TargetClass } from '../records/peer.ts';
import { type Query, type Question, startOf } from '../records/query.ts';
import { createAnswers, type Kept } from './answers.ts';
import type { Cluster } from './cluster.ts';
import { toRegistrableDomain } from './externalNames.ts';
import { toPeer } from './knownPod.ts';
import type { Moment } from './moment.ts';
import { createNameTable } from './nameTable.ts';
import { createRecent } from './recent.ts';
import { fromServiceKey, toServiceKey } from './services.ts';

export interface TargetOptions {
  /** With a trailing dot. */
  readonly clusterDomains: readonly string[];
  readonly targetLabel: 'service' | 'workload';
}

export interface Targets {
  targetOf(query: Query): Target;
}

/** Distinct meanings of names that are remembered, in each of two generations. */
const MAX_TARGETS = 10_000;

/** What the spelling of a name alone says: a cluster name, an address in reverse, or the finished target. */
type Spelling = ClusterName | { readonly kind: 'reverse'; readonly address: string } | Target;

export function createTargets(options: TargetOptions, cluster: Cluster): Targets {
  const { claims, pods, services, endpoints } = cluster;
  const interned = createRecent<Target>(MAX_TARGETS);
  const targetAt = createAnswers({
    table: createNameTable<Kept<Spelling, Target>>(),
    toSubject: toSpelling,
    answer: toTarget,
  });
  const nothing = intern({ class: 'unknown' });
  const structure = intern({ class: 'unknown', existence: 'exists' });
  const malformed = intern({ class: 'unknown', existence: 'never' });

  function intern(fields: Partial<Target> & { readonly class: TargetClass }): Target {
    const { name = '', namespace = '', service, pod, existence = 'unknown' } = fields;
    const target = { class: fields.class, name, namespace, service, pod, existence };
    const key = [target.class, name, namespace, service, pod, existence].join('\0');
    const known = interned.get(key);
    if (known !== undefined) return known;
    interned.set(key, target);
    return target;
  }

  function toSpelling({ qname: name }: Question): Spelling {
    if (name === '.') return nothing;
    const inCluster = parseClusterName(name, options.clusterDomains);
    if (inCluster !== undefined) return inCluster;
    if (!isReverseName(name)) return intern({ class: 'external', name: toRegistrableDomain(name) });
    const address = fromReverseName(name);
    return address === undefined ? intern({ class: 'reverse' }) : { kind: 'reverse', address };
  }

  function toTarget(spelling: Spelling, moment: Moment): Target {
    if (!('kind' in spelling)) return spelling;
    switch (spelling.kind) {
      case 'service':
      case 'port':
        return toServiceTarget(spelling, moment);
      case 'endpoint':
        return toEndpointTarget(spelling, moment);
      case 'pod':
      case 'reverse':
        return toAddressTarget(spelling, moment);
      case 'structure':
        return structure;
      case 'malformed':
        return malformed;
    }
  }

  function toServiceTarget(name: { namespace: string; service: string }, moment: Moment): Target {
    const { namespace, service } = name;
    const key = toServiceKey({ namespace, name: service });
    const kind = services.classAt(key, moment);
    const label = toLabel(key, moment);
    if (kind !== undefined) {
      return intern({ class: kind, name: label, namespace, service, existence: 'exists' });
    }
    // A deleted Service keeps its class: caches still answer for it.
    const before = services.classBefore(key, moment);
    const existence = before === undefined ? toAbsence({ namespace, name: service }, moment) : 'gone';
    return intern({
      class: before ?? 'service',
      name: label,
      namespace,
      service,
      existence: isKnown('services', moment) ? existence : 'unknown',
    });
  }

  function toAbsence(service: { namespace: string; name: string }, moment: Moment): Existence {
    return services.isElsewhere(service, moment) ? 'elsewhere' : 'never';
  }

  function toEndpointTarget(name: Extract<ClusterName, { kind: 'endpoint' }>, moment: Moment): Target {
    const whole = toServiceTarget(name, moment);
    if (whole.existence !== 'exists') return whole;
    const key = toServiceKey({ namespace: name.namespace, name: name.service });
    const endpoint = endpoints.at(key, name.endpoint, moment);
    if (typeof endpoint !== 'string') return intern({ ...whole, pod: endpoint.pod });
    return intern({ ...whole, existence: isKnown('endpointslices', moment) ? endpoint : 'unknown' });
  }

  /** Where an address leads: the Service that has it or serves by it, so that every vantage point agrees. */
  function toAddressTarget(
    { kind, address }: { readonly kind: 'pod' | 'reverse'; readonly address: string },
    moment: Moment,
  ): Target {
    const key = services.byAddress(address, moment) ?? endpoints.serviceOf(address, moment);
    const holder = claims.holderAtMoment(address, moment);
    const peer = typeof holder === 'string' ? undefined : toPeer(holder.pod);
    const pod = peer?.pod?.name;
    if (key !== undefined) {
      const { namespace, name: service } = fromServiceKey(key);
      return intern({
        class: kind,
        name: toLabel(key, moment),
        namespace,
        service,
        pod,
        existence: 'exists',
      });
    }
    if (peer?.pod === undefined) {
      return intern({ class: kind, existence: isAllKnown(moment) ? 'never' : 'unknown' });
    }
    return intern({ class: kind, name: peer.name, namespace: peer.pod.namespace, pod, existence: 'exists' });
  }

  /** The graph's label for a Service; with `workload`, of the one workload that serves it. */
  function toLabel(key: string, moment: Moment): string {
    const { namespace, name } = fromServiceKey(key);
    if (options.targetLabel === 'service') return name;
    const workloads = new Set<string>();
    for (const pod of endpoints.podsOf(key, moment)) {
      const peer = pods.byName(namespace, pod, moment);
      if (peer !== undefined) workloads.add(peer.name);
    }
    const [only, second] = workloads;
    return only !== undefined && second === undefined ? only : name;
  }

  function isAllKnown(moment: Moment): boolean {
    return isKnown('services', moment) && isKnown('pods', moment);
  }

  /** True if what is not there does not exist; before the first complete state nobody can tell. */
  function isKnown(resource: 'services' | 'endpointslices' | 'pods', moment: Moment): boolean {
    return cluster.syncedSince(resource, moment) !== undefined;
  }

  return {
    targetOf(query) {
      const { question } = query;
      // Only IN names the world; CH carries version.bind and the like.
      return question.qclass === 'IN' ? targetAt(question, startOf(query)) : nothing;
    },
  };
}
