import { describe, expect, it } from 'vitest';
import { parseClusterName } from '../../src/dns/clusterNames.ts';

const DOMAINS = ['cluster.local.', 'clusterset.local.', 'prod.cluster.local.'];

describe('names below a cluster domain', () => {
  it.each([
    { name: 'api.pay.svc.cluster.local.', meaning: { kind: 'service', namespace: 'pay', service: 'api' } },
    {
      name: '_http._tcp.api.pay.svc.cluster.local.',
      meaning: { kind: 'port', namespace: 'pay', service: 'api', port: 'http', protocol: 'tcp' },
    },
    {
      name: 'http.tcp.api.pay.svc.cluster.local.',
      meaning: { kind: 'port', namespace: 'pay', service: 'api', port: 'http', protocol: 'tcp' },
    },
    {
      name: 'pay-db-1.db.pay.svc.cluster.local.',
      meaning: { kind: 'endpoint', namespace: 'pay', service: 'db', endpoint: 'pay-db-1' },
    },
    {
      name: 'pay-db-1.east.db.pay.svc.clusterset.local.',
      meaning: { kind: 'endpoint', namespace: 'pay', service: 'db', endpoint: 'pay-db-1', cluster: 'east' },
    },
    {
      name: 'eu-1.pin._zone.api.pay.svc.cluster.local.',
      meaning: { kind: 'service', namespace: 'pay', service: 'api' },
    },
    {
      name: 'eu.1.prefer._zone.api.pay.svc.cluster.local.',
      meaning: { kind: 'service', namespace: 'pay', service: 'api' },
    },
    {
      name: '10-244-1-8.pay.pod.cluster.local.',
      meaning: { kind: 'pod', namespace: 'pay', address: '10.244.1.8' },
    },
    {
      name: 'fd00--1.pay.pod.cluster.local.',
      meaning: { kind: 'pod', namespace: 'pay', address: 'fd00::1' },
    },
    { name: 'pay.svc.cluster.local.', meaning: { kind: 'structure' } },
    { name: 'svc.cluster.local.', meaning: { kind: 'structure' } },
    { name: 'cluster.local.', meaning: { kind: 'structure' } },
    { name: 'dns-version.cluster.local.', meaning: { kind: 'structure' } },
    { name: 'ns.dns.cluster.local.', meaning: { kind: 'structure' } },
    { name: 'a.b.c.api.pay.svc.cluster.local.', meaning: { kind: 'malformed' } },
    { name: 'nosuch.pay.cluster.local.', meaning: { kind: 'malformed' } },
    {
      name: 'api.pay.svc.prod.cluster.local.',
      meaning: { kind: 'service', namespace: 'pay', service: 'api' },
    },
    { name: 'api.pay.svc.example.org.', meaning: undefined },
    {
      name: 'constructor.__proto__.svc.cluster.local.',
      meaning: { kind: 'service', namespace: '__proto__', service: 'constructor' },
    },
  ])('$name', ({ name, meaning }) => {
    expect(parseClusterName(name, DOMAINS)).toEqual(meaning);
  });
});
