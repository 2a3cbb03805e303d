/**
 * The little that corespan keeps of each Kubernetes object; `project.ts` cuts it out of the API's JSON.
 *
 * A pod's JSON is some 9 kB. Tens of thousands are held: a pod that is one endpoint takes 1.1 kB with all that leads to
 * it (ADR 015). Every kept string is a copy: a slice would pin the line it was cut from.
 */

export const RESOURCES = ['pods', 'services', 'endpointslices', 'nodes', 'namespaces'] as const;
export type Resource = (typeof RESOURCES)[number];

interface Named {
  readonly uid: string;
  /** "" for objects outside namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
}

/** Times are milliseconds since the epoch, whole seconds as the API writes them. */
interface Created extends Named {
  readonly created: number | undefined;
}

export interface PodObject extends Named {
  readonly resource: 'pods';
  readonly labels: ReadonlyMap<string, string>;
  /** Only `resource.opentelemetry.io/*`, prefix taken off. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly controller: { readonly kind: string; readonly name: string } | undefined;
  readonly node: string | undefined;
  readonly isHostNetwork: boolean;
  readonly phase: string;
  /** By its kubelet; else when it was created. */
  readonly started: number | undefined;
  readonly deleted: number | undefined;
  readonly addresses: readonly string[];
  readonly nodeAddresses: readonly string[];
}

export interface ServiceObject extends Created {
  readonly resource: 'services';
  readonly type: string;
  /** Empty for a headless Service. */
  readonly clusterAddresses: readonly string[];
  readonly externalAddresses: readonly string[];
}

export interface EndpointSliceObject extends Created {
  readonly resource: 'endpointslices';
  readonly service: string | undefined;
  readonly endpoints: readonly EndpointObject[];
}

export interface EndpointObject {
  readonly addresses: readonly string[];
  readonly hostname: string | undefined;
  readonly pod: string | undefined;
}

export interface NodeObject extends Named {
  readonly resource: 'nodes';
  readonly addresses: readonly string[];
  readonly podRanges: readonly string[];
}

export interface NamespaceObject extends Named {
  readonly resource: 'namespaces';
}

export type ClusterObject = PodObject | ServiceObject | EndpointSliceObject | NodeObject | NamespaceObject;

/** What happened to the cluster, as a watch or a recording tells it; `at` is the arrival in milliseconds. */
export type Change =
  | { readonly type: 'put'; readonly at: number; readonly object: ClusterObject }
  | { readonly type: 'delete'; readonly at: number; readonly object: ClusterObject }
  /** The complete state of a resource: what is not in it is gone, since nobody knows exactly when. */
  | {
      readonly type: 'replace';
      readonly at: number;
      readonly resource: Resource;
      readonly objects: readonly ClusterObject[];
    };
