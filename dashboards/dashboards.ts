/** The dashboards and their files: what is committed is what this makes. */
import { graph } from './boards/graph.ts';
import { health } from './boards/health.ts';
import { searchPath } from './boards/searchPath.ts';
import { workload } from './boards/workload.ts';
import { toDashboard } from './build/grafana.ts';
import type { Board } from './build/panels.ts';

export const BOARDS: readonly Board[] = [graph, workload, searchPath, health];

/** Path → classic JSON of every dashboard. */
export function toDashboardFiles(): Map<string, string> {
  return new Map(
    BOARDS.map((board) => [
      `dashboards/grafana/${board.uid}.json`,
      `${JSON.stringify(toDashboard(board), undefined, 2)}\n`,
    ]),
  );
}
