/** The credentials that Kubernetes gives every pod: two variables and three files, no DNS, no library. */
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { toErrorText } from '../text/errors.ts';
import type { Credentials, CredentialsProblem } from './authorization.ts';

export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface ServiceAccountOptions {
  readonly folder: string;
  /** `KUBERNETES_SERVICE_HOST`: an address, so that nothing here depends on the DNS being watched. */
  readonly host: string;
  readonly port: string;
  readonly now: () => number;
}

/** The kubelet renews the token long before it expires; reading it again this often (milliseconds) is enough. */
const TOKEN_LIFE = 60_000;

export function loadServiceAccount(options: ServiceAccountOptions): Credentials | CredentialsProblem {
  const { folder, host, port, now } = options;
  const address = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(address)) {
    return { problem: `KUBERNETES_SERVICE_HOST and _PORT make no address: ${address}` };
  }
  let token: { readonly text: string; readonly readAt: number } | undefined;

  function readToken(): string {
    const time = now();
    if (token === undefined || Math.abs(time - token.readAt) >= TOKEN_LIFE) {
      token = { text: readFileSync(join(folder, 'token'), 'utf8').trim(), readAt: time };
    }
    return token.text;
  }

  try {
    readToken();
    readFileSync(join(folder, 'ca.crt'));
  } catch (error) {
    const reason = toErrorText(error);
    return {
      problem: `the pod's service account cannot be read (${reason}); mount it (automountServiceAccountToken)`,
    };
  }
  return {
    server: new URL(address),
    describe: 'service account of the pod',
    async authorize() {
      return {
        headers: { authorization: `Bearer ${readToken()}` },
        tls: { ca: readFileSync(join(folder, 'ca.crt')) },
      };
    },
    refresh() {
      token = undefined;
    },
  };
}
