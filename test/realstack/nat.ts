/** What kube-proxy and some network plug-ins do to packets on a node: Service addresses and source translation. */
import { NODES, type NodeName, toTranslated } from './addresses.ts';
import { attempt, run } from './commands.ts';

export interface ServiceRule {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
  /** `<address>:<port>`; flows are spread over them in turn. None: nobody answers. */
  readonly backends: readonly string[];
}

export interface Nat {
  readonly rules: readonly ServiceRule[];
  /** The node whose pods leave it under an address of its range. */
  readonly translate: NodeName | undefined;
}

/** Replaces the node's whole table at once. */
export async function applyNat(namespace: string, nat: Nat): Promise<void> {
  const inNode = ['ip', 'netns', 'exec', namespace];
  await run([...inNode, 'iptables-restore'], { input: toTable(nat) });
  // Flows remember where they were sent: a client that goes on from the same port would reach a pod that is gone.
  // kube-proxy forgets them as well, and leaves TCP alone. (conntrack fails where there is nothing to forget.)
  for (const { address, protocol } of nat.rules) {
    if (protocol === 'udp') await attempt([...inNode, 'conntrack', '-D', '-p', 'udp', '--orig-dst', address]);
  }
}

function toTable({ rules, translate }: Nat): string {
  return [
    '*nat',
    ':PREROUTING ACCEPT',
    ':OUTPUT ACCEPT',
    ':POSTROUTING ACCEPT',
    ':SERVICES -',
    '-A PREROUTING -j SERVICES',
    '-A OUTPUT -j SERVICES',
    ...rules.flatMap(toServiceLines),
    ...(translate === undefined ? [] : [toTranslationLine(translate)]),
    'COMMIT',
    '',
  ].join('\n');
}

function toServiceLines({ address, port, protocol, backends }: ServiceRule): string[] {
  return backends.map((backend, i) => {
    // The first takes every n-th flow, the second every (n-1)-th of the rest, the last what remains.
    const rest = backends.length - i;
    const share = rest > 1 ? `-m statistic --mode nth --every ${rest} --packet 0 ` : '';
    return `-A SERVICES -d ${address}/32 -p ${protocol} --dport ${port} ${share}-j DNAT --to-destination ${backend}`;
  });
}

function toTranslationLine(node: NodeName): string {
  const { podRange } = NODES[node];
  return `-A POSTROUTING -s ${podRange} ! -d ${podRange} -j SNAT --to-source ${toTranslated(node)}`;
}
