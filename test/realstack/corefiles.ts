/** Corefiles: of the cluster's CoreDNS, of the stand-in for a NodeLocal DNSCache, and of the server outside. */
import { DNS_SERVICE, NODE_LOCAL, UPSTREAM } from './addresses.ts';

/** kubeadm's, with `log`, and without lameduck: it would make every stop wait for five seconds. */
export const CLUSTER_COREFILE = `.:53 {
    errors
    health
    ready
    log
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . ${UPSTREAM} {
        max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}
`;

/** The four blocks of node-cache's manifest, with \`log\` in each. */
export const NODE_CACHE_COREFILE = [
  toNodeCacheBlock('cluster.local', `${DNS_SERVICE} {\n        force_tcp\n    }`),
  toNodeCacheBlock('in-addr.arpa', `${DNS_SERVICE} {\n        force_tcp\n    }`),
  toNodeCacheBlock('ip6.arpa', `${DNS_SERVICE} {\n        force_tcp\n    }`),
  toNodeCacheBlock('.', UPSTREAM),
].join('');

function toNodeCacheBlock(zone: string, forwardTo: string): string {
  const cache =
    zone === 'cluster.local' ? 'cache {\n        success 9984 30\n        denial 9984 5\n    }' : 'cache 30';
  return `${zone}:53 {
    errors
    log
    ${cache}
    reload
    loop
    bind ${NODE_LOCAL}
    forward . ${forwardTo}
    prometheus :9253
}
`;
}

/** How the server outside behaves; `servfail` and `silent` hold for every name. */
export type UpstreamMood = 'normal' | 'servfail' | 'silent';

/** The names under these zones exist, at every depth. */
export const KNOWN_ZONES = ['example.com', 'example.net', 'example.org'] as const;
/** Nothing under this one is ever answered, and everything under the other is a SERVFAIL. */
export const SILENT_ZONE = 'timeout.test';
export const SERVFAIL_ZONE = 'servfail.test';

export function toUpstreamCorefile(mood: UpstreamMood): string {
  switch (mood) {
    case 'normal':
      return [
        toBlock(SILENT_ZONE, SILENCE),
        toBlock(SERVFAIL_ZONE, SERVFAIL),
        ...KNOWN_ZONES.map((zone) => toBlock(zone, KNOWN)),
        toBlock('.', UNKNOWN),
      ].join('');
    case 'servfail':
      return toBlock('.', SERVFAIL);
    case 'silent':
      return toBlock('.', SILENCE);
  }
}

function toBlock(zone: string, answers: string): string {
  return `${zone}:53 {\n    errors\n    log\n${answers}}\n`;
}

const SILENCE = `    erratic {
        drop 1
    }
`;

const SERVFAIL = `    template ANY ANY {
        rcode SERVFAIL
    }
`;

const AUTHORITY = 'authority "{{ .Zone }} 60 IN SOA ns.{{ .Zone }} admin.{{ .Zone }} 1 60 60 60 60"';

const UNKNOWN = `    template ANY ANY {
        rcode NXDOMAIN
        authority ". 60 IN SOA ns.example.org. admin.example.org. 1 60 60 60 60"
    }
`;

const KNOWN = `    template IN A {
        answer "{{ .Name }} 60 IN A 198.51.100.7"
    }
    template IN AAAA {
        answer "{{ .Name }} 60 IN AAAA 2001:db8::7"
    }
    template IN MX {
        answer "{{ .Name }} 60 IN MX 10 mail.{{ .Zone }}"
    }
    template IN TXT {
        answer "{{ .Name }} 60 IN TXT \\"v=example\\""
    }
    template ANY ANY {
        rcode NOERROR
        ${AUTHORITY}
    }
`;
