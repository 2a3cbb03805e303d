/** Alert rules for the Prometheus Operator, and dashboards as the ConfigMaps that the sidecar of Grafana's chart reads. */
import { toPrometheusRule } from '../../dashboards/alerts/files.ts';
import { toDashboard } from '../../dashboards/build/grafana.ts';
import type { Board } from '../../dashboards/build/panels.ts';
import { BOARDS } from '../../dashboards/dashboards.ts';
import { type Files, toDocuments, toKustomization } from './documents.ts';
import { LABELS } from './names.ts';

/** Neither names a namespace: where it is looked for is up to the operator and the sidecar. */
export function toMonitoring(): Files {
  const rules = 'components/prometheus-rules';
  const dashboards = 'components/grafana-dashboards';
  return new Map([
    [`${rules}/kustomization.yaml`, toKustomization('Component', { resources: ['prometheus-rule.yaml'] })],
    [`${rules}/prometheus-rule.yaml`, toPrometheusRule()],
    [`${dashboards}/kustomization.yaml`, toKustomization('Component', { resources: ['config-maps.yaml'] })],
    [`${dashboards}/config-maps.yaml`, toDocuments('', ...BOARDS.map(toConfigMap))],
  ]);
}

/** Without white space: `kubectl apply` keeps a copy in an annotation, and an object may have 256 KiB of those. */
function toConfigMap(board: Board): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: board.uid, labels: { ...LABELS, grafana_dashboard: '1' } },
    data: { [`${board.uid}.json`]: JSON.stringify(toDashboard(board)) },
  };
}
