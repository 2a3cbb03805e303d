/** What the table of a replay says beside the edges: what is on none, who was denied, and why somebody has no name. */
import { expect, it } from 'vitest';
import { replay } from '../../src/commands/replay.ts';
import type { Summary } from '../../src/commands/summary.ts';
import { createTestWorld } from '../support/world.ts';

async function summarise(args: readonly string[], input = ''): Promise<string> {
  const world = createTestWorld(args);
  world.stdin.end(input);
  expect(await replay.run(world)).toBe(0);
  return world.stdout();
}

const DAY = ['test/fixtures/day/pods', '--cluster', 'test/fixtures/day/cluster'];

it('every lookup that is on no edge has its reason', async () => {
  const text = await summarise(DAY);
  expect(text).toContain('\nlookups     94 success, 7 denial, 2 error\n');
  expect(text).toContain('\nno edge     13 lookups: 7 denied, 5 asked for themselves, 1 without a target\n');
  const edges = /\n\nclient .*?\n\n/s.exec(text)?.[0].matchAll(/ {2}(\d+) (?: +\d+)? +[\d.]+ (?:s|ms|µs)\n/g);
  expect([...(edges ?? [])].reduce((sum, [, count]) => sum + Number(count), 0)).toBe(94 + 7 + 2 - 13);
});

it('whoever was denied stands there, with what the denials mean', async () => {
  const [, table] = /\n\n(client +denied.*)$/s.exec(await summarise(DAY)) ?? [];
  expect(table).toBe(`\
client            denied  was valid  in other namespace  never valid
shop/web               2          2
pay/payments-api       2                                           2
pay/pay-db             2                              2
shop/debug             1                                           1
`);
});

it('the JSON says the same as the tables', async () => {
  const { edges, graph, denials, lookups, noEdge } = JSON.parse(
    await summarise([...DAY, '--json']),
  ) as Summary;
  expect(graph).toHaveLength(edges);
  const drawn = graph.reduce((sum, edge) => sum + edge.lookups, 0);
  expect(drawn + noEdge.denied + noEdge.self + noEdge.withoutTarget).toBe(
    lookups.success + lookups.denial + lookups.error,
  );
  expect(denials[0]).toEqual({
    client: 'web',
    clientNamespace: 'shop',
    lookups: 2,
    kinds: { search: 0, was_valid: 2, other_namespace: 0, never_valid: 0 },
  });
  expect(graph.every(({ meanSeconds, failed, lookups: of }) => meanSeconds >= 0 && failed <= of)).toBe(true);
});

const LOG = `\
[INFO] 192.0.2.7:4000 - 1 "A IN example.org. udp 40 false 512" NOERROR qr,rd,ra 60 0.001s
[INFO] 127.0.0.1:4000 - 2 "A IN example.net. udp 40 false 512" NOERROR qr,rd,ra 60 0.001s
`;

it('who has no name has a reason, and without a cluster a way to get one', async () => {
  const text = await summarise(['-', '--cluster', 'none'], LOG);
  expect(text).toContain('unknown (no cluster known)   example.org        1');
  expect(text).toContain('unknown (DNS server itself)  example.net        1');
  expect(text).toContain('--cluster takes auto (the API server) or a recording');
  expect(await summarise(DAY)).toContain('\nunknown (translated address)  pay/api ');
});

it('what nothing was denied of and what has its cluster is told of neither', async () => {
  const text = await summarise(['-', '--cluster', 'test/fixtures/day/cluster'], LOG);
  expect(text).toContain('example.org');
  expect(text).not.toMatch(/no edge|denied|--cluster/);
});
