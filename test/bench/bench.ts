/**
 * How much CPU a line costs, and how that compares with others who read the same file.
 *
 *     npm run bench [-- --lines 500000 --rounds 7 --seed 1 --corpora mixed,json --rivals c,mtail --write]
 *     npm run bench -- --log PATH          a log of yours instead, or a folder of logs; ours alone
 *
 * Correctness first: whoever counts otherwise than the plain parser is not timed. All take turns in each round, each
 * in a process of its own, and ratios are taken within the round, so that a noisy machine disturbs all alike; CPU
 * time counts, not the clock on the wall. `--write` puts the result into docs/benchmarks.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCommand } from '../realstack/packages.ts';
import { bundlePass } from './bundledPass.ts';
import { CONTENDERS, type ContenderName } from './contenders.ts';
import { CORPORA, type CorpusName, writeCorpus } from './corpora.ts';
import { toVerdicts } from './goals.ts';
import { toGoals, toSection } from './lineGoals.ts';
import { readNames, readOptions, refuse } from './options.ts';
import type { Passes } from './pass.ts';
import { type Measured, middleOf, toReport, writeSection } from './report.ts';
import { prepareRivals, RIVALS, type RivalName, runRival } from './rivals.ts';
import { SHIPPED_FLAGS } from './stage/sidecar.ts';
import { findDifferences, type Tally } from './tally.ts';

const values = readOptions({
  lines: 500_000,
  rounds: 7,
  seed: 1,
  corpora: 'mixed',
  rivals: Object.keys(RIVALS).join(','),
  log: '',
});
if (values.log !== '' && values.write) refuse('--write: the page is about logs that anybody can make anew');
if (values.log !== '' && !existsSync(values.log))
  refuse(`--log ${values.log}: there is no such file or folder`);
const corpora = readNames('corpora', values.corpora, Object.keys(CORPORA) as CorpusName[]);
const wantedRivals = readNames('rivals', values.rivals, Object.keys(RIVALS) as RivalName[]);
const { lines, rounds, seed } = values;
const PASSES = 4;
/** As the image starts Node; the last one is what `main.ts` sets, which a pass does not begin with. */
const NODE = ['--expose-gc', ...SHIPPED_FLAGS, '--no-allocation-site-pretenuring'];

/** By corpus, then by who was measured. */
const all = new Map<CorpusName, ReadonlyMap<string, Measured>>();
const folder = mkdtempSync(join(tmpdir(), 'corespan-bench-'));
try {
  prepareRivals(folder);
  const program = await bundlePass(folder);
  if (values.log === '') measureCorpora(program);
  else measureLog({ title: values.log, log: values.log, rivals: [] }, program);
} finally {
  rmSync(folder, { recursive: true });
}

function measureCorpora(program: string): void {
  const reports = corpora.map((name) => {
    const log = join(folder, `${name}.log`);
    const bytes = writeCorpus(name, log, { lines, seed });
    const { says } = CORPORA[name];
    say(`${name}: ${says}; ${lines} lines, ${(bytes / lines).toFixed(0)} bytes a line, seed ${seed}`);
    const { measured, report } = measureLog({ title: says, log, rivals: rivalsFor(name) }, program);
    all.set(name, measured);
    rmSync(log);
    return report;
  });
  const verdicts = toVerdicts(toGoals(all, lines));
  say(verdicts);
  if (!values.write) return;
  const command = `npm run bench -- ${process.argv.slice(2).join(' ')}`;
  writeSection(toSection(lines), command, [verdicts, ...reports].join('\n\n'));
}

interface Subject {
  readonly title: string;
  /** Path of a file or a folder. */
  readonly log: string;
  readonly rivals: readonly RivalName[];
}

/** Takes turns over one log, and prints the table. */
function measureLog(
  { title, log, rivals }: Subject,
  program: string,
): { readonly measured: ReadonlyMap<string, Measured>; readonly report: string } {
  const clients = join(folder, 'clients.json');
  const addresses = findClients(log);
  if (addresses.length === 0) refuse(`--log ${log}: there is no query in it`);
  writeFileSync(clients, JSON.stringify(addresses));
  const measured = new Map<string, Measured>();
  let expected: Tally | undefined;
  for (let round = 0; round < rounds; round++) {
    for (const contender of Object.keys(CONTENDERS) as ContenderName[]) {
      const { tally, whole, passes, memory } = runPasses([program, contender, log, clients]);
      expected ??= tally;
      check(CONTENDERS[contender].says, tally, expected);
      const [cold = 0, ...warm] = passes;
      note(measured, contender, {
        says: CONTENDERS[contender].says,
        whole,
        cold,
        steady: middleOf(warm),
        memory,
      });
    }
    for (const rival of rivals) {
      const { tally, whole, memory } = runRival(RIVALS[rival], folder, log);
      if (tally !== undefined && expected !== undefined) check(RIVALS[rival].says, tally, expected);
      note(measured, rival, { says: RIVALS[rival].says, whole, cold: undefined, steady: undefined, memory });
    }
    say(`  round ${round + 1} of ${rounds}`);
  }
  say(`  equal: ${JSON.stringify(expected)}`);
  const read = (expected?.queries ?? 0) + (expected?.notices ?? 0);
  const report = toReport({ title: `${title}, ${read} lines`, lines: read, measured });
  say(report);
  return { measured, report };
}

/** Their programs read CoreDNS's text in the runtime's wrapping, with IPv4 addresses; not the other corpora. */
function rivalsFor(name: CorpusName): RivalName[] {
  if (name !== 'mixed' && name !== 'unique') return [];
  return wantedRivals.filter((rival) => {
    const { command, package: debian } = RIVALS[rival].needs;
    const isThere = isCommand(command) && isCommand('time');
    if (!isThere) say(`  left out: ${rival} (apt-get install ${debian} time)`);
    return isThere;
  });
}

/** `argv`: the program and its arguments but the last. */
function runPasses(argv: readonly string[]): Passes {
  return JSON.parse(
    execFileSync(process.execPath, [...NODE, ...argv, String(PASSES)], {
      encoding: 'utf8',
    }),
  ) as Passes;
}

function findClients(log: string): string[] {
  const program = join(import.meta.dirname, 'clients.ts');
  return JSON.parse(execFileSync(process.execPath, [program, log], { encoding: 'utf8' })) as string[];
}

function note(
  measured: Map<string, Measured>,
  name: string,
  figures: Omit<Measured, 'rounds'> & Measured['rounds'][number],
): void {
  const { says, ...round } = figures;
  const known = measured.get(name);
  if (known === undefined) measured.set(name, { says, rounds: [round] });
  else known.rounds.push(round);
}

function check(says: string, own: Tally, expected: Tally): void {
  const differences = findDifferences(own, expected);
  if (differences.length > 0) throw new Error(`${says} counts otherwise: ${differences.join('; ')}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
