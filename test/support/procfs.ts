/** What the kernel says of a process: its memory and its CPU time. */
import { readFileSync } from 'node:fs';

export interface Memory {
  /** Resident set in bytes; `file` is mapped from disk, mostly Node itself, which every Node on the machine shares. */
  readonly rss: number;
  readonly anonymous: number;
  readonly file: number;
  /** The most it has ever been. */
  readonly peak: number;
}

export function readMemory(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { rss: field('VmRSS'), anonymous: field('RssAnon'), file: field('RssFile'), peak: field('VmHWM') };
}

/** Seconds of CPU that a process has used with all its threads; in steps of 10 ms. */
export function readCpu(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program may hold blanks; it ends with the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
  return (user + system) / TICKS;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const TICKS = 100;
