/** By which labels the doctor finds DNS pods where nobody names them. */
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { createClusterReader } from '../../src/install/doctor/cluster.ts';
import { listen } from '../support/listen.ts';

/** An API server that has one pod, which `selector` finds. */
async function startServer(selector: string): Promise<{ readonly url: URL; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const given = new URL(request.url ?? '', 'http://x').searchParams.get('labelSelector') ?? '';
    asked.push(given);
    const items = given === selector ? [{ metadata: { namespace: 'dns', name: 'one' }, spec: {} }] : [];
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ items }));
  });
  return { url: new URL(`http://127.0.0.1:${await listen(server)}`), asked };
}

it.each([
  ['kubeadm', 'k8s-app in (kube-dns,coredns,node-local-dns)', undefined, 1],
  ['the coredns chart', 'app.kubernetes.io/name=coredns', undefined, 1],
  ['OpenShift', 'dns.operator.openshift.io/daemonset-dns', undefined, 1],
  ['none of them', 'app=mine', undefined, 0],
  ['its own', 'app=mine', 'app=mine', 1],
  ['another than was named', 'k8s-app in (kube-dns,coredns,node-local-dns)', 'app=mine', 0],
])('pods with the labels of %s', async (_name, labels, selector, found) => {
  const { url, asked } = await startServer(labels);
  const reader = createClusterReader({
    server: url,
    describe: 'test',
    authorize: () => Promise.resolve({ headers: {}, tls: {} }),
    refresh() {},
  });
  onTestFinished(() => reader.close());
  expect(await reader.dnsPods(selector)).toHaveLength(found);
  expect(asked.at(-1)).toBe(found === 1 ? labels : (selector ?? 'dns.operator.openshift.io/daemonset-dns'));
});
