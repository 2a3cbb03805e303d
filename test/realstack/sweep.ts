/** Before the checks: what killed runs left behind goes, and so do the files of runs that are over. */
import { findMissing } from './missing.ts';
import { sweepDeadRuns, sweepRunFolders } from './runs.ts';

export async function setup(): Promise<void> {
  if (findMissing({ programs: [], packages: ['iproute2'] }).length > 0) return;
  const dead = await sweepDeadRuns();
  sweepRunFolders();
  if (dead.length > 0) process.stderr.write(`realstack: removed the leftovers of ${dead.length} dead runs\n`);
}
