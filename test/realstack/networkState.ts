/** What can be seen of a network from outside, to tell whether anything in it was changed. */
import { run } from './commands.ts';

/** One line for each interface, address, route, rule and setting; of the machine's own network unless named. */
export async function readNetworkState(namespace?: string): Promise<string[]> {
  const prefix = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const outputs = await Promise.all(LOOKS.map((look) => run([...prefix, ...look])));
  return outputs.flatMap((output) => output.split('\n').filter(isLasting));
}

const LOOKS = [
  ['ip', '-oneline', '-details', 'link'],
  ['ip', '-oneline', 'address'],
  ['ip', '-4', 'route', 'show', 'table', 'all'],
  ['ip', '-6', 'route', 'show', 'table', 'all'],
  ['ip', 'rule'],
  ['iptables-save'],
  ['sysctl', 'net.ipv4.ip_forward', 'net.ipv4.conf.all.proxy_arp', 'net.ipv4.conf.all.rp_filter'],
];

/** Comments carry the time, and the lifetime of an address runs down. */
function isLasting(line: string): boolean {
  return line !== '' && !line.startsWith('#') && !line.includes(' dynamic ');
}
