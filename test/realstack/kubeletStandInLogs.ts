/** Reads CRI logs as a kubelet does for its API: parts put together, the time in front, file after file as they rotate. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export interface SentLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `<time> <text>\n`, as `timestamps=true` has it. */
  readonly line: string;
}

export interface LogPlace {
  readonly podLogs: string;
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  readonly container: string | undefined;
}

/** Milliseconds between two looks at a file. */
const LOOK_EVERY = 25;

/** The log of the container's last run, or of the one before. */
export function findLog(place: LogPlace, isPrevious: boolean): { readonly path: string } | undefined {
  const folder = findFolder(place);
  if (folder === undefined) return undefined;
  const runs = readdirSync(folder).flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? []);
  const newest = runs.map(Number).toSorted((a, b) => b - a)[isPrevious ? 1 : 0];
  return newest === undefined ? undefined : { path: join(folder, `${newest}.log`) };
}

/** Every line that the container's logs hold, rotated ones included, oldest first. */
export function readAllLogs(folder: string): SentLine[] {
  return readdirSync(folder)
    .map((name) => ({ name, order: toOrder(name) }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .flatMap(({ name }) => readLogFile(join(folder, name)));
}

/** What is whole of it by now. */
export function readLogFile(path: string): SentLine[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return createJoiner()(text.slice(0, text.lastIndexOf('\n') + 1));
}

/** As `tail -F`: to the end of the file, then of the one that stands in its place; ends when `isOver` and all is read. */
export async function* followLogFile(path: string, isOver: () => boolean): AsyncGenerator<SentLine[]> {
  const toLines = createJoiner();
  let fd = openSync(path, 'r');
  let rest = Buffer.alloc(0);
  try {
    for (;;) {
      const isLast = isOver();
      const isRotated = isOther(path, fd);
      const bytes = Buffer.concat([rest, readRest(fd)]);
      const end = bytes.lastIndexOf(10) + 1;
      rest = bytes.subarray(end);
      if (end > 0) yield toLines(bytes.toString('utf8', 0, end));
      if (isLast) return;
      if (isRotated) {
        closeSync(fd);
        fd = openSync(path, 'r');
      } else {
        await pause(LOOK_EVERY);
      }
    }
  } finally {
    closeSync(fd);
  }
}

/** Puts cut lines together again: the time is the first part's. */
function createJoiner(): (text: string) => SentLine[] {
  let open: { readonly time: string; readonly text: string } | undefined;
  return (text) => {
    const lines: SentLine[] = [];
    for (const cri of text.split('\n').filter(Boolean)) {
      const [time = '', , tag, ...words] = cri.split(' ');
      open = { time: open?.time ?? time, text: (open?.text ?? '') + words.join(' ') };
      if (tag === 'P') continue;
      lines.push({ at: Date.parse(open.time), line: `${toFixed(open.time)} ${open.text}\n` });
      open = undefined;
    }
    return lines;
  };
}

/** A kubelet writes nine digits, a runtime leaves out zeros at the end. */
function toFixed(time: string): string {
  const [, seconds = '', fraction = '', zone = ''] = /^(.{19})(?:\.(\d+))?(.+)$/.exec(time) ?? [];
  return `${seconds}.${fraction.padEnd(9, '0')}${zone}`;
}

function findFolder({ podLogs, namespace, pod, container }: LogPlace): string | undefined {
  const name = readdirSync(podLogs).find((found) => found.startsWith(`${namespace}_${pod}_`));
  if (name === undefined || container === undefined) return undefined;
  const folder = join(podLogs, name, container);
  return statSync(folder, { throwIfNoEntry: false }) === undefined ? undefined : folder;
}

/** 0.log.20261121-120000.gz, 0.log.20261121-120001, 0.log, 1.log. */
function toOrder(name: string): string {
  return name.endsWith('.log') ? `${name}~` : name;
}

/** Between rename and reopen nothing stands there. */
function isOther(path: string, fd: number): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  return now !== undefined && now.ino !== fstatSync(fd).ino;
}

function readRest(fd: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(65_536);
    const length = readSync(fd, chunk);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, length));
  }
}
