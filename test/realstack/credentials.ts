/** Keys and tokens of a run's control plane, made anew for each. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_PORT, CONTROL_PLANE } from './addresses.ts';

/** The key pair of ServiceAccount tokens and the table of static tokens; returns the administrator's. */
export function writeCredentials(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const token = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'sa.key'), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, 'sa.pub'), publicKey);
  writeFileSync(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  return token;
}

/** For the administrator; JSON is YAML. */
export function toKubeconfig({
  certificate,
  token,
}: {
  readonly certificate: string;
  readonly token: string;
}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'realstack',
    clusters: [
      {
        name: 'realstack',
        cluster: { server: `https://${CONTROL_PLANE}:${API_PORT}`, 'certificate-authority': certificate },
      },
    ],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'realstack', context: { cluster: 'realstack', user: 'admin' } }],
  });
}
