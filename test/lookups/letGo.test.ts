/** What a closed lookup leads to: neither its queries nor its neighbours, so that nothing young lives on by it. */
import { expect, test } from 'vitest';
import { createClients } from '../../src/lookups/clients.ts';
import { createLookup, letGo } from '../../src/lookups/openLookup.ts';
import { createSettling } from '../../src/lookups/settle.ts';
import type { OpenLookup } from '../../src/lookups/state.ts';
import { NOWHERE, toQuery, WEB } from '../support/queries.ts';

function openThree(): { readonly close: (lookup: OpenLookup) => void; readonly lookups: OpenLookup[] } {
  const clients = createClients();
  const settling = createSettling();
  const lookups = [0, 1, 2].map((at) => {
    const query = toQuery({ at, name: 'api.pay.svc.cluster.local' });
    const lookup = createLookup(clients.stateOf(query.client, WEB), settling.hold(query, WEB, NOWHERE));
    clients.open(lookup);
    return lookup;
  });
  return { close: clients.close, lookups };
}

/** What one look from `lookup` finds: queries, and neighbours. */
function leadsTo({ steps, olderOfStem, newerOfStem, olderOfClient, newerOfClient }: OpenLookup): unknown[] {
  return [...steps, olderOfStem, newerOfStem, olderOfClient, newerOfClient].filter(
    (found) => found !== undefined,
  );
}

test('a lookup that was let go leads nowhere, and its neighbours find each other', () => {
  const { close, lookups } = openThree();
  const [oldest, middle, newest] = lookups;
  if (oldest === undefined || middle === undefined || newest === undefined) throw new Error('three lookups');
  const [step] = middle.steps;
  for (const found of [step, oldest, newest]) expect(leadsTo(middle)).toContain(found);
  close(middle);
  // Its record is still to be made of them.
  expect(leadsTo(middle)).toEqual([step]);
  letGo(middle);
  expect(middle.steps).toEqual([]);
  expect(leadsTo(middle)).toEqual([]);
  expect([oldest.newerOfClient, oldest.newerOfStem, newest.olderOfClient, newest.olderOfStem]).toEqual([
    newest,
    newest,
    oldest,
    oldest,
  ]);
});
