/** What can be applied as it is, once the image is one that the nodes can pull; and a file for each platform. */
import { toAddition } from '../../src/install/container.ts';
import { PLATFORMS, type Platform } from '../../src/install/platforms.ts';
import { toSettings } from '../../src/install/settings.ts';
import { type Files, toDocuments, toKustomization } from './documents.ts';
import { IMAGE } from './names.ts';

export function toExamples(): Files {
  return new Map(
    [...toOverlays(), ...toChartValues(), ...toPlatformFiles()].map(([path, content]) => [
      `examples/${path}`,
      content,
    ]),
  );
}

/** Where the image lies is the one thing that everybody has to change. */
const IMAGES = [{ name: 'corespan', newName: 'registry.example.org/corespan', newTag: IMAGE.split(':')[1] }];

const OVERLAYS: Readonly<Record<string, readonly string[]>> = {
  reader: ['reader', 'network-policy'],
  'admission-policy': ['admission-policy'],
  'node-local-dns-rbac': ['node-local-dns-rbac'],
  'pod-monitor': ['pod-monitor'],
  'service-monitor': ['service-monitor'],
  'prometheus-rules': ['prometheus-rules'],
  'grafana-dashboards': ['grafana-dashboards'],
};

function toOverlays(): [string, string][] {
  return Object.entries(OVERLAYS).map(([name, components]) => {
    return [
      `${name}/kustomization.yaml`,
      toKustomization('Kustomization', {
        components: components.map((component) => `../../components/${component}`),
        ...(name === 'reader' && { images: IMAGES }),
        ...(name === 'admission-policy' && { patches: [IMAGE_OF_POLICY] }),
      }),
    ];
  });
}

/** Kustomize does not know that this is an image. */
const IMAGE_OF_POLICY = {
  target: { kind: 'ConfigMap', name: 'corespan-policy' },
  patch: `- op: replace\n  path: /data/image\n  value: registry.example.org/${IMAGE}\n`,
};

function toChartValues(): [string, string][] {
  const image = `registry.example.org/${IMAGE}`;
  const { container, volumes } = toAddition(toSettings('coredns', { image }));
  const what =
    'Values of the coredns chart that put corespan beside CoreDNS; with log in servers[].plugins besides:\n  helm upgrade coredns coredns/coredns -n kube-system --reuse-values -f values.yaml';
  return [
    ['coredns-chart/values.yaml', toDocuments(what, { extraContainers: [container], extraVolumes: volumes })],
  ];
}

function toPlatformFiles(): [string, string][] {
  const files = Object.values(PLATFORMS).flatMap(({ logging }: Platform): [string, string][] =>
    logging?.snippet.kind === 'file' ? [[logging.snippet.path, logging.snippet.text]] : [],
  );
  return [
    ...files,
    ['eks/configuration-values.json', `${JSON.stringify({ corefile: EKS_COREFILE }, undefined, 2)}\n`],
  ];
}

/** The add-on takes a Corefile as a whole. */
const EKS_COREFILE = `.:53 {
    errors
    log
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;
