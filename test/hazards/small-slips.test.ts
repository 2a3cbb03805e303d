/** Somebody types nearly the right thing: one sentence, and it is the one that helps. */
import { expect, it } from 'vitest';
import { replay } from '../../src/commands/replay.ts';
import { createTestWorld } from '../support/world.ts';

it.each([
  {
    case: 'a misspelt option does not make a path of its value',
    args: ['--cluser', 'none'],
    told: 'corespan: --cluser: no such option, did you mean --cluster?\n',
  },
  {
    case: 'a misspelt flag has no value: what follows is a path',
    args: ['--jsn', '/no/such/path'],
    told: 'corespan: --jsn: no such option, did you mean --json?\ncorespan: /no/such/path: there is no such file or folder\n',
  },
  {
    case: 'nothing for the cluster',
    args: ['--cluster', ''],
    told: 'corespan: --cluster: got "", wants auto, none or a recording that exists\n',
  },
  {
    case: 'an end before the beginning',
    args: ['--from', '2026-11-21T13:00:00Z', '--to', '2026-11-21T12:00:00Z'],
    told: 'corespan: --from: got 2026-11-21T13:00:00.000Z, wants a time before --to 2026-11-21T12:00:00.000Z\n',
  },
])('$case', async ({ args, told }) => {
  const world = createTestWorld(['-', ...args]);
  expect([await replay.run(world), world.stderr()]).toEqual([2, told]);
});
