/** The four calls, byte for byte. */
import { expect, test } from 'vitest';
import { type PathOptions, toPath } from '../../src/kube/paths.ts';

const OPTIONS: PathOptions = {
  resource: 'pods',
  fields: [],
  labels: undefined,
  resourceVersion: '7',
  timeout: 312.4,
  page: '',
};

test.each([
  [
    'watch_list',
    {},
    '/api/v1/pods?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&watch=true&allowWatchBookmarks=true&resourceVersion=&timeoutSeconds=312',
  ],
  ['watch', {}, '/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=312'],
  ['list', {}, '/api/v1/pods?limit=250'],
  ['list', { page: 'a/b=' }, '/api/v1/pods?limit=250&continue=a%2Fb%3D'],
  ['probe', { page: 'ignored' }, '/api/v1/pods?limit=1'],
  [
    'list',
    { fields: ['status.phase!=Failed', 'spec.hostNetwork=false'], labels: 'k8s-app=x' },
    '/api/v1/pods?fieldSelector=status.phase%21%3DFailed%2Cspec.hostNetwork%3Dfalse&labelSelector=k8s-app%3Dx&limit=250',
  ],
  ['list', { resource: 'endpointslices' }, '/apis/discovery.k8s.io/v1/endpointslices?limit=250'],
] as const)('%s %o', (ask, more, path) => {
  expect(toPath(ask, { ...OPTIONS, ...more })).toBe(path);
});
