/** Lines that are no queries: what they are about, recognised one by one without what stands around them. */
import { describe, expect, test } from 'vitest';
import type { NoticeKind } from '../../src/records/line.ts';
import { toLines } from './lines.ts';
import { parse } from './parse.ts';

/** What one line was counted as: a kind, or the reason of its rejection. */
function classify(line: string): Readonly<Record<string, number>> {
  const { queries, notices, rejected } = parse(toLines([line]));
  expect(queries).toEqual([]);
  return { ...notices, ...rejected };
}

const CASES: Record<NoticeKind, readonly string[]> = {
  errors: [
    '[ERROR] plugin/errors: 2 a.example.org. A: read udp 192.0.2.1:1->192.0.2.2:53: i/o timeout',
    String.raw`[WARNING] plugin/errors: 0 we\ ird. TYPE65: text`,
    `[ERROR] plugin/errors: 12 errors like '^.* "x" 'y'$' occurred in last 30s`,
    '2018/11/21 06:48:51 [ERROR] 2 a.example.org. A: unreachable backend: no upstream host',
  ],
  banner: [
    '.:53',
    '.:53 on 192.0.2.1',
    'https://.:443',
    'cluster.local.:53 on fe80::1%eth0',
    'CoreDNS-1.13.2',
    '[INFO] CoreDNS-1.6.2',
    'linux/amd64, go1.26.10, ',
    '2019-01-24T16:18:08.501Z [INFO] linux/arm64, go1.12.8, 795a3eb',
    'maxprocs: Leaving GOMAXPROCS=2: CPU quota undefined',
  ],
  reload: [
    '[INFO] Reloading',
    '[INFO] Reloading complete',
    '[INFO] SIGUSR1: Reloading',
    '[INFO] plugin/reload: Running configuration MD5 = 3d3f6363f05ccd60e0f885f0eca6c5ff',
    '[ERROR] Restart failed: Corefile:3 - Error during parsing',
    '[ERROR] plugin/reload: Corefile changed but reload failed: x',
  ],
  health: [
    '[WARNING] plugin/health: Local health request to "http://:8080/health" failed: x',
    '[WARNING] plugin/health: Local health request to "http://:8080/health" took more than 1s: 2.5s',
    '[INFO] plugin/ready: Plugins not ready: "kubernetes"',
    '[INFO] plugin/ready: Still waiting on: "kubernetes"',
  ],
  stop: [
    '[INFO] SIGTERM: Shutting down servers then terminating',
    '[INFO] plugin/health: Going into lameduck mode for 1s',
    '[INFO] Tearing down',
    'http: Server closed',
  ],
  panic: [
    '[ERROR] Recovered from panic in server: "dns://:53" runtime error: index out of range',
    'goroutine 97 [running]:',
    'runtime/debug.Stack()',
    'panic({0x1c3f2a0?, 0x3a51e70?})',
    'example.org/core/dnsserver.(*Server).ServeDNS(0xc0004b2a80, {0x1, 0x2})',
    '\t/src/core/dnsserver/server.go:291 +0x8c',
    'created by example.org/core/dnsserver.(*Server).ServePacket in goroutine 5',
    'fatal error: concurrent map writes',
  ],
  kubernetes: [
    '[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server',
    '[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API',
    'W0626 21:49:43.814875   59475 reflector.go:324] pkg/mod/k8s.io/client-go: failed',
  ],
  loop: ['[FATAL] plugin/loop: Loop (192.0.2.1:1 -> :53) detected for zone ".", see …'],
  dnstap: [
    '[WARNING] plugin/dnstap: Dropped dnstap messages: 23',
    '[ERROR] plugin/dnstap: No connection to dnstap endpoint: x',
  ],
  node_cache: [
    '2026/11/21 05:46:22 [INFO] Starting node-cache image: 1.26.4',
    '[INFO] Added back nodelocaldns rule - {raw PREROUTING [-p tcp]}',
    'cluster.local:53 {',
    'in-addr.arpa ip6.arpa {',
    '        success 9984 30',
    '    forward . 192.0.2.10 {',
    '\tprometheus :9253',
    '    }',
    '}',
    '# stub domains',
    'import /etc/coredns/custom/*.override',
  ],
  message: [
    '[WARNING] plugin/forward: something new',
    '[INFO] something of the server',
    '[ERROR] took 1.5s: NXDOMAIN',
    '[DEBUG] x',
    'debug: 000000 0a bd 01 00',
    'Listen: listen tcp :53: bind: address already in use',
    'Corefile:34 - Error during parsing: Unknown directive',
    '2018/01/21 06:48:51 [INFO] "MX IN example.net." - No such zone at dns://:53 (Remote: 192.0.2.1)',
  ],
  blank: ['', '   ', '2026-11-21T12:01:04Z ', '[INFO] '],
};

describe.each(Object.entries(CASES))('%s', (kind, cases) => {
  test.each(cases)('%j', (line) => {
    expect(classify(line)).toEqual({ [kind]: 1 });
  });
});

describe('unrecognised', () => {
  test.each([
    'hello',
    'maxprocs',
    'errors',
    '    unknown directive',
    'a b(c)',
    '.:99999999',
    'GET / HTTP/1.1',
    '[INFO]',
    '[PANIC] x',
    '[INFO] example.org. A NOERROR',
    '[INFO] query took 0.000162873s',
    ' \u0000\u0001\u0002',
    'ü',
  ])('%j', (line) => {
    expect(classify(line)).toEqual({ unrecognised: 1 });
  });
});
