/**
 * What a line costs as things grow a hundredfold: much the same, if nothing is searched through.
 *
 *     npm run bench:growth [-- --lines 100000 --rounds 7 --write]
 */
import { type GoalName, toVerdicts } from './goals.ts';
import { GROWTHS, type Growth, measureGrowth } from './growthRuns.ts';
import { readOptions } from './options.ts';
import { writeSection } from './report.ts';

const values = readOptions({ lines: 100_000, rounds: 7 });
const measured: Partial<Record<GoalName, number>> = {};
for (const growth of Object.keys(GROWTHS) as Growth[]) {
  const { says, goal } = GROWTHS[growth];
  const ratio = await measureGrowth(growth, values);
  process.stdout.write(`100 times as many ${says}: ${ratio.toFixed(2)} ×\n`);
  measured[goal] = ratio;
}
const report = toVerdicts(measured);
process.stdout.write(`${report}\n`);
if (values.write) {
  writeSection('growth', `npm run bench:growth -- ${process.argv.slice(2).join(' ')}`, report);
}
