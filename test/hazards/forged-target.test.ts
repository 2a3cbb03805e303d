/** A name forges its target: bytes that are special in a URL, to a reader or to nobody, must not choose a server label. */
import { array, assert, property, string } from 'fast-check';
import { expect, it } from 'vitest';
import { toRegistrableDomain } from '../../src/peers/externalNames.ts';

it.each([
  ['evil.example/x.victim.org.', 'victim.org'],
  ['http://evil.example/x.victim.org.', 'victim.org'],
  ['a.evil.example?x.victim.org.', 'victim.org'],
  ['a.evil.example#x.victim.org.', 'victim.org'],
  ['user@evil.example:80.victim.org.', 'victim.org'],
  ['[::1].victim.org.', 'victim.org'],
  ['\\226\\128\\174\\000.victim.org.', 'victim.org'],
  ['a\\.b.victim.org.', 'victim.org'],
  ['x\\.victim.org.', 'external'],
  ['vic/tim.org.', 'external'],
  ['A.Victim.ORG.', 'victim.org'],
  ['\u212aictim.org.', 'external'],
  ['www.evil.example/.', 'external'],
  ['\\255.co.uk.', 'external'],
  ['org.', 'external'],
  ['.', 'external'],
])('%s leads to %s', (name, target) => {
  expect(toRegistrableDomain(name)).toBe(target);
});

it('whatever stands below a registered domain, it is that domain', () => {
  const label = string({ minLength: 1, maxLength: 30 }).map((text) => text.replaceAll(/[.\\]/g, '-'));
  assert(
    property(array(label, { maxLength: 5 }), (labels) => {
      expect(toRegistrableDomain([...labels, 'victim', 'co', 'uk', ''].join('.'))).toBe('victim.co.uk');
    }),
    // Labels of any bytes: a hundred of them would seldom have the one that a URL ends at.
    { numRuns: 5_000 },
  );
});
