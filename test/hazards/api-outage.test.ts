/** The API server goes away while corespan runs (26): the old state stays in use, and its age is told. */
import { expect, test } from 'vitest';
import { isFollowing, pauseAfter, startApi, toPod, until, type Watching, watch } from '../kube/harness.ts';

const DOWN = { kind: 'reset' } as const;

test('the age grows through the outage, and what happened meanwhile is told after it', async () => {
  const api = await startApi();
  api.put('pods', toPod('web'));
  api.put('pods', toPod('db'));
  const watching = watch(api, { random: 0.5 });
  const age = () => ageOf(watching);
  const synced = () => watching.self.registry.samples('corespan_watch_synced')[0]?.value;
  await until(() => watching.told.length === 1 && api.streams('pods') === 1, 'the complete state');
  expect([age(), synced(), watching.reflector.phase]).toEqual([0, 1, 'synced']);

  api.fail('pods', ...Array.from({ length: 12 }, () => DOWN));
  api.reset('pods');
  let away = 0;
  for (let calls = 1; calls <= 13; calls++) {
    const pause = await pauseAfter(watching, calls);
    expect([age(), synced(), watching.reflector.phase]).toEqual([away / 1000, 1, 'stale']);
    if (calls === 1) api.remove('pods', 'shop/db');
    if (calls === 2) api.put('pods', toPod('late'));
    watching.clock.advance(pause);
    away += pause;
  }
  expect(away).toBeGreaterThan(100_000);

  await until(() => watching.told.length === 3, 'what happened meanwhile');
  expect(watching.told).toEqual(['replace web,db', 'delete db', 'put late']);
  expect([age(), synced(), watching.reflector.phase]).toEqual([0, 1, 'synced']);
});

test('if the server has forgotten what happened meanwhile, the state after it is told as a whole', async () => {
  const api = await startApi();
  api.put('pods', toPod('web'));
  api.put('pods', toPod('db'));
  const watching = watch(api);
  await isFollowing(watching);
  api.fail('pods', DOWN, DOWN);
  api.reset('pods');
  api.remove('pods', 'shop/db');
  api.put('pods', toPod('late'));
  api.compact();
  await until(() => watching.told.length === 2, 'the new state');
  expect(watching.told).toEqual(['replace web,db', 'replace web,late']);
});

test('a connection that dies without a word is found out, and bookmarks keep a live one', async () => {
  const api = await startApi();
  const watching = watch(api);
  await isFollowing(watching);
  for (let minute = 1; minute <= 5; minute++) {
    watching.clock.advance(60_000);
    expect(ageOf(watching)).toBe(60);
    api.bookmark('pods');
    await until(() => ageOf(watching) === 0, `bookmark ${minute}`);
  }
  expect(api.calls).toHaveLength(1);
  watching.clock.advance(89_999);
  expect(api.streams('pods')).toBe(1);
  watching.clock.advance(1);
  await until(() => api.calls.length === 2, 'a new call');
  expect(api.calls[1]?.kind).toBe('watch');
});

function ageOf({ self }: Watching): number | undefined {
  return self.registry.samples('corespan_watch_age_seconds')[0]?.value;
}
