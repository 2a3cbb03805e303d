/** The programs that look names up in a pod: glibc and musl through getaddrinfo, c-ares through Node, and dig. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { RealCluster } from './cluster.ts';
import { run } from './commands.ts';
import { CACHE_FOLDER } from './programs.ts';
import type { Sandbox } from './sandbox.ts';

export const RESOLVERS = ['glibc', 'musl', 'c-ares', 'dig'] as const;
export type Resolver = (typeof RESOLVERS)[number];

export interface Asking {
  /** As a program would give it: `api.pay`, or `www.example.org.` with its dot. */
  readonly name: string;
  /** `A+AAAA` only by glibc and musl, others than A and AAAA only by c-ares and dig. */
  readonly type: string;
  /** Only dig can choose. */
  readonly transport?: 'tcp';
}

/** What the program itself saw; milliseconds since the epoch. */
export interface Asked {
  readonly asking: Asking;
  readonly start: number;
  readonly end: number;
  /** Of NODATA programs make a denial; CoreDNS's log shows it as a success (see `trafficMatrix.ts`). */
  readonly outcome: 'success' | 'denial' | 'error' | 'no answer';
  /** The first address, from programs that tell it. */
  readonly address?: string;
}

export interface ResolverPrograms {
  /** Looks all of them up in the place, so many at once; the answers are in the order of the questions. */
  ask(place: AskingPlace, askings: readonly Asking[], atOnce?: number): Promise<Asked[]>;
}

export interface AskingPlace {
  readonly sandbox: Sandbox;
  readonly resolver: Resolver;
  /** Where dig asks instead of /etc/resolv.conf. */
  readonly server?: string;
}

const SOURCES = join(import.meta.dirname, 'resolvers');
/** Longer than any resolver goes on: glibc gives up after two tries of five seconds for each name. */
const TIMEOUT = 120_000;

/** Compiles what has to be compiled; a fraction of a second, and nothing the next time. */
export async function prepareResolvers(cluster: Pick<RealCluster, 'attemptIn'>): Promise<ResolverPrograms> {
  const [glibc, musl] = await Promise.all([
    compile('glibc', ['gcc', '-pthread']),
    compile('musl', ['musl-gcc', '-static', '-pthread']),
  ]);
  const programs = { glibc: [glibc], musl: [musl], 'c-ares': [process.execPath, join(SOURCES, 'cares.ts')] };

  async function askByProgram(
    sandbox: Sandbox,
    program: readonly string[],
    { askings, atOnce }: { readonly askings: readonly Asking[]; readonly atOnce: number },
  ): Promise<Asked[]> {
    const input = askings.map(({ name, type }) => `${type} ${name}\n`).join('');
    const argv = [...program, String(atOnce)];
    const { code, stdout, stderr } = await cluster.attemptIn(sandbox, argv, { input, timeout: TIMEOUT });
    const answers = stdout.trim().split('\n');
    if (code !== 0 || answers.length !== askings.length) {
      throw new Error(
        `${argv.join(' ')} gave ${answers.length} of ${askings.length} answers: ${code} ${stderr}`,
      );
    }
    const numbers = answers.map((line) => Number.parseInt(line, 10));
    return askings.map((asking, number) => toAsked(asking, answers[numbers.indexOf(number)] ?? ''));
  }

  async function dig({ sandbox, server }: AskingPlace, asking: Asking): Promise<Asked> {
    const argv = [
      ...['dig', '+tries=1', '+timeout=15', '+noall', '+comments'],
      ...(server === undefined ? [] : [`@${server}`]),
      ...(asking.transport === 'tcp' ? ['+tcp'] : []),
      ...(asking.type === 'PTR' ? ['-x', asking.name] : [asking.name, asking.type]),
    ];
    const start = Date.now();
    const { stdout } = await cluster.attemptIn(sandbox, argv, { timeout: TIMEOUT });
    const [, status] = /status: (\w+)/.exec(stdout) ?? [];
    return { asking, start, end: Date.now() + 1, outcome: toOutcome(status) };
  }

  return {
    async ask(place, askings, atOnce = 1) {
      const { resolver, sandbox } = place;
      if (resolver !== 'dig') return await askByProgram(sandbox, programs[resolver], { askings, atOnce });
      const asked: Asked[] = [];
      const questions = askings.entries();
      async function work(): Promise<void> {
        for (const [number, asking] of questions) asked[number] = await dig(place, asking);
      }
      await Promise.all(Array.from({ length: atOnce }, work));
      return asked;
    },
  };
}

async function compile(libc: string, compiler: readonly string[]): Promise<string> {
  const source = join(SOURCES, 'lookup.c');
  const folder = join(CACHE_FOLDER, 'resolvers');
  const key = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 12);
  const program = join(folder, `lookup-${libc}-${key}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  await run([...compiler, '-O1', '-Wall', '-Werror', '-o', unfinished, source]);
  renameSync(unfinished, program);
  return program;
}

function toAsked(asking: Asking, answer: string): Asked {
  const [, start = '', end = '', outcome = '', address = '-'] = answer.split(' ');
  if (outcome === 'broken' || end === '') throw new Error(`${asking.name} could not be asked: ${answer}`);
  return {
    asking,
    start: Number(start) / 1000,
    end: Number(end) / 1000,
    outcome: outcome === 'no-answer' ? 'no answer' : (outcome as Asked['outcome']),
    ...(address !== '-' && { address }),
  };
}

function toOutcome(status: string | undefined): Asked['outcome'] {
  switch (status) {
    case undefined:
      return 'no answer';
    case 'NOERROR':
      return 'success';
    case 'NXDOMAIN':
      return 'denial';
    default:
      return 'error';
  }
}
