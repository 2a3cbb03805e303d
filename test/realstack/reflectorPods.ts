/** Pods that are objects only: made, given an address, finished and deleted through the API, as many as wanted. */
import type { Api, KubeObject } from './api.ts';

export interface PodObjects {
  readonly namespace: string;
  /** Running on node1 with this address. */
  run(name: string, address: string): Promise<KubeObject>;
  /** Its phase says that it is over; the object stays. */
  finish(name: string): Promise<void>;
  /** Gone at once. */
  remove(name: string): Promise<void>;
}

export function createPodObjects(api: Api, namespace: string): PodObjects {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return {
    namespace,
    async run(name, address) {
      await api.create(path, toPod(name));
      const status = {
        phase: 'Running',
        podIP: address,
        podIPs: [{ ip: address }],
        startTime: new Date().toISOString(),
      };
      return await api.patch(`${path}/${name}/status`, { status });
    },
    async finish(name) {
      await api.patch(`${path}/${name}/status`, { status: { phase: 'Succeeded' } });
    },
    async remove(name) {
      await api.delete(`${path}/${name}`, { gracePeriodSeconds: 0 });
    },
  };
}

/** Does `work` for 0 to `count` − 1, a few at a time: more would only wait in the server's queue. */
export async function forEach(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  async function take(): Promise<void> {
    while (next < count) await work(next++);
  }
  await Promise.all(Array.from({ length: ATONCE }, take));
}

const ATONCE = 24;

function toPod(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/name': name } },
    spec: { nodeName: 'node1', containers: [{ name: 'main', image: 'example.org/main' }] },
  };
}
