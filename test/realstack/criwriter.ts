/** Runs a container under criwriter, the stand-in for containerd and the kubelet's log manager (go/criwriter). */
import { join } from 'node:path';
import { start, whileRunning } from './processes.ts';
import { toBinary } from './programs.ts';
import { type Sandbox, toArgv } from './sandbox.ts';

/** As the kubelet's containerLogMaxSize and the like. */
export interface Rotation {
  /** Bytes from which a file is rotated; 10 MiB. */
  readonly maxSize?: number;
  /** Files kept, the current one included; 5. */
  readonly maxFiles?: number;
  /** Seconds between two looks at the size; 10. With 0 files are rotated only when asked for. */
  readonly checkEvery?: number;
}

export interface ContainerOptions {
  /** For messages. */
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `<ns>_<pod>_<uid>/<container>/<restart>.log` under the log root. */
  readonly logPath: string;
  readonly rotation?: Rotation;
  /** What criwriter itself complains of. */
  readonly complaints: string;
}

export interface Container {
  readonly logPath: string;
  /** Of the container's own process, not of criwriter. */
  readonly pid: number;
  /** Of criwriter. */
  readonly writerPid: number;
  /** How it ended, once it has. */
  readonly ended: Promise<ContainerEnding>;
  signal(name: NodeJS.Signals): void;
  /** Rotates now, whatever the size; resolves to the name that the file got. */
  rotate(): Promise<string>;
  /** SIGTERM, and SIGKILL after the grace (milliseconds). Idempotent. */
  stop(grace?: number): Promise<ContainerEnding>;
}

export interface ContainerEnding {
  /** Exit code, 128 + signal where one ended it; 137 as well where criwriter itself was killed. */
  readonly code: number;
  /** Lines that the container wrote, by criwriter's count: the truth that a reader of the files is held to. */
  readonly lines: number;
  /** Lines of these that did not reach the file, because the disk was full. */
  readonly lost: number;
}

interface Report extends ContainerEnding {
  readonly kind: 'started' | 'rotated' | 'failed' | 'exited';
  readonly pid?: number;
  readonly path?: string;
  readonly message?: string;
}

/** Resolves once the process has been started, which does not mean that it is ready. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { name, sandbox, argv, env, logPath, rotation = {}, complaints } = options;
  const reports = createReports();
  const started = reports.next('started');
  const exited = reports.next('exited');
  const writer = start(toArgv(sandbox, [...toWriterArgv(logPath, rotation), '--', ...argv]), {
    name,
    logFile: complaints,
    ...(env && { env }),
    onOutput: reports.read,
  });
  const { pid = 0 } = await whileRunning(writer, { logFile: complaints, promise: started });
  // If nothing has been told of the exit by then, criwriter has been killed.
  const ended = Promise.race([exited, writer.ended.then(() => KILLED)]).then(
    ({ code, lines, lost }): ContainerEnding => ({ code, lines, lost }),
  );

  function kill(signal: NodeJS.Signals): void {
    try {
      if (writer.isRunning()) process.kill(pid, signal);
    } catch (error) {
      // It has ended by itself, and criwriter is about to say so.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  return {
    logPath,
    pid,
    writerPid: writer.pid,
    ended,

    signal: kill,

    async rotate() {
      const rotated = reports.next('rotated', 'failed');
      writer.child.stdin?.write('rotate\n');
      const {
        kind,
        path = '',
        message,
      } = await whileRunning(writer, { logFile: complaints, promise: rotated });
      if (kind === 'failed') throw new Error(`cannot rotate ${logPath}: ${message}`);
      return path;
    },

    async stop(grace = 5000) {
      kill('SIGTERM');
      // criwriter itself is never killed: what the container says last would be lost.
      const deadline = setTimeout(() => kill('SIGKILL'), grace);
      try {
        return await ended;
      } finally {
        clearTimeout(deadline);
      }
    },
  };
}

const KILLED: ContainerEnding = { code: 137, lines: 0, lost: 0 };

interface Reports {
  /** Takes what criwriter prints, cut anywhere. */
  read(chunk: string): void;
  /** The next report of these kinds. */
  next(...kinds: readonly Report['kind'][]): Promise<Report>;
}

function createReports(): Reports {
  const waiting = new Set<(report: Report) => void>();
  let unfinished = '';
  return {
    read(chunk) {
      const lines = (unfinished + chunk).split('\n');
      unfinished = lines.pop() ?? '';
      for (const line of lines) {
        for (const tell of waiting) tell(JSON.parse(line) as Report);
      }
    },
    next: (...kinds) =>
      new Promise((resolve) => {
        waiting.add(function tell(report) {
          if (!kinds.includes(report.kind)) return;
          waiting.delete(tell);
          resolve(report);
        });
      }),
  };
}

function toWriterArgv(logPath: string, { maxSize, maxFiles, checkEvery }: Rotation): string[] {
  return [
    toBinary('criwriter', 'criwriter'),
    `-log=${logPath}`,
    ...(maxSize === undefined ? [] : [`-max-size=${maxSize}`]),
    ...(maxFiles === undefined ? [] : [`-max-files=${maxFiles}`]),
    ...(checkEvery === undefined ? [] : [`-check-every=${checkEvery}s`]),
  ];
}

/** Where the kubelet puts a container's log. */
export function toLogPath(
  root: string,
  pod: { readonly namespace: string; readonly name: string; readonly uid: string },
  { container, restart }: { readonly container: string; readonly restart: number },
): string {
  return join(root, `${pod.namespace}_${pod.name}_${pod.uid}`, container, `${restart}.log`);
}
