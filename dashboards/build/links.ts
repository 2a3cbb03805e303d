/** Links between dashboards: the names that one hands over are the names that the other one chooses by. */
import type { Link } from './panels.ts';

/** Otherwise Tempo gives the first that it finds, mostly the oldest. Before 2.8 it takes the hint and does not heed it. */
export const NEWEST = 'with (most_recent=true)';

/** Whoever follows a link goes on looking at the same corespan, through the same data sources, at the same time. */
const SAME = [
  '${job:queryparam}',
  '${instance:queryparam}',
  '${prometheus_datasource:queryparam}',
  '${tempo_datasource:queryparam}',
  '${__url_time_range}',
];

/** From an edge to its client; `node:…` has no namespace, and none is handed over. */
export const TO_WORKLOAD_OF_EDGE: Link = {
  title: 'Workload ${__data.fields.client}',
  url: toBoard('corespan-workload', {
    namespace: '${__data.fields.client_service_namespace}',
    workload: '${__data.fields.client}',
  }),
};

/** The same from a table by workload. */
export const TO_WORKLOAD: Link = {
  title: 'Workload ${__data.fields.client_workload}',
  url: toBoard('corespan-workload', {
    namespace: '${__data.fields.client_namespace}',
    workload: '${__data.fields.client_workload}',
  }),
};

/** From a target of a workload to everybody who asks for it. */
export const TO_CLIENTS_OF_SERVER: Link = {
  title: 'Who else asks for ${__data.fields.server}',
  url: toBoard('corespan-graph', {
    server_namespace: '${__data.fields.server_service_namespace}',
    server: '${__data.fields.server}',
  }),
};

/** The traces of an edge, in Explore. Clients that are no pods have no namespace, and neither has what is outside. */
export const TO_TRACES_OF_EDGE: Link = {
  title: 'Traces of this edge',
  url: toExplore(
    [
      '{ resource.service.name = "${__data.fields.client}"',
      '(resource.service.namespace = "${__data.fields.client_service_namespace}" || resource.service.name =~ "node:.*|unknown|external")',
      'span.peer.service = "${__data.fields.server}"',
      '(span.service.peer.namespace = "${__data.fields.server_service_namespace}" || span.corespan.target.class = "external") }',
    ].join(' && '),
  ),
};

function toBoard(uid: string, choices: Readonly<Record<string, string>>): string {
  const chosen = Object.entries(choices).map(([name, value]) => `var-${name}=${value}`);
  return `/d/${uid}?${[...chosen, ...SAME].join('&')}`;
}

function toExplore(search: string): string {
  const panes = {
    traces: {
      datasource: '${tempo_datasource}',
      queries: [
        {
          refId: 'A',
          datasource: { type: 'tempo', uid: '${tempo_datasource}' },
          queryType: 'traceql',
          query: `${search} ${NEWEST}`,
          limit: 20,
        },
      ],
      range: { from: '${__from}', to: '${__to}' },
    },
  };
  return `/explore?schemaVersion=1&panes=${encodeAround(JSON.stringify(panes))}`;
}

/** Percent-encodes everything but variables: Grafana looks for those before it decodes. */
function encodeAround(text: string): string {
  return text
    .split(/(\$\{[^}]+\})/)
    .map((part, at) => (at % 2 === 1 ? part : encodeURIComponent(part)))
    .join('');
}
