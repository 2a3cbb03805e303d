/** What a call to the API server carries, and where that may come from. */
import type { Agent } from 'node:http';
import type { SecureContextOptions } from 'node:tls';

export interface Credentials {
  /** Its path is the prefix of every path, as behind a proxy. */
  readonly server: URL;
  /** Where they come from, for messages. */
  readonly describe: string;
  /** What one call carries; files are read again as they change. Rejects if there is nothing to carry. */
  authorize(): Promise<Authorization>;
  /** The server has refused what `authorize` gave: read it anew the next time. */
  refresh(): void;
}

export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: SecureContextOptions & {
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
  /** Set where the calls go through a proxy. */
  readonly agent?: Agent;
}

export interface CredentialsOptions {
  /** Path of a kubeconfig; undefined: the standard places. */
  readonly kubeconfig: string | undefined;
  /** Name of a context in it; undefined: its current one. */
  readonly context: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the service account; undefined: where the kubelet mounts it. */
  readonly serviceAccount?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** A sentence that says what is missing and how to give it. */
export interface CredentialsProblem {
  readonly problem: string;
}
