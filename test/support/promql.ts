/** Reads the names out of PromQL: which metrics with which labels, and by what they are grouped. No parser: promtool is that. */

export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface Names {
  readonly selectors: readonly Selector[];
  /** Labels of `by`, `on` and `group_left`. */
  readonly grouped: readonly string[];
}

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'by', 'on', 'without', 'ignoring', 'inf']);
const GROUPING = /\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const SELECTOR = /(?<![\w$])([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?(?!\s*\(|[\w:])/g;

export function readNames(expression: string): Names {
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`/g, '""').replaceAll(/#.*$/gm, '');
  const grouped = [...bare.matchAll(GROUPING)].flatMap(([, labels = '']) => toList(labels));
  const rest = bare.replaceAll(GROUPING, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  const selectors = [...rest.matchAll(SELECTOR)]
    .map(([, metric = '', labels = '']) => ({
      metric,
      labels: toList(labels).map((matcher) => /^\w+/.exec(matcher)?.[0] ?? ''),
    }))
    .filter(({ metric }) => !KEYWORDS.has(metric) && !/^\d+[smhdwy]$/.test(metric));
  return { selectors, grouped };
}

function toList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
