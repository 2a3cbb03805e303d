/**
 * How corespan knows its own questions in the log that it reads: they are for the host of the endpoint, and come
 * from an address of its own network namespace. The sidecar shares the DNS pod's; agents of the same endpoint on
 * other nodes, or beside us in pods of their own, are clients like any other.
 */
import type { OwnQuestions } from '../app.ts';
import type { Config } from '../config/load.ts';
import { toCanonicalAddress } from '../dns/addresses.ts';
import { toOtlpEndpoint } from '../spans/otlpVariables.ts';
import { isInPod, type World } from './command.ts';

/** Undefined where no question of ours can be in the log: outside a pod, or with an endpoint that needs no lookup. */
export function toOwnQuestions({ otlpEndpoint }: Config, world: World): OwnQuestions | undefined {
  if (!isInPod(world)) return undefined;
  const host = toHost(toOtlpEndpoint(otlpEndpoint, world.env));
  if (host === undefined) return undefined;
  const addresses = world.addresses().map((address) => toCanonicalAddress(address) ?? address);
  return { beginning: `${host}.`, addresses: new Set(addresses) };
}

/** The host name of an endpoint, if it has one that must be looked up. */
function toHost(endpoint: string | undefined): string | undefined {
  const host = endpoint === undefined ? undefined : URL.parse(endpoint)?.hostname;
  return host === undefined || /^[\d.]+$|^\[|^localhost$/.test(host) ? undefined : host.replace(/\.$/, '');
}
