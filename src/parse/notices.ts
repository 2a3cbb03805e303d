/** What a line that is no query is about, by who wrote it and how it begins (CoreDNS, node-cache, klog). */
import type { NoticeKind } from '../records/line.ts';
import { isCorefileLine } from './corefile.ts';
import { MNEMONIC, NAME } from './grammar.ts';
import type { Level } from './prefixes.ts';
import { isStackLine } from './stack.ts';

/** A message with its origin, as a text line and a JSON line tell it alike. */
export interface OriginMessage {
  readonly level: Level | undefined;
  /** The plugin that wrote it; undefined for the server itself. */
  readonly plugin: string | undefined;
  readonly text: string;
}

/** `[INFO] plugin/reload: Running…` has its origin in the text; what follows is the message proper. */
export function toOriginMessage(level: Level | undefined, text: string): OriginMessage {
  const [whole = '', plugin] = level === undefined ? [] : (/^plugin\/([\w-]+): ?/.exec(text) ?? []);
  return { level, plugin, text: text.slice(whole.length) };
}

/** Undefined if neither CoreDNS nor node-cache is known to write such a message. */
export function toNoticeKind({ level, plugin, text }: OriginMessage): NoticeKind | undefined {
  if (plugin !== undefined) return toPluginKind(plugin, text);
  if (text.trim() === '') return 'blank';
  const known = BEGINNINGS.find(([beginning]) => beginning.test(text))?.[1];
  if (known !== undefined) return known;
  if (level !== undefined) return 'message';
  if (isStackLine(text)) return 'panic';
  if (isCorefileLine(text)) return 'node_cache';
  return BARE_MESSAGE.test(text) ? 'message' : undefined;
}

function toPluginKind(plugin: string, text: string): NoticeKind {
  switch (plugin) {
    case 'errors':
    case 'reload':
    case 'kubernetes':
    case 'loop':
    case 'dnstap':
      return plugin;
    case 'health':
      return text.startsWith('Going into lameduck') ? 'stop' : 'health';
    case 'ready':
      return 'health';
    default:
      return 'message';
  }
}

/** Every expression is anchored and without nested repetition: one look at the beginning of the message. */
const BEGINNINGS: readonly (readonly [RegExp, NoticeKind])[] = [
  // The errors plugin named itself from 1.2.6 on: `2 example.org. A: unreachable backend: …`.
  [new RegExp(String.raw`^\d{1,5} ${NAME} ${MNEMONIC}: `), 'errors'],
  [/^maxprocs: /, 'banner'],
  [/^CoreDNS-\d/, 'banner'],
  [/^[a-z0-9]+\/[a-z0-9]+, go\d/, 'banner'],
  // A listener: `.:53`, `cluster.local.:53 on 169.254.20.10`, `https://.:443`.
  [/^(?:(?:dns|tls|grpc|https|https3|quic):\/\/)?[^\s:/]*\.:\d{1,5}(?: on [0-9A-Fa-f.:%\w]+)?$/, 'banner'],
  [/^(?:SIG(?:USR1|HUP): )?Reloading/, 'reload'],
  [/^Restart failed: /, 'reload'],
  [/^(?:Plugins not ready|Still waiting on): /, 'health'],
  [/^SIG[A-Z]+: /, 'stop'],
  [/^Tearing down/, 'stop'],
  [/^http: Server closed/, 'stop'],
  [/^Recovered from panic in server/, 'panic'],
  // klog: `W0626 21:49:43.814875   59475 reflector.go:324] …`.
  [/^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [^\s:]+:\d+\] /, 'kubernetes'],
  [
    /^(?:Starting node-cache image|Using (?:Corefile|Pidfile|config file)|Updated Corefile with)/,
    'node_cache',
  ],
  [/^(?:Skipping kube-dns configmap sync|Added back nodelocaldns rule|Exiting iptables)/, 'node_cache'],
  [
    /^(?:Setting up networking|Skipping setup|Failed to (?:set up|add|ensure|read node-cache)) /,
    'node_cache',
  ],
  // Up to 1.0.6: `"MX IN example.net." - No such zone at dns://… (Remote: …)`.
  [/^".*" - No such zone at /, 'message'],
];

/** What the server and Go's libraries print without a level. */
const BARE_MESSAGE =
  /^(?:http: |tls: |debug: [0-9a-f]{6}|Listen: |listen |loading Caddyfile|Corefile:\d+ - |plugin\/[\w-]+: )/;
