/** The page: who asks for whom, in a table, without a script. */

/** One row of the map. */
export interface EdgeView {
  readonly client: string;
  readonly server: string;
  readonly lookups: number;
  readonly failed: number;
  /** Mean duration, as people read it. */
  readonly mean: string;
}

/** What a client was denied. */
export interface DenialView {
  readonly client: string;
  readonly lookups: number;
  /** What the denials mean, and how many mean it. */
  readonly kinds: readonly (readonly [string, number])[];
}

export interface PageView {
  readonly version: string;
  /** What is being read, in a few words. */
  readonly source: string;
  readonly edges: readonly EdgeView[];
  /** Sentences about what the map does not show, or shows without a name. */
  readonly notes?: readonly string[];
  readonly denials?: readonly DenialView[];
  /** Counts that have to add up: name and value. */
  readonly ledger: readonly (readonly [string, number])[];
  readonly waitingFor: readonly string[];
}

/** Rows shown; the rest is in the metrics. */
const MAX_ROWS = 200;

export function toPage(view: PageView): string {
  const rows = [...view.edges].sort((a, b) => b.lookups - a.lookups);
  const hidden = rows.length - MAX_ROWS;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="5">
<title>corespan: who asked for whom</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>corespan</h1>
<p>who asked for whom &middot; ${escapeHtml(view.source)} &middot; version ${escapeHtml(view.version)}</p>
</header>
${toState(view.waitingFor)}
<table>
<thead><tr><th>client</th><th></th><th>target</th><th>lookups</th><th>failed</th><th>mean</th></tr></thead>
<tbody>
${rows.slice(0, MAX_ROWS).map(toRow).join('\n')}
</tbody>
</table>
${rows.length === 0 ? '<p class="empty">No lookup has closed yet. Ask something.</p>' : ''}
${hidden > 0 ? `<p>${hidden} more edges are in <a href="/metrics">/metrics</a>.</p>` : ''}
${(view.notes ?? []).map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
${toDenials(view.denials ?? [])}
<h2>Every line is accounted for</h2>
<table class="ledger"><tbody>
${view.ledger.map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${toCount(value)}</td></tr>`).join('\n')}
</tbody></table>
<p><a href="/metrics">/metrics</a> &middot; <a href="/readyz">/readyz</a> &middot; <a href="/healthz">/healthz</a></p>
</body>
</html>
`;
}

/** Names come out of logs and annotations. */
function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function toRow({ client, server, lookups, failed, mean }: EdgeView): string {
  const share = lookups === 0 ? 0 : failed / lookups;
  return `<tr${failed > 0 ? ' class="bad"' : ''}><td>${escapeHtml(client)}</td><td>&rarr;</td><td>${escapeHtml(server)}</td><td>${toCount(lookups)}</td><td>${failed === 0 ? '' : `${toCount(failed)} (${(share * 100).toFixed(0)} %)`}</td><td>${escapeHtml(mean)}</td></tr>`;
}

function toDenials(denials: readonly DenialView[]): string {
  const rows = [...denials].sort((a, b) => b.lookups - a.lookups).slice(0, MAX_ROWS);
  const [first] = rows;
  if (first === undefined) return '';
  return `<h2>Whose lookups were denied</h2>
<table class="denials">
<thead><tr><th>client</th><th>denied</th>${first.kinds.map(([kind]) => `<th>${escapeHtml(kind)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(toDenial).join('\n')}
</tbody>
</table>`;
}

function toDenial({ client, lookups, kinds }: DenialView): string {
  const cells = kinds.map(([, count]) => `<td>${count === 0 ? '' : toCount(count)}</td>`).join('');
  return `<tr><td>${escapeHtml(client)}</td><td>${toCount(lookups)}</td>${cells}</tr>`;
}

function toState(waitingFor: readonly string[]): string {
  if (waitingFor.length === 0) return '';
  return `<p class="waiting">Waiting for: ${waitingFor.map(escapeHtml).join('; ')}</p>`;
}

function toCount(value: number): string {
  return value.toLocaleString('en');
}

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --bad: #c33; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { margin: 0; } h2 { margin-top: 2.5rem; font-size: 1.1rem; }
header p { margin: .2rem 0 1.5rem; opacity: .7; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th:nth-child(n+4), td:nth-child(n+4) { text-align: right; white-space: nowrap; }
.denials th:nth-child(n+2), .denials td:nth-child(n+2) { text-align: right; }
.ledger { width: auto; } .ledger td:last-child { text-align: right; }
.bad td { color: var(--bad); } .waiting { color: var(--bad); } .empty { opacity: .7; }
`;
