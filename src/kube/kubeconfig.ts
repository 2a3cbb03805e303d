/** The credentials of a kubeconfig, with everything it may hold (certificates, exec plugins, OIDC, proxies). */
import { existsSync } from 'node:fs';
import type { Agent, RequestOptions } from 'node:https';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { toErrorText } from '../text/errors.ts';
import type { Authorization, Credentials, CredentialsOptions, CredentialsProblem } from './authorization.ts';

/** Loads `--kubeconfig`, else `$KUBECONFIG` (several files merged), else `~/.kube/config`. */
export function loadKubeconfig(options: CredentialsOptions): Credentials | CredentialsProblem {
  const paths = toPaths(options);
  const existing = paths.filter((path) => existsSync(path));
  if (existing.length === 0) return { problem: toMissing(options, paths) };
  try {
    return toCredentials(() => read(existing, options.context), existing);
  } catch (error) {
    // The parser of YAML draws the place below its sentence.
    const [reason] = toErrorText(error).split('\n');
    return { problem: `${toOption(options)}${existing.join(', ')}: ${reason}` };
  }
}

/** Who named the file, if somebody did. */
function toOption({ kubeconfig, env }: CredentialsOptions): string {
  if (kubeconfig !== undefined) return '--kubeconfig: ';
  return env['KUBECONFIG'] ? 'KUBECONFIG: ' : '';
}

function toPaths({ kubeconfig, env }: CredentialsOptions): string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return listed;
  return env['HOME'] ? [join(env['HOME'], '.kube', 'config')] : [];
}

function toMissing({ kubeconfig }: CredentialsOptions, paths: readonly string[]): string {
  if (kubeconfig !== undefined) return `--kubeconfig: there is no file ${kubeconfig}`;
  const looked = paths.length > 0 ? ` at ${paths.join(', ')}` : '';
  return `not in a pod, and no kubeconfig${looked}: name one with --kubeconfig`;
}

/** Throws where a file is no kubeconfig or lacks what is asked for. */
function read(paths: readonly string[], context: string | undefined): KubeConfig {
  const config = new KubeConfig();
  for (const path of paths) {
    const part = new KubeConfig();
    part.loadFromFile(path);
    // As kubectl: the first file that names a current context decides.
    config.mergeConfig(part, Boolean(config.getCurrentContext()));
  }
  if (context !== undefined) config.setCurrentContext(context);
  const current = config.getCurrentContext();
  if (!current) throw new Error('there is no current context: name one with --context');
  if (config.getContextObject(current) === null) {
    const known = config.getContexts().map(({ name }) => name);
    throw new Error(
      `${context === undefined ? '' : '--context: '}there is no context ${current}, only ${known.join(', ') || 'none at all'}`,
    );
  }
  return config;
}

function toCredentials(load: () => KubeConfig, paths: readonly string[]): Credentials {
  let config = load();
  let isRefused = false;
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new Error(`context ${config.getCurrentContext()} names a cluster that is not there`);
  const server = new URL(cluster.server);
  if (server.protocol === 'http:' && !cluster.skipTLSVerify) {
    throw new Error(`${cluster.server} is plain http; allow it with insecure-skip-tls-verify: true`);
  }
  return {
    server,
    describe: `context ${config.getCurrentContext()} of ${paths.join(', ')}`,
    async authorize() {
      // Exec plugins cache what they gave until it expires: only a new KubeConfig asks them again.
      if (isRefused) config = load();
      isRefused = false;
      const request: RequestOptions = {};
      await config.applyToHTTPSOptions(request);
      return toAuthorization(request, cluster.proxyUrl !== undefined);
    },
    refresh() {
      isRefused = true;
    },
  };
}

function toAuthorization(request: RequestOptions, isProxied: boolean): Authorization {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers ?? {})) headers[name] = String(value);
  if (typeof request.auth === 'string') {
    headers['Authorization'] = `Basic ${Buffer.from(request.auth).toString('base64')}`;
  }
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = request;
  const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return {
    headers,
    tls: Object.fromEntries(given) as Authorization['tls'],
    ...(isProxied ? { agent: request.agent as Agent } : {}),
  };
}
