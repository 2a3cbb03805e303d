/** Whoever may annotate a pod names it: on a terminal such a name is one cell of a table, and nothing else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replay } from '../../src/commands/replay.ts';
import { shorten, toPrintable } from '../../src/text/printable.ts';
import { createTestWorld } from '../support/world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corespan-names-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const ADDRESS = '10.244.1.7';
const LOG = ['NOERROR', 'NXDOMAIN']
  .map(
    (rcode, at) =>
      `[INFO] ${ADDRESS}:4000 - ${at} "A IN n${at}.example.org. udp 40 false 512" ${rcode} qr,rd,ra 60 0.001s\n`,
  )
  .join('');

function toPod(name: string): unknown {
  return {
    kind: 'Pod',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: '1',
      creationTimestamp: '2025-11-21T11:00:00Z',
      annotations: { 'resource.opentelemetry.io/service.name': name },
    },
    status: { phase: 'Running', podIP: ADDRESS, podIPs: [{ ip: ADDRESS }] },
  };
}

/** The tables of a replay whose client has that name. */
async function toTables(name: string): Promise<string> {
  const recording = join(folder, 'cluster.json');
  writeFileSync(recording, JSON.stringify({ kind: 'List', items: [toPod(name)] }));
  const world = createTestWorld(['-', '--cluster', recording]);
  world.stdin.end(LOG);
  expect(await replay.run(world)).toBe(0);
  return world.stdout();
}

describe('in the tables', () => {
  it('a name forges no row and moves no cursor', async () => {
    const text = await toTables('x\npay/payments  bank.example  99999\n\u001b]0;owned\u0007\u001b[2J\u202e');
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(
      text.match(/^shop\/x\?pay\/payments {2}bank\.example {2}99999\?\?\]0;owned\?\?\[2J\? /gm),
    ).toHaveLength(2);
    expect(text).not.toMatch(/^pay/m);
  });

  it('a long name keeps its two ends', async () => {
    const text = await toTables(`begin${'x'.repeat(200)}end`);
    const longest = Math.max(
      ...text
        .split('\n\n')
        .slice(1)
        .join('\n')
        .split('\n')
        .map((line) => line.length),
    );
    expect(text.match(/^shop\/beginx+…x+end /gm)).toHaveLength(2);
    expect(longest).toBeLessThan(120);
  });

  it('an ordinary one stays as it is (twin)', async () => {
    const text = await toTables('größe-☂');
    expect(text.match(/^shop\/größe-☂ /gm)).toHaveLength(2);
  });
});

it('in a sentence about a recording that is none', async () => {
  const recording = join(folder, 'cluster.json');
  writeFileSync(recording, '{"kind": \u001b[2J\ncorespan: all is well');
  const world = createTestWorld(['-', '--cluster', recording]);
  expect(await replay.run(world)).toBe(2);
  expect(world.stderr()).toContain('is not JSON');
  expect(world.stderr()).not.toMatch(/(?!\n)\p{Cc}|^corespan: all/mu);
});

describe('a text', () => {
  it.each([
    ['abcdefghij', 10, 'abcdefghij'],
    ['abcdefghijk', 10, 'abcde…hijk'],
    ['abcdefghijk', 9, 'abcd…hijk'],
    ['☂🌂☂🌂☂🌂', 5, '☂🌂…☂🌂'],
  ])('%s of at most %i characters is %s', (text, length, expected) => {
    expect(shorten(text, length)).toBe(expected);
  });

  it('has no character that moves the cursor, begins a line or turns the direction', () => {
    const moving = [
      '\n',
      '\r',
      '\t',
      '\u001b',
      '\u007f',
      '\u009b',
      '\u2028',
      '\u2029',
      '\u202e',
      '\u2066',
      '\ud800',
    ];
    expect(moving.map(toPrintable)).toEqual(moving.map(() => '?'));
    expect(toPrintable('aé☂🌂')).toBe('aé☂🌂');
  });
});
