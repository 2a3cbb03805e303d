/** `npm run realstack:clean`: removes what runs left behind whose process is gone; living runs are left alone. */
import { sweepDeadRuns, sweepRunFolders } from './runs.ts';

const dead = await sweepDeadRuns();
const folders = sweepRunFolders();
process.stderr.write(
  `realstack:clean  ended ${dead.length} dead runs, removed ${folders.length} run folders\n`,
);
