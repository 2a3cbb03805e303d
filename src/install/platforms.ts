/**
 * Where DNS pods run: how query logging is switched on there, which way in lasts, and what somebody reverts. The
 * pages of docs/install/platforms, the files of manifests/examples and the doctor's fixes come from this table.
 */

export interface Platform {
  readonly title: string;
  /** Its nodes are known by one of these in `status.nodeInfo.kubeletVersion` or `spec.providerID`. */
  readonly signs: readonly RegExp[];
  /** How the query log is switched on; undefined where it cannot be. */
  readonly logging: Logging | undefined;
  /** The ways in that last, best first. */
  readonly ways: readonly Way[];
  /** What becomes of a container that was added to the Deployment. */
  readonly reverts: string;
  readonly notes: readonly string[];
}

export type Way = 'inject' | 'policy' | 'helm values' | 'reader';

export interface Logging {
  readonly how: string;
  /** What is lost where the snippet is applied as it is. */
  readonly warning?: string;
  /** Commands for a shell, or a file for `kubectl apply -f`. */
  readonly snippet: Snippet;
  readonly after?: string;
}

export type Snippet =
  | { readonly kind: 'shell'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string; readonly text: string };

/** By hand: which line a Corefile lacks, and where, no pattern knows. The copy before is the way back. */
const EDIT_COREFILE = `kubectl -n kube-system get configmap coredns -o yaml > coredns-before.yaml
kubectl -n kube-system edit configmap coredns  # a line "log" in every server block
kubectl -n kube-system get configmap coredns -o yaml > coredns-after.yaml
npx --no corespan doctor --cluster none --corefile coredns-after.yaml
`;

const CUSTOM = (path: string): Snippet => ({
  kind: 'file',
  path,
  text: `apiVersion: v1
kind: ConfigMap
metadata:
  name: coredns-custom
  namespace: kube-system
data:
  # Extends the block .:53 only; every block of a *.server file needs its own log.
  corespan.override: |
    log
`,
});

const WHOLE_COREFILE =
  'This is a whole Corefile: put `log` into yours; applied over it, stub domains and all else of yours would be lost.';

const OWN_SERVER_BLOCKS = 'Server blocks of your own (`*.server`) need a `log` of their own.';

