/** The files that a kubelet gives to every pod: how to look up names, and who the pod is to the API server. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DNS_SERVICE, NODE_LOCAL } from './addresses.ts';
import type { Api, KubeObject } from './api.ts';
import type { Mount } from './sandbox.ts';

/** Whom the pod asks; `cluster` is the Service address of the cluster's DNS. */
export type PodDns = 'cluster' | 'node-local' | { readonly resolvConf: string };

export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Writes them below `folder`. */
export function writeLookupFiles(
  folder: string,
  pod: { readonly namespace: string; readonly name: string; readonly address: string },
  dns: PodDns,
): Mount[] {
  mkdirSync(folder, { recursive: true });
  const files = {
    'resolv.conf': toResolvConf(pod.namespace, dns),
    hosts: `127.0.0.1 localhost\n${pod.address} ${pod.name}\n`,
    // Of the machine's own choice (mdns, resolve, myhostname) nothing would be in a container's image.
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
  };
  return Object.entries(files).map(([name, content]) => {
    const source = join(folder, name);
    writeFileSync(source, content);
    return { source, target: `/etc/${name}` };
  });
}

function toResolvConf(namespace: string, dns: PodDns): string {
  if (typeof dns === 'object') return dns.resolvConf;
  const nameserver = dns === 'cluster' ? DNS_SERVICE : NODE_LOCAL;
  const search = `${namespace}.svc.cluster.local svc.cluster.local cluster.local`;
  return `search ${search}\nnameserver ${nameserver}\noptions ndots:5\n`;
}

/** Asks the API server for a token bound to the pod: it ends with the pod, as a real one. */
export async function writeServiceAccount(
  folder: string,
  pod: KubeObject,
  { api, certificate }: { readonly api: Api; readonly certificate: string },
): Promise<Mount> {
  const { namespace = 'default', name, uid } = pod.metadata;
  const account: string = pod['spec'].serviceAccountName;
  const { status } = await api.create(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
  });
  const source = join(folder, 'serviceaccount');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'token'), status.token);
  writeFileSync(join(source, 'namespace'), namespace);
  copyFileSync(certificate, join(source, 'ca.crt'));
  return { source, target: SERVICE_ACCOUNT_FOLDER };
}
