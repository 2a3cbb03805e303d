/**
 * The service graph as PromQL alone: one row for each edge, in the columns that Grafana's node graph looks for.
 *
 * The panel finds `mainstat` and its sisters by the name of the field, and no transformation can rename the field
 * of a value. So the numbers are made into labels (`count_values`), which are fields under their own names.
 * Only edges are given: Grafana derives the nodes, and a frame of nodes that lacks one made older versions fail.
 */
import { type StoredName, select } from './promql.ts';

const KEYS = 'id, source, target';
/** From this share of failed lookups on an edge is red; below it, but above nothing, orange. */
export const RED_FROM = 0.05;
export const COLOURS = { red: '#E02F44', orange: '#FF9830', green: '#56A64B' } as const;

/** Instant, as a table: id, source, target, mainstat (lookups a second), secondarystat (mean), color (health). */
export function toEdgeRows(...matchers: readonly string[]): string {
  const total = byEdge('traces_service_graph_request_total', matchers);
  const failed = byEdge('traces_service_graph_request_failed_total', matchers);
  const seconds = byEdge('traces_service_graph_request_server_seconds_sum', matchers);
  const failedShare = `${failed} / (${total} > 0)`;
  return [
    toLabel('mainstat', { value: `round(${total}, 0.001)`, text: '$1/s' }),
    `* on (${KEYS}) group_left (secondarystat) (`,
    toLabel('secondarystat', { value: `round(1000 * ${seconds} / (${total} > 0), 0.001)`, text: '$1 ms' }),
    `or label_replace(${total} == 0, "secondarystat", "idle", "", ""))`,
    `* on (${KEYS}) group_left (color) (`,
    toColour('red', `${failedShare} > ${RED_FROM}`),
    `or on (${KEYS}) ${toColour('orange', `${failedShare} > 0`)}`,
    `or on (${KEYS}) ${toColour('green', total)})`,
  ].join('\n');
}

function byEdge(name: StoredName, matchers: readonly string[]): string {
  const increments = `rate(${select(name, 'source="corespan"', ...matchers)}[$__range])`;
  const source = toPath('source', { of: increments, namespace: 'client_service_namespace', name: 'client' });
  const both = toPath('target', { of: source, namespace: 'server_service_namespace', name: 'server' });
  return `sum by (${KEYS}) (label_join(${both}, "id", "_", "source", "target"))`;
}

/** `namespace/name`, or the name alone where there is no namespace. */
function toPath(
  label: string,
  { of, namespace, name }: { readonly of: string; readonly namespace: string; readonly name: string },
): string {
  const joined = `label_join(${of}, "${label}", "/", "${namespace}", "${name}")`;
  return `label_replace(${joined}, "${label}", "$1", "${label}", "/(.+)")`;
}

function toLabel(label: string, { value, text }: { readonly value: string; readonly text: string }): string {
  return `label_replace(count_values by (${KEYS}) ("${label}", ${value}), "${label}", "${text}", "${label}", "(.+)")`;
}

function toColour(colour: keyof typeof COLOURS, of: string): string {
  return `label_replace(${of}, "color", "${COLOURS[colour]}", "", "")`;
}