export const PLATFORMS = {
  kubeadm: {
    title: 'kubeadm and kind',
    signs: [/^kind:\/\//],
    logging: {
      how: 'The Corefile is in the ConfigMap `coredns`; CoreDNS reloads it by itself within two minutes, if it has `reload`. The doctor looks whether every block logs. To go back: `kubectl replace -f coredns-before.yaml`, without its line `resourceVersion`.',
      snippet: { kind: 'shell', text: EDIT_COREFILE },
    },
    ways: ['inject', 'policy', 'reader'],
    reverts:
      '`kubeadm upgrade` writes the Deployment anew: the container is gone, the Corefile stays. Inject again, or use the policy.',
    notes: [],
  },
  k3s: {
    title: 'k3s',
    signs: [/\+k3s/],
    logging: {
      how: 'CoreDNS imports the ConfigMap `coredns-custom` (from 1.24.15 and 1.26.6 on).',
      snippet: CUSTOM('k3s/coredns-custom.yaml'),
      after: 'kubectl -n kube-system rollout restart deployment coredns',
    },
    ways: ['reader', 'policy'],
    reverts: 'k3s writes its manifest of CoreDNS at every start: a container in the Deployment is gone then.',
    notes: [OWN_SERVER_BLOCKS],
  },
  rke2: {
    title: 'RKE2 and the coredns chart',
    signs: [/\+rke2/],
    logging: {
      how: 'The chart writes the Corefile from `servers[].plugins`.',
      warning: WHOLE_COREFILE,
      snippet: {
        kind: 'file',
        path: 'rke2/helm-chart-config.yaml',
        text: `apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata:
  name: rke2-coredns
  namespace: kube-system
spec:
  valuesContent: |-
    servers:
    - zones:
      - zone: .
        use_tcp: true
      port: 53
      plugins:
      - name: errors
      - name: log
      - name: health
        configBlock: |-
          lameduck 10s
      - name: ready
      - name: kubernetes
        parameters: cluster.local in-addr.arpa ip6.arpa
        configBlock: |-
          pods insecure
          fallthrough in-addr.arpa ip6.arpa
          ttl 30
      - name: prometheus
        parameters: 0.0.0.0:9153
      - name: forward
        parameters: . /etc/resolv.conf
      - name: cache
        parameters: 30
      - name: loop
      - name: reload
      - name: loadbalance
`,
      },
    },
    ways: ['helm values', 'policy', 'reader'],
    reverts:
      'Values of the chart last; a patch of the Deployment is gone after the next release of the chart.',
    notes: [
      "RKE2's chart is the coredns chart with a patch (`packages/rke2-coredns` in rancher/rke2-charts) that leaves `extraContainers` and `extraVolumes` as they are: read there, not run.",
      'Without `use_tcp` the chart opens port 53 for UDP alone.',
      'No two of its pods may be on one node: where every node has one, `maxSurge: 1` finds no place for another, and a roll-out needs `maxUnavailable: 1`.',
    ],
  },
  aks: {
    title: 'AKS',
    signs: [/^azure:\/\//],
    logging: {
      how: 'CoreDNS imports the ConfigMap `coredns-custom`.',
      snippet: CUSTOM('aks/coredns-custom.yaml'),
      after: 'kubectl -n kube-system rollout restart deployment coredns',
    },
    ways: ['reader', 'policy'],
    reverts: 'The add-on manager puts the Deployment back as it was.',
    notes: [
      OWN_SERVER_BLOCKS,
      'Whether AKS leaves pods alone that an admission policy changed was not tried.',
    ],
  },
  eks: {
    title: 'EKS',
    // A machine of AWS may run anything: only EKS names its kubelet so.
    signs: [/-eks-/],
    logging: {
      how: 'The add-on takes a whole Corefile as a configuration value.',
      warning: WHOLE_COREFILE,
      snippet: {
        kind: 'shell',
        text: `aws eks update-addon --cluster-name "$CLUSTER" --addon-name coredns \\
  --configuration-values file://manifests/examples/eks/configuration-values.json
`,
      },
    },
    ways: ['reader', 'policy'],
    reverts: "The add-on's schema knows no containers; its next update may overwrite the Deployment.",
    notes: ['In Auto Mode CoreDNS is a service of the node and no pod: there is no log to read.'],
  },
  openshift: {
    title: 'OpenShift',
    signs: [],
    logging: {
      how: 'The DNS operator logs every query at its level Trace; Normal logs errors only.',
      snippet: {
        kind: 'file',
        path: 'openshift/dns.yaml',
        text: `apiVersion: operator.openshift.io/v1
kind: DNS
metadata:
  name: default
spec:
  logLevel: Trace
`,
      },
    },
    ways: ['reader'],
    reverts: 'The operator resets a DaemonSet that has another number of containers than its own.',
    notes: [
      'DNS pods are in the namespace `openshift-dns`, their container is `dns`.',
      'A hostPath volume needs a SecurityContextConstraint that allows it, and SELinux may keep the log from being read; neither was tried.',
    ],
  },
  doks: {
    title: 'DOKS, OVH, Gardener',
    signs: [/^digitalocean:\/\//, /^ovh/],
    logging: {
      how: 'CoreDNS imports the ConfigMap `coredns-custom`.',
      snippet: CUSTOM('doks/coredns-custom.yaml'),
      after: 'kubectl -n kube-system rollout restart deployment coredns',
    },
    ways: ['reader', 'policy'],
    reverts: 'The Deployment is managed: a container in it is removed.',
    notes: [OWN_SERVER_BLOCKS, 'Gardener corrects servers of your own to port 8053.'],
  },
  gke: {
    title: 'GKE',
    signs: [/-gke\./, /^gce:\/\//],
    logging: undefined,
    ways: [],
    reverts: 'There is no CoreDNS: DNS is kube-dns or Cloud DNS, and the node cache is managed.',
    notes: ['A CoreDNS of your own can be read like anywhere: see kubeadm.'],
  },
} as const satisfies Record<string, Platform>;

export type PlatformName = keyof typeof PLATFORMS;
export const PLATFORM_NAMES = Object.keys(PLATFORMS) as PlatformName[];

/** Undefined where no node gives a sign. */
export function toPlatform(
  nodes: readonly { readonly kubeletVersion: string; readonly providerId: string }[],
): PlatformName | undefined {
  // k3s and RKE2 run on the machines of clouds too: what the kubelet calls itself says more than who owns the node.
  for (const field of ['kubeletVersion', 'providerId'] as const) {
    const found = PLATFORM_NAMES.find((name) =>
      nodes.some((node) => PLATFORMS[name].signs.some((sign) => sign.test(node[field]))),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}
