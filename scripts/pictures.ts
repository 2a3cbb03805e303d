/**
 * `npm run pictures`: draws the service graph and the panels of a workload for the README, from what a real Prometheus
 * answers to the queries of the dashboards while corespan plays its recorded cluster. No Grafana has a part in it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { graph } from '../dashboards/boards/graph.ts';
import { workload } from '../dashboards/boards/workload.ts';
import type { Board, Panel } from '../dashboards/build/panels.ts';
import { substitute } from '../test/support/dashboards.ts';
import type { Chart } from './pictures/charts.ts';
import { drawGraph, type EdgeRow } from './pictures/graph.ts';
import { type Stage, setStage } from './pictures/stage.ts';
import { drawWorkload } from './pictures/workload.ts';

const FOLDER = 'docs/pictures';
/** Seconds of traffic: the recorded cluster is played once, and its beginning again. */
const SECONDS = 150;
/** What somebody at the screen would have chosen; of a workload besides, which one. */
const CHOICES = {
  __rate_interval: '30s',
  __range: `${SECONDS - 20}s`,
  job: '.+',
  instance: '.+',
  namespace: '.*',
  client: '.*',
  server_namespace: '.*',
  server: '.*',
};
const WORKLOAD = { ...CHOICES, namespace: ['pay'], workload: ['payments'] };
const PANELS = [
  'Lookups by outcome',
  'Queries by response code',
  'Time of lookups, quantiles',
  'Queries by type',
];

process.stderr.write(`pictures  playing the recorded cluster for ${SECONDS} s\n`);
const stage = await setStage(SECONDS);
try {
  mkdirSync(FOLDER, { recursive: true });
  save('graph', drawGraph(await readEdges(stage), 'Who asks for whom'));
  save('workload', drawWorkload(await readCharts(stage), 'Workload pay/payments'));
} finally {
  await stage.stop();
}

async function readEdges({ query }: Stage): Promise<EdgeRow[]> {
  const { expr } = targetOf(graph, 'Who asks for whom, from Prometheus alone');
  const rows = await query(substitute(expr, CHOICES));
  if (rows.length === 0) throw new Error('the recorded cluster shows nobody who asks');
  return rows.map(({ metric }) => ({
    source: metric['source'] ?? '',
    target: metric['target'] ?? '',
    mainstat: metric['mainstat'] ?? '',
    secondarystat: metric['secondarystat'] ?? '',
    color: metric['color'] ?? '',
  }));
}

async function readCharts({ lines }: Stage): Promise<Chart[]> {
  const charts: Chart[] = [];
  for (const title of PANELS) {
    const panel = panelOf(workload, title);
    const targets = panel.targets.filter((target) => target.kind === 'prometheus');
    const found = await Promise.all(
      targets.map(({ expr, legend = '' }) =>
        lines(substitute(expr, WORKLOAD), { seconds: SECONDS - 40, legend }),
      ),
    );
    const drawn = found.flat().filter(({ points }) => points.some(([, value]) => value > 0));
    if (drawn.length === 0) throw new Error(`the recorded cluster shows nothing in the panel ${title}`);
    charts.push({
      title,
      unit: panel.unit === 's' ? 's' : 'reqps',
      isStacked: panel.isStacked ?? false,
      lines: drawn,
    });
  }
  return charts;
}

function panelOf(board: Board, title: string): Panel {
  const panel = board.rows.flatMap(({ panels }) => panels).find((panel) => panel.title === title);
  if (panel === undefined) throw new Error(`${board.uid} has no panel ${title}`);
  return panel;
}

function targetOf(board: Board, title: string): { readonly expr: string } {
  const [target] = panelOf(board, title).targets;
  if (target?.kind !== 'prometheus') throw new Error(`${title} asks no Prometheus`);
  return target;
}

function save(name: string, svg: string): void {
  const path = join(FOLDER, `${name}.svg`);
  writeFileSync(path, svg);
  process.stderr.write(`pictures  ${path}\n`);
}
