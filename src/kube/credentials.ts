/** Finds out which API server to talk to, and as whom: the pod's service account, else a kubeconfig. */
import type { Credentials, CredentialsOptions, CredentialsProblem } from './authorization.ts';
import { loadServiceAccount, SERVICE_ACCOUNT_FOLDER } from './serviceAccount.ts';

/**
 * In a pod its service account, else the kubeconfig; a kubeconfig or context that is named outright comes first.
 * The kubeconfig's library is loaded only if it is needed: it costs 80 MiB, and the sidecar never needs it.
 */
export async function loadCredentials(
  options: CredentialsOptions,
): Promise<Credentials | CredentialsProblem> {
  const isNamed = options.kubeconfig !== undefined || options.context !== undefined;
  if (!isNamed && options.env['KUBERNETES_SERVICE_HOST']) {
    return loadServiceAccount({
      folder: options.serviceAccount ?? SERVICE_ACCOUNT_FOLDER,
      host: options.env['KUBERNETES_SERVICE_HOST'],
      port: options.env['KUBERNETES_SERVICE_PORT'] ?? '443',
      now: options.now ?? Date.now,
    });
  }
  const { loadKubeconfig } = await import('./kubeconfig.ts');
  return loadKubeconfig(options);
}
