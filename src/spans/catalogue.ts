/** Every attribute that a span or its resource may carry. The reference is made from it. */

interface Attribute {
  /** Where it stands: the resource, the lookup's span, a query's span. */
  readonly on: readonly ('resource' | 'lookup' | 'query')[];
  readonly help: string;
}

export const ATTRIBUTES = {
  'service.name': {
    on: ['resource'],
    help: 'The client: annotation, else workload; unknown, node:<name> or external.',
  },
  'service.namespace': { on: ['resource'], help: 'Annotation, else the namespace of the pod.' },
  'service.instance.id': {
    on: ['resource'],
    help: 'Annotation, else <namespace>.<pod>; the container is not known.',
  },
  'service.version': { on: ['resource'], help: 'From the annotation only.' },
  'k8s.namespace.name': { on: ['resource'], help: 'Namespace of the client pod.' },
  'k8s.pod.name': { on: ['resource'], help: 'The client pod.' },
  'k8s.pod.uid': { on: ['resource'], help: 'The client pod.' },
  'k8s.pod.ip': { on: ['resource'], help: 'Address that the client pod asked from.' },
  'k8s.node.name': { on: ['resource'], help: 'Node of the client.' },
  'k8s.deployment.name': { on: ['resource'], help: 'Owner of the client pod.' },
  'k8s.replicaset.name': { on: ['resource'], help: 'Owner of the client pod.' },
  'k8s.statefulset.name': { on: ['resource'], help: 'Owner of the client pod.' },
  'k8s.daemonset.name': { on: ['resource'], help: 'Owner of the client pod.' },
  'k8s.job.name': { on: ['resource'], help: 'Owner of the client pod.' },
  'k8s.cronjob.name': {
    on: ['resource'],
    help: 'Owner of the client pod, guessed from the name of its Job.',
  },
  'telemetry.distro.name': {
    on: ['resource'],
    help: 'corespan: the span was inferred from a DNS log, not sent by the client.',
  },
  'telemetry.distro.version': { on: ['resource'], help: 'Version of corespan.' },
  'span.metrics.skip': {
    on: ['resource'],
    help: 'true while corespan draws the graph itself (--graph-source metrics).',
  },
  'dns.question.name': {
    on: ['lookup', 'query'],
    help: 'Name in the query; on a lookup, of the query that decided it.',
  },
  'dns.question.type': { on: ['lookup', 'query'], help: 'Type in the query.' },
  'dns.question.class': { on: ['lookup', 'query'], help: 'Class in the query, if it is not IN.' },
  'dns.response_code': {
    on: ['lookup', 'query'],
    help: 'Response code; absent where no response was recorded.',
  },
  'error.type': { on: ['lookup', 'query'], help: 'Response code of the failure, timeout, or _OTHER.' },
  'network.protocol.name': { on: ['lookup', 'query'], help: 'dns' },
  'network.transport': { on: ['lookup', 'query'], help: 'udp or tcp, as CoreDNS saw it.' },
  'network.type': { on: ['lookup', 'query'], help: 'ipv4 or ipv6.' },
  'client.address': { on: ['lookup', 'query'], help: 'Address that asked.' },
  'client.port': { on: ['lookup', 'query'], help: 'Port that asked.' },
  'server.address': {
    on: ['lookup', 'query'],
    help: 'Address of the DNS pod that answered, if it is known.',
  },
  'server.port': { on: ['lookup', 'query'], help: '53' },
  'peer.service': {
    on: ['lookup', 'query'],
    help: 'Where the name leads, or would if it existed: the server label of the graph, byte for byte.',
  },
  'service.peer.name': { on: ['lookup', 'query'], help: 'The same under its newer name.' },
  'service.peer.namespace': { on: ['lookup', 'query'], help: 'Namespace of the target.' },
  'k8s.service.name': { on: ['lookup', 'query'], help: 'Kubernetes Service that the name leads to.' },
  'corespan.dns.flags': { on: ['lookup', 'query'], help: 'Header flags of the response.' },
  'corespan.dns.response.size': {
    on: ['lookup', 'query'],
    help: 'Bytes of the response before truncation.',
  },
  'corespan.lookup.name': {
    on: ['lookup'],
    help: 'The name as the program asked for it, search suffix taken off.',
  },
  'corespan.lookup.outcome': { on: ['lookup'], help: 'success, denial or error.' },
  'corespan.lookup.queries': { on: ['lookup'], help: 'Queries that the lookup took.' },
  'corespan.lookup.search_expansions': { on: ['lookup'], help: 'Queries that only walked the search path.' },
  'corespan.lookup.nxdomain': {
    on: ['lookup', 'query'],
    help: 'What a denial means: search, was_valid, never_valid, other_namespace.',
  },
  'corespan.target.class': {
    on: ['lookup', 'query'],
    help: 'service, headless, pod, external_name, external, reverse, unknown.',
  },
  'corespan.target.pod': {
    on: ['lookup', 'query'],
    help: 'Pod that a headless, pod or reverse name leads to.',
  },
  'corespan.client.resolution': { on: ['lookup'], help: 'How the client was found, or why not.' },
  'corespan.client.workload_inferred': { on: ['lookup'], help: 'true where the workload is a guess.' },
  'corespan.resolver.pod': {
    on: ['lookup', 'query'],
    help: 'DNS pod whose log has the query, <namespace>/<pod>.',
  },
  'corespan.query.role': {
    on: ['query'],
    help: 'inner for the target of a CNAME, hop for CoreDNS behind a NodeLocal DNSCache.',
  },
  'corespan.metadata.<label>': {
    on: ['lookup', 'query'],
    help: 'Value of {/<label>} in the FORMAT of the log, where it has one: corespan.metadata.forward/upstream.',
  },
} as const satisfies Record<string, Attribute>;

export type AttributeName = keyof typeof ATTRIBUTES;
