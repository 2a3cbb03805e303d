/** What a queried name means: the Service, pod or outside domain behind it at the time of the query. */
import { LRUCache } from 'lru-cache';
import { fromReverseName, isReverseName } from '../dns/addresses.ts';
import { type ClusterName, parseClusterName } from '../dns/clusterNames.ts';
import type { Existence, Target, TargetClass } from '../records/peer.ts';
import type { Question } from '../records/query.ts';
import { toRegistrableDomain } from './externalNames.ts';
import type { Pods } from './pods.ts';
import type { ServiceLife, Services } from './services.ts';

export interface TargetOptions {
  /** With a trailing dot. */
  readonly clusterDomains: readonly string[];
  readonly targetLabel: 'service' | 'workload';
}

/** What targets are read from. */
export interface TargetIndex {
  readonly services: Services;
  readonly pods: Pods;
  /** The pod that holds an address at a time: its name, namespace and workload. */
  podAt(address: string, time: number): { namespace: string; name: string; workload: string } | undefined;
  /** Services and endpoints are complete: what is not there does not exist. */
  isSynced(): boolean;
}

export interface Targets {
  targetAt(question: Question, time: number): Target;
}

/** Distinct names whose grammar is remembered; beyond it the least used are parsed again. */
const MAX_NAMES = 20_000;

export function createTargets(options: TargetOptions, index: TargetIndex): Targets {
  const { services, pods } = index;
  /** What depends on the spelling alone: a cluster name, or the finished target of an outside name. */
  const spellings = new LRUCache<string, ClusterName | Target>({ max: MAX_NAMES });
  const interned = new LRUCache<string, Target>({ max: MAX_NAMES });
  const nothing = toTarget({ class: 'unknown' });

  function toTarget(fields: Partial<Target> & { class: TargetClass }): Target {
    const target = {
      name: '',
      namespace: '',
      service: undefined,
      pod: undefined,
      existence: 'unknown' as Existence,
      ...fields,
    };
    const key = Object.values(target).join(' ');
    const known = interned.get(key);
    if (known !== undefined) return known;
    interned.set(key, target);
    return target;
  }

  function spell(name: string): ClusterName | Target {
    const cluster = parseClusterName(name, options.clusterDomains);
    if (cluster !== undefined) return cluster;
    if (isReverseName(name)) return toTarget({ class: 'reverse' });
    return toTarget({ class: 'external', name: toRegistrableDomain(name) });
  }

  function existenceOf(namespace: string, service: string, time: number): Existence {
    if (!index.isSynced()) return 'unknown';
    if (services.wasService(namespace, service, time) !== undefined) return 'gone';
    return services.isElsewhere(namespace, service, time) ? 'elsewhere' : 'never';
  }

  /** The graph's label for a Service; with `workload`, of the one workload that serves it. */
  function labelOf(namespace: string, service: string): string {
    if (options.targetLabel === 'service') return service;
    const names = new Set<string>();
    for (const pod of services.podsOf(namespace, service)) {
      const known = pods.byName(namespace, pod);
      if (known !== undefined) names.add(known.peer.name);
    }
    const [only, second] = names;
    return only !== undefined && second === undefined ? only : service;
  }

  function serviceTarget(namespace: string, service: string, time: number): Target {
    const life = services.serviceAt(namespace, service, time);
    const existence = life === undefined ? existenceOf(namespace, service, time) : 'exists';
    // A deleted Service keeps its class: caches still answer for it.
    const kind = (life ?? services.wasService(namespace, service, time))?.class ?? 'service';
    return toTarget({ class: kind, name: labelOf(namespace, service), namespace, service, existence });
  }

  function endpointTarget(name: Extract<ClusterName, { kind: 'endpoint' }>, time: number): Target {
    const { namespace, service, endpoint } = name;
    const whole = serviceTarget(namespace, service, time);
    if (whole.existence !== 'exists') return whole;
    const life = services.endpointAt({ namespace, service, endpoint }, time);
    if (life === 'gone' || life === 'never') return toTarget({ ...whole, existence: life });
    return toTarget({ ...whole, pod: life.pod });
  }

  /** Where an address leads: the Service that has it or serves by it, so that every vantage point agrees. */
  function addressTarget(kind: 'pod' | 'reverse', address: string, time: number): Target {
    const life: Pick<ServiceLife, 'namespace' | 'name'> | undefined =
      services.byAddress(address, time) ?? services.byEndpointAddress(address);
    const pod = index.podAt(address, time);
    if (life !== undefined) {
      const { namespace, name } = life;
      const label = labelOf(namespace, name);
      return toTarget({
        class: kind,
        name: label,
        namespace,
        service: name,
        pod: pod?.name,
        existence: 'exists',
      });
    }
    if (pod === undefined)
      return toTarget({ class: kind, existence: index.isSynced() ? 'never' : 'unknown' });
    return toTarget({
      class: kind,
      name: pod.workload,
      namespace: pod.namespace,
      pod: pod.name,
      existence: 'exists',
    });
  }

  function clusterTarget(name: ClusterName, time: number): Target {
    switch (name.kind) {
      case 'service':
      case 'port':
        return serviceTarget(name.namespace, name.service, time);
      case 'endpoint':
        return endpointTarget(name, time);
      case 'pod':
        return addressTarget('pod', name.address, time);
      case 'structure':
        return toTarget({ class: 'unknown', existence: 'exists' });
      case 'malformed':
        return toTarget({ class: 'unknown', existence: 'never' });
    }
  }

  return {
    targetAt(question, time) {
      // Only IN names the world; CH carries version.bind and the like.
      if (question.qclass !== 'IN' || question.qname === '.') return nothing;
      const known = spellings.get(question.qname);
      const spelling = known ?? spell(question.qname);
      if (known === undefined) spellings.set(question.qname, spelling);
      if ('kind' in spelling) return clusterTarget(spelling, time);
      if (spelling.class !== 'reverse') return spelling;
      const address = fromReverseName(question.qname);
      return address === undefined ? spelling : addressTarget('reverse', address, time);
    },
  };
}
