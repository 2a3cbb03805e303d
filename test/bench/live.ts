/**
 * The share of corespan in what DNS costs: beside a real CoreDNS with the `kubernetes` and `log` plugins.
 *
 *     npm run bench:live [-- --rates 1000,10000,most --seconds 30 --rounds 5 --write]
 *
 * Needs the real stack (test/realstack/README.md) and dnsperf, and root. All on one machine: the shares count, not the
 * rates, and a query that CoreDNS answers from a cold cache of the processor is dearer than in a cluster's.
 */
import { findMissing, toAdvice } from '../realstack/missing.ts';
import { CLUSTER_NEEDS } from '../realstack/realStack.ts';
import { toRunFolder } from '../realstack/runs.ts';
import { type GoalName, toShortText, toVerdicts } from './goals.ts';
import { createLiveStage, type Measured } from './liveRuns.ts';
import { readOptions, refuse } from './options.ts';
import { middleOf, toTable, writeSection } from './report.ts';

const values = readOptions({ rates: '1000,10000,most', seconds: 30, rounds: 5 });
/** Before the first round: code is compiled and tables are filled, as they are where a process runs for days. */
const WARM_UP = { rate: undefined, seconds: 20 };
const GOALS: Readonly<Record<string, GoalName>> = {
  '1000': 'share1k',
  '10000': 'share10k',
  most: 'shareMost',
};

const rates = values.rates.split(',');
for (const rate of rates)
  if (rate !== 'most' && !(Number(rate) > 0)) refuse(`--rates ${rate}: queries a second, or most`);

const missing = findMissing({ ...CLUSTER_NEEDS, packages: [...CLUSTER_NEEDS.packages, 'dnsperf'] });
if (missing.length > 0) refuse(`missing: ${missing.join(', ')}; ${toAdvice(missing)}`);
const stage = await createLiveStage(toRunFolder('bench'));
try {
  const measured = new Map<string, Measured[]>(rates.map((rate) => [rate, []]));
  await stage.run(WARM_UP);
  for (let round = 0; round < values.rounds; round++) {
    for (const rate of rates) {
      const one = await stage.run({ rate: toRate(rate), seconds: values.seconds });
      measured.get(rate)?.push(one);
      process.stdout.write(`${rate}: ${JSON.stringify(one)}\n`);
    }
  }
  const problems = await stage.finish();
  const report = toReport(measured, problems);
  process.stdout.write(`${report}\n`);
  if (values.write) writeSection('live', `npm run bench:live -- ${process.argv.slice(2).join(' ')}`, report);
} finally {
  await stage.stop();
}

function toRate(text: string): number | undefined {
  return text === 'most' ? undefined : Number(text);
}

function toReport(measured: ReadonlyMap<string, readonly Measured[]>, problems: readonly string[]): string {
  const shares = [...measured].map(([rate, rounds]) => [GOALS[rate], middleOf(rounds.map(toShare))] as const);
  const verdicts = toVerdicts(Object.fromEntries(shares.filter(([goal]) => goal !== undefined)));
  const rows = [...measured].map(([rate, rounds]) => {
    const of = (read: (one: Measured) => number): string => toShortText(middleOf(rounds.map(read)));
    return [
      rate === 'most' ? 'all it can' : `${rate} q/s`,
      of(({ queries, elapsed }) => queries / elapsed),
      `${of(toShare)} %`,
      `${of(({ corespan, writer, coredns }) => ((corespan + writer) / coredns) * 100)} %`,
      ...[of((one) => one.coredns), of((one) => one.writer), of((one) => one.corespan)],
      ...[of(({ rss }) => rss.coredns / 1e6), of(({ rss }) => rss.corespan / 1e6)],
      ...[of(({ unread }) => unread / 1e6), of(({ lag }) => lag)],
    ];
  });
  const head = [
    'load',
    'queries/s',
    'corespan ÷ CoreDNS',
    'with the log writer',
    'CoreDNS, µs a query',
    'log writer, µs',
    'corespan, µs',
  ];
  const more = ['RSS of CoreDNS, MB', 'of corespan', 'most unread, MB', 'most lag, s'];
  const lost = problems.length === 0 ? 'Nothing was lost.' : `Lost or unexplained: ${problems.join('; ')}.`;
  return `${verdicts}\n\n${toTable([[...head, ...more], ...rows])}\n\n${lost}`;
}

function toShare({ corespan, coredns }: Measured): number {
  return (corespan / coredns) * 100;
}
