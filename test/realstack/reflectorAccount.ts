/** CoreDNS's service account as corespan finds it in the pod: a folder with a token and the API server's certificate. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from '../../src/kube/authorization.ts';
import { loadServiceAccount } from '../../src/kube/serviceAccount.ts';
import type { RealCluster } from './cluster.ts';

export interface Account {
  /** Whoever calls the API server through the port on loopback, at this time, as this account. */
  toCredentials(port: number, now: () => number): Credentials;
  /** What the kubelet does long before a token expires. */
  renewToken(): Promise<void>;
  /** Whether the API server would let it list pods now. */
  isAllowed(): Promise<boolean>;
  /** Whether the API server takes the token of now. */
  isKnown(): Promise<boolean>;
  /** Makes every token of the account worthless: it is deleted, and made anew with the same rights. */
  replaceAccount(): Promise<void>;
}

const NAMESPACE = '/api/v1/namespaces/kube-system/serviceaccounts';

export async function createAccount(cluster: RealCluster, name = 'coredns'): Promise<Account> {
  const folder = join(cluster.runFolder, `account-${name}`);
  const { api, controlPlane } = cluster;
  mkdirSync(folder, { recursive: true });

  async function renewToken(): Promise<void> {
    const { status } = await api.create(`${NAMESPACE}/${name}/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    });
    writeFileSync(join(folder, 'token'), status.token);
  }

  copyFileSync(controlPlane.certificate, join(folder, 'ca.crt'));
  await renewToken();

  return {
    toCredentials(port, now) {
      const loaded = loadServiceAccount({ folder, host: '127.0.0.1', port: String(port), now });
      if ('problem' in loaded) throw new Error(loaded.problem);
      return {
        ...loaded,
        async authorize() {
          const given = await loaded.authorize();
          // The certificate does not name the near end of the door.
          return { ...given, tls: { ...given.tls, servername: 'kubernetes.default.svc' } };
        },
      };
    },
    renewToken,
    async isAllowed() {
      const { status } = await api.create('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: `system:serviceaccount:kube-system:${name}`,
          resourceAttributes: { verb: 'list', resource: 'pods' },
        },
      });
      return status.allowed === true;
    },
    async isKnown() {
      const { status } = await api.create('/apis/authentication.k8s.io/v1/tokenreviews', {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        spec: { token: readFileSync(join(folder, 'token'), 'utf8') },
      });
      return status.authenticated === true;
    },
    async replaceAccount() {
      await api.delete(`${NAMESPACE}/${name}`);
      await api.create(NAMESPACE, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { namespace: 'kube-system', name },
      });
    },
  };
}
