/** The small print of the two text formats: how numbers, labels and help are written. */

/** `a="x",b="y"` without braces; label values escaped, cut and cleaned of control characters. */
export function toLabelText(names: readonly string[], values: readonly string[]): string {
  return names.map((name, at) => `${name}="${toLabelValue(values[at] ?? '')}"`).join(',');
}

/** Longest label value: workload names have at most 253 characters, annotations may hold anything. */
const MAX_LABEL_VALUE = 253;

function toLabelValue(value: string): string {
  return toCleanText(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
}

/** Control characters and lone halves of surrogate pairs. */
const UNCLEAN = /[\p{Cc}\p{Cs}]/u;

function toCleanText(value: string): string {
  if (value.length <= MAX_LABEL_VALUE && !UNCLEAN.test(value)) return value;
  return value
    .slice(0, MAX_LABEL_VALUE)
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '?');
}

/** One text for several label values, equal if and only if their label texts are: rows are never shared unawares. */
export function toKey(...values: readonly string[]): string {
  // No clean text holds a newline.
  return values.map(toCleanText).join('\n');
}

/** A number as both formats take it. */
export function toNumberText(value: number): string {
  if (value === Infinity) return '+Inf';
  if (value === -Infinity) return '-Inf';
  return String(value);
}

/**
 * A bucket's bound in canonical form, with a point: Prometheus 3 rewrites `1` to `1.0`, Prometheus 2 does not, and a
 * query must find the bucket on both.
 */
export function toBoundText(bound: number): string {
  return Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : toNumberText(bound);
}

/** HELP escapes backslashes and newlines; OpenMetrics quotes too. */
export function toHelpText(help: string, format: 'text' | 'openmetrics'): string {
  const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? escaped.replaceAll('"', '\\"') : escaped;
}
