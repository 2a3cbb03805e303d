/** A small client of the real API server, through the unix socket of `kubectl proxy`: JSON in, JSON out. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly unknown[];
    readonly [key: string]: unknown;
  };
  // biome-ignore lint/suspicious/noExplicitAny: objects of any kind pass through; each caller knows its own.
  readonly [key: string]: any;
}

export interface Api {
  get(path: string): Promise<KubeObject>;
  list(path: string, query?: Readonly<Record<string, string>>): Promise<readonly KubeObject[]>;
  create(path: string, object: object): Promise<KubeObject>;
  /** Merge patch. */
  patch(path: string, change: object): Promise<KubeObject>;
  delete(path: string, options?: object): Promise<KubeObject>;
  /** The answer as it comes, for watches and whatever else is no single JSON document. */
  open(path: string): Promise<IncomingMessage>;
}

/** The server said no; `status` is what it said. */
export class ApiRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createApi(socketPath: string): Api {
  async function ask(method: string, path: string, body?: object): Promise<KubeObject> {
    const said = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      // Node says nothing of the length by itself where the method is DELETE.
      'content-length': Buffer.byteLength(said),
    };
    const asked = request({ socketPath, method, path, headers });
    asked.end(said);
    const answer = await toAnswer(asked);
    const answered = await text(answer);
    const status = answer.statusCode ?? 0;
    if (status >= 300) throw new ApiRefusal(status, `${method} ${path}: ${status} ${toReason(answered)}`);
    return JSON.parse(answered) as KubeObject;
  }

  return {
    get: (path) => ask('GET', path),
    async list(path, query = {}) {
      const { items } = await ask('GET', `${path}?${new URLSearchParams(query).toString()}`);
      return items as readonly KubeObject[];
    },
    create: (path, object) => ask('POST', path, object),
    patch: (path, change) => ask('PATCH', path, change),
    delete: (path, options) => ask('DELETE', path, options),
    async open(path) {
      const asked = request({ socketPath, path });
      asked.end();
      return await toAnswer(asked);
    },
  };
}

function toAnswer(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.once('response', resolve).once('error', reject);
  });
}

function toReason(said: string): string {
  try {
    return (JSON.parse(said) as { readonly message?: string }).message ?? said;
  } catch {
    return said.slice(0, 500);
  }
}
