/** A process of its own: an API server over TLS that tells a made-up cluster of a given size by WatchList. */
import { startApiServer } from '../../support/apiServer.ts';
import type { Json } from '../../support/apiStore.ts';
import { createCertificate } from '../../support/certificate.ts';
import { toClients, toServices } from '../../support/corpus.ts';
import { answerQuestions, readArgument } from './answering.ts';
import { toNode, toPod, toService, toSlice } from './objects.ts';

export interface ApiOptions {
  readonly pods: number;
}

export interface ApiReady {
  readonly port: number;
  /** PEM of its certificate, its own authority. */
  readonly ca: string;
  /** Bytes of JSON that a pod is told with, on average. */
  readonly podBytes: number;
}

/** Pods on a node, pods behind a Service: usual figures. */
const PODS_ON_NODE = 30;
const PODS_BEHIND_SERVICE = 10;

const { pods } = readArgument() as ApiOptions;
const certificate = createCertificate();
const api = await startApiServer(certificate);
const clients = toClients().map(({ address }) => address.replace(/[[\]]/g, ''));
const nodes = Math.ceil(pods / PODS_ON_NODE);
let podBytes = 0;
let changed = 0;

for (let node = 0; node < nodes; node++) api.put('nodes', toNode(node));
for (let pod = 0; pod < pods; pod++) {
  const object: Json = toPod({ index: pod, node: pod % nodes, address: clients[pod] });
  podBytes += JSON.stringify(object).length;
  api.put('pods', object);
}
const named = toServices();
const more = Math.max(0, Math.floor(pods / PODS_BEHIND_SERVICE) - named.length);
const services = [...named, ...Array.from({ length: more }, (_, i) => `more-${i}.ns-${i % 12}`)];
for (const [index, service] of services.entries()) {
  const [name = '', namespace = ''] = service.split('.');
  const first = (index * PODS_BEHIND_SERVICE) % Math.max(1, pods - PODS_BEHIND_SERVICE);
  api.put('services', toService({ index, namespace, name }));
  api.put('endpointslices', toSlice({ namespace, name, first, count: PODS_BEHIND_SERVICE }));
}

answerQuestions({
  ready: (): ApiReady => ({ port: Number(api.url.port), ca: certificate.cert, podBytes: podBytes / pods }),
  /** So many pods are told once more, with another version: what a cluster's kubelets do all day. */
  churn(count: number) {
    for (let n = 0; n < count; n++, changed++) {
      const pod = changed % pods;
      api.put('pods', toPod({ index: pod, node: pod % nodes, address: clients[pod] }));
    }
  },
});
