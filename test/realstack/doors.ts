/** Ways between a test, which runs in the machine's own network, and the network of a namespace. */
import { spawn } from 'node:child_process';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { ENVIRONMENT } from './commands.ts';
import { type Running, start } from './processes.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An HTTP exchange made inside the namespace; `url` names an address, since nobody looks names up here. */
export async function fetchIn(namespace: string, url: string, question: Question = {}): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const asked = request(url, {
    method: question.method ?? 'GET',
    headers: { connection: 'close', ...question.headers },
    createConnection: () => connectIn(namespace, { address: hostname, port: Number(port || 80) }),
  });
  asked.end(question.body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject);
  });
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}

/** A TCP connection made inside the namespace; it closes if nobody listens there. */
export function connectIn(
  namespace: string,
  { address, port }: { readonly address: string; readonly port: number },
): Socket {
  // A pipe of a child is a socket with two directions where it is none of the standard three.
  const argv = [
    '--pdeathsig',
    'KILL',
    '--',
    'ip',
    'netns',
    'exec',
    namespace,
    'socat',
    'FD:3',
    `TCP:${address}:${port}`,
  ];
  const child = spawn('setpriv', argv, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'], env: ENVIRONMENT });
  const connection = child.stdio[3] as Socket;
  connection.once('close', () => child.kill());
  return connection;
}

/**
 * Lets programs in the namespace reach a server of the test: who connects to the port there is led to the test's
 * unix socket.
 */
export function openDoor(
  namespace: string,
  {
    port,
    socketPath,
    logFile,
  }: { readonly port: number; readonly socketPath: string; readonly logFile: string },
): Running {
  return start(
    [
      'ip',
      'netns',
      'exec',
      namespace,
      'socat',
      `TCP-LISTEN:${port},reuseaddr,fork`,
      `UNIX-CONNECT:${socketPath}`,
    ],
    { name: `door to port ${port}`, logFile },
  );
}
