/** The resource of a span: the client as OpenTelemetry describes a service. One object for each peer. */
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import type { Peer, PodIdentity, Workload } from '../records/peer.ts';
import type { AttributeName } from './catalogue.ts';
import { toAttributeText } from './texts.ts';

export interface ResourcesOptions {
  readonly version: string;
  /** Tells Tempo's generators to leave the spans out of their graph, since we draw it ourselves. */
  readonly skipsSpanMetrics: boolean;
  /** From OTEL_RESOURCE_ATTRIBUTES; what tells of a process, a pod or a machine is left out: those are corespan's own. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Resources {
  /** Exporters group spans by the identity of this object: the same peer always has the same one. */
  resourceOf(peer: Peer, address: string): Resource;
}

/** OpenTelemetry semantic conventions that the attributes follow. */
export const SCHEMA_URL = 'https://opentelemetry.io/schemas/1.44.0';

const OWNER_ATTRIBUTES: Readonly<Record<string, AttributeName>> = {
  Deployment: 'k8s.deployment.name',
  ReplicaSet: 'k8s.replicaset.name',
  StatefulSet: 'k8s.statefulset.name',
  DaemonSet: 'k8s.daemonset.name',
  Job: 'k8s.job.name',
  CronJob: 'k8s.cronjob.name',
};

/** The resource of a span is the client, which shares with us the cluster and whatever that is part of, and nothing else. */
const OF_OURSELVES = /^(?:service|telemetry|container|process|host|os|device|faas|k8s(?!\.cluster))\./;

export function createResources(options: ResourcesOptions): Resources {
  const byPeer = new WeakMap<Peer, Resource>();
  const given = Object.entries(options.attributes).filter(([name]) => !OF_OURSELVES.test(name));

  function create(peer: Peer, address: string): Resource {
    const attributes: Partial<Record<AttributeName, string | boolean>> = {
      'service.name': toAttributeText(peer.name),
      'telemetry.distro.name': 'corespan',
      'telemetry.distro.version': options.version,
      ...(peer.namespace === '' ? {} : { 'service.namespace': toAttributeText(peer.namespace) }),
      ...(peer.node === undefined ? {} : { 'k8s.node.name': peer.node }),
      ...(peer.pod === undefined ? {} : toPodAttributes(peer.pod, address)),
      ...(options.skipsSpanMetrics ? { 'span.metrics.skip': true } : {}),
    };
    return resourceFromAttributes({ ...Object.fromEntries(given), ...attributes }, { schemaUrl: SCHEMA_URL });
  }

  return {
    resourceOf(peer, address) {
      const known = byPeer.get(peer);
      if (known !== undefined) return known;
      const resource = create(peer, address);
      byPeer.set(peer, resource);
      return resource;
    },
  };
}

function toPodAttributes(pod: PodIdentity, address: string): Partial<Record<AttributeName, string>> {
  const { attributes } = pod;
  const version = attributes.get('service.version');
  return {
    'k8s.namespace.name': pod.namespace,
    'k8s.pod.name': pod.name,
    'k8s.pod.uid': pod.uid,
    'k8s.pod.ip': address,
    'service.instance.id': toAttributeText(
      attributes.get('service.instance.id') ?? `${pod.namespace}.${pod.name}`,
    ),
    ...(version === undefined ? {} : { 'service.version': toAttributeText(version) }),
    ...toOwnerAttribute(pod.workload),
  };
}

function toOwnerAttribute({ kind, name }: Workload): Partial<Record<AttributeName, string>> {
  const attribute = OWNER_ATTRIBUTES[kind];
  return attribute === undefined ? {} : { [attribute]: name };
}
