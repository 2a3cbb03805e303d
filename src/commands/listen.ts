/** Starts the HTTP side as the configuration says, and turns the system's refusal into a sentence with the fix. */
import type { Config } from '../config/load.ts';
import { type HttpServer, startHttpServer, type Views } from '../http/server.ts';
import type { HttpSelf } from '../self/http.ts';
import { toErrorText } from '../text/errors.ts';

export interface Listening {
  /** Where it serves; undefined if it does not. */
  readonly url: string | undefined;
  /** Why it could not; names the option. */
  readonly problem: string | undefined;
  stop(): Promise<void>;
}

export async function listen(
  { listen: address }: Pick<Config, 'listen'>,
  self: HttpSelf,
  views: Views,
): Promise<Listening> {
  if (address === 'none') return toListening(undefined, undefined);
  try {
    return toListening(await startHttpServer(address, views, self), undefined);
  } catch (error) {
    return toListening(undefined, toProblem(error, `${address.host ?? ''}:${address.port}`));
  }
}

function toListening(server: HttpServer | undefined, problem: string | undefined): Listening {
  return { url: server?.url, problem, stop: () => server?.stop() ?? Promise.resolve() };
}

function toProblem(error: unknown, address: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `--listen: ${address} is taken by another process; give another port, or none`;
    case 'EACCES':
      return `--listen: ${address} may not be opened; give a port above 1023, or none`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `--listen: this machine has no address for ${address}; give one that it has, or only :PORT`;
    default:
      return `--listen: ${address}: ${toErrorText(error)}`;
  }
}
