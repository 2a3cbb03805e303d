import { expect, it } from 'vitest';
import { toWorkload } from '../../src/peers/owners.ts';
import { podObject } from '../support/objects.ts';

it.each([
  {
    case: 'Deployment',
    pod: {
      controller: { kind: 'ReplicaSet', name: 'web-5cbc6d9497' },
      labels: new Map([['pod-template-hash', '5cbc6d9497']]),
    },
    workload: { kind: 'Deployment', name: 'web', isInferred: false },
  },
  {
    case: 'ReplicaSet of its own',
    pod: { controller: { kind: 'ReplicaSet', name: 'web-5cbc6d9497' } },
    workload: { kind: 'ReplicaSet', name: 'web-5cbc6d9497', isInferred: false },
  },
  {
    case: 'hash of another template',
    pod: { controller: { kind: 'ReplicaSet', name: 'web-1' }, labels: new Map([['pod-template-hash', '2']]) },
    workload: { kind: 'ReplicaSet', name: 'web-1', isInferred: false },
  },
  {
    case: 'StatefulSet',
    pod: { controller: { kind: 'StatefulSet', name: 'pay-db' } },
    workload: { kind: 'StatefulSet', name: 'pay-db', isInferred: false },
  },
  {
    case: 'CronJob by its Job',
    pod: { controller: { kind: 'Job', name: 'report-29390580' } },
    workload: { kind: 'CronJob', name: 'report', isInferred: true },
  },
  {
    case: 'Job',
    pod: { controller: { kind: 'Job', name: 'migrate-v2' } },
    workload: { kind: 'Job', name: 'migrate-v2', isInferred: false },
  },
  {
    case: 'custom owner',
    pod: { controller: { kind: 'Rollout', name: 'web' } },
    workload: { kind: 'Rollout', name: 'web', isInferred: false },
  },
  {
    case: 'static pod',
    pod: { controller: { kind: 'Node', name: 'node1' } },
    workload: { kind: 'Pod', name: 'p', isInferred: false },
  },
  { case: 'no owner', pod: {}, workload: { kind: 'Pod', name: 'p', isInferred: false } },
])('$case', ({ pod, workload }) => {
  expect(toWorkload(podObject('p', pod))).toEqual(workload);
});
