/** The choices that dashboards share. */
import type { Choice } from './panels.ts';

const OURS = 'job=~"$job", instance=~"$instance"';

/** Which corespan: two clusters in one Prometheus differ here. */
export const OF_CORESPAN: readonly Choice[] = [
  { name: 'job', label: 'Job', query: 'label_values(corespan_build_info, job)', all: '.+' },
  {
    name: 'instance',
    label: 'Instance',
    query: 'label_values(corespan_build_info{job=~"$job"}, instance)',
    all: '.+',
  },
];

/** Which edges of the graph. `.*` rather than `.+`: what is outside the cluster has no namespace. */
export const OF_EDGES: readonly Choice[] = [
  {
    name: 'namespace',
    label: 'Client namespace',
    query: `label_values(traces_service_graph_connection_info{source="corespan", ${OURS}}, client_service_namespace)`,
    all: '.*',
  },
  {
    name: 'client',
    label: 'Client',
    query: `label_values(traces_service_graph_connection_info{source="corespan", ${OURS}, client_service_namespace=~"$namespace"}, client)`,
    all: '.*',
  },
  {
    name: 'server_namespace',
    label: 'Server namespace',
    query: `label_values(traces_service_graph_connection_info{source="corespan", ${OURS}, client_service_namespace=~"$namespace", client=~"$client"}, server_service_namespace)`,
    all: '.*',
  },
  {
    name: 'server',
    label: 'Server',
    query: `label_values(traces_service_graph_connection_info{source="corespan", ${OURS}, client_service_namespace=~"$namespace", client=~"$client", server_service_namespace=~"$server_namespace"}, server)`,
    all: '.*',
  },
];

export const OF_NAMESPACE: Choice = {
  name: 'namespace',
  label: 'Namespace',
  query: `label_values(corespan_lookups_total{${OURS}}, client_namespace)`,
  all: '.*',
};

/** Exactly one: a dashboard about a workload is about one workload. */
export const OF_WORKLOAD: Choice = {
  name: 'workload',
  label: 'Workload',
  query: `label_values(corespan_lookups_total{${OURS}, client_namespace=~"$namespace"}, client_workload)`,
};
