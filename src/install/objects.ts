/** The parts of Kubernetes objects that corespan writes, as the API has them; nothing more. */

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?:
    | { readonly fieldRef: { readonly fieldPath: string } }
    | { readonly secretKeyRef: { readonly name: string; readonly key: string; readonly optional: boolean } };
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPathExpr?: string;
  readonly readOnly?: boolean;
}

export interface Resources {
  readonly requests: Readonly<Record<'cpu' | 'memory', string>>;
  readonly limits: { readonly memory: string; readonly cpu?: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy: 'IfNotPresent';
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly ports?: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly protocol: 'TCP';
  }[];
  readonly livenessProbe?: {
    readonly httpGet: { readonly path: string; readonly port: string };
    readonly periodSeconds: number;
    readonly timeoutSeconds: number;
    readonly failureThreshold: number;
  };
  readonly resources: Resources;
  readonly securityContext: {
    readonly runAsNonRoot: boolean;
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[] };
    readonly seccompProfile: { readonly type: string };
  };
  readonly volumeMounts: readonly VolumeMount[];
}

export interface Volume {
  readonly name: string;
  readonly hostPath?: { readonly path: string };
  readonly emptyDir?: { readonly sizeLimit: string };
}

/** What a pod gets: one container and the volumes that it mounts. */
export interface Addition {
  readonly container: Container;
  readonly volumes: readonly Volume[];
}
