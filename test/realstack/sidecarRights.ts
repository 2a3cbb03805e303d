/**
 * What corespan's manifests grant to the ServiceAccount of the node-local cache, which may nothing at all; CoreDNS's
 * may list and watch all that is needed already.
 */
import { toRights } from '../../src/install/rights.ts';
import { type Api, ApiRefusal } from './api.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const NAME = 'corespan';

/** Idempotent: every sidecar of a cluster asks for it. */
export async function grantRights(api: Api): Promise<void> {
  const [role, binding] = toRights(NAME, { namespace: 'kube-system', name: 'node-local-dns' });
  await createOnce(api, `${RBAC}/clusterroles`, role);
  await createOnce(api, `${RBAC}/clusterrolebindings`, binding);
}

async function createOnce(api: Api, path: string, object: object): Promise<void> {
  try {
    await api.create(path, object);
  } catch (error) {
    if (!(error instanceof ApiRefusal && error.status === 409)) throw error;
  }
}
