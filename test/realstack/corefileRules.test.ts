/** What our reading of a Corefile says, held against CoreDNS itself: whether it starts, and whether it writes every query. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseCorefile } from '../../src/install/corefile/blocks.ts';
import { findFaults } from '../../src/install/corefile/faults.ts';
import { findLogGaps } from '../../src/install/corefile/queryLog.ts';
import { attempt } from './commands.ts';
import { toBinary } from './programs.ts';
import { describeRealStack } from './realStack.ts';
import { until } from './until.ts';

const NEEDS = { programs: ['coredns', 'coredns-prev'], packages: ['bind9-dnsutils'] } as const;
const PROGRAMS = ['coredns', 'coredns-prev'] as const;

/** An address of the loopback that no other process of these checks has. */
const ADDRESS = `127.53.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;
const PORT = 5300;
const NAMES = ['yes.example.org', 'no.example.org', 'yes.example.com', 'no.example.com'];

/** Every `yes` has an answer, every `no` is an NXDOMAIN; the last block tells when all before has been written. */
const toCorefile = (log: string): string => `.:${PORT} {
  bind ${ADDRESS}
  ${log}
  template IN A yes.example.org yes.example.com {
    answer "{{ .Name }} 60 IN A 192.0.2.1"
  }
  template IN A no.example.org no.example.com {
    rcode NXDOMAIN
  }
}
last.test:${PORT} {
  bind ${ADDRESS}
  log
  whoami
}
`;

describeRealStack('what is said about a Corefile', NEEDS, () => {
  const folder = mkdtempSync(join(tmpdir(), 'corespan-corefile-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function start(
    program: (typeof PROGRAMS)[number],
    corefile: string,
  ): { child: ChildProcess; said(): string } {
    const path = join(folder, 'Corefile');
    writeFileSync(path, corefile);
    const child = spawn(toBinary(program, 'coredns'), ['-conf', path], { stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    return { child, said: () => text };
  }

  /** The names of which CoreDNS wrote a line. */
  async function findWritten(program: (typeof PROGRAMS)[number], corefile: string): Promise<string[]> {
    const { child, said } = start(program, corefile);
    const ended = once(child, 'exit');
    try {
      await until('CoreDNS to serve', () => said().includes('CoreDNS-') || undefined);
      for (const name of [...NAMES, 'a.last.test']) {
        const { code } = await attempt(['dig', `@${ADDRESS}`, '-p', String(PORT), '+tries=3', name, 'A']);
        expect(code).toBe(0);
      }
      await until('the last line', () => said().includes('a.last.test.') || undefined);
      return NAMES.filter((name) => said().includes(` ${name}. `));
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  }

  test.each([
    ['log', NAMES],
    ['log .', NAMES],
    ['log . {\n class all\n }', NAMES],
    ['log . {\n class success denial error\n }', NAMES],
    ['log . {\n class denial error\n }\n log', ['no.example.org', 'no.example.com']],
    ['log\n log . {\n class denial error\n }', NAMES],
    [
      'log example.org {\n class denial error\n }\n log',
      ['no.example.org', 'yes.example.com', 'no.example.com'],
    ],
    ['log example.org', ['yes.example.org', 'no.example.org']],
    ['log example.org example.com', NAMES],
    ['log "{remote} {name} {rcode}"', []],
    ['log . "{remote}  {name} {rcode}"', NAMES],
    ['errors', []],
  ] as const)('%j', async (log, written) => {
    const corefile = toCorefile(log);
    expect(findFaults(parseCorefile(corefile))).toEqual([]);
    for (const program of PROGRAMS) expect(await findWritten(program, corefile)).toEqual(written);
    // We know no names: two zones of `log` are not everything, though they are here.
    const isEverything = written.length === NAMES.length && !log.includes('example.com');
    expect(findLogGaps(parseCorefile(corefile)).length === 0).toBe(isEverything);
  });

  test.each([
    ['a class that is none', toCorefile('log . {\n class al\n }'), 'plugin/log: invalid Class: al'],
    [
      'no class',
      toCorefile('log . {\n class\n }'),
      "plugin/log: Corefile:4 - Error during parsing: Wrong argument count or unexpected line ending after 'class'",
    ],
    [
      'an option that is none',
      toCorefile('log . {\n only error\n }'),
      {
        coredns: "plugin/log: Corefile:4 - Error during parsing: unknown property 'only'",
        'coredns-prev':
          "plugin/log: Corefile:4 - Error during parsing: Wrong argument count or unexpected line ending after 'only'",
      },
    ],
    [
      'a snippet before its definition',
      `${toCorefile('import late')}(late) {\n log\n}\n`,
      'Corefile:3 - Error during parsing: File to import not found: late',
    ],
    [
      'a zone twice',
      toCorefile('log').replace('last.test:', 'dns://.:'),
      `cannot serve dns://.:${PORT} on ${ADDRESS} - it is already defined`,
    ],
  ])('does not start: %s', async (_name, corefile, why) => {
    expect(findFaults(parseCorefile(corefile))).toHaveLength(1);
    for (const program of PROGRAMS) {
      const { child, said } = start(program, corefile);
      const closed = once(child, 'close');
      try {
        await until('CoreDNS to refuse', () => child.exitCode ?? undefined);
        await closed;
        const lastLine = said().trimEnd().split('\n').at(-1)?.replace(`${folder}/`, '');
        expect([program, child.exitCode, lastLine]).toEqual([
          program,
          1,
          typeof why === 'string' ? why : why[program],
        ]);
      } finally {
        child.kill('SIGKILL');
      }
    }
  });
});
