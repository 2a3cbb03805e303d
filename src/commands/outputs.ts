/**
 * Files that a verb writes, and `-` for standard output. They are opened before anything is read, so that a bad path costs
 * nothing, and emptied only once all is well: what was given by mistake is still whole, and what was made for nothing goes away.
 */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { toErrorText } from '../text/errors.ts';
import type { World } from './command.ts';
import { writeAll } from './standardOutput.ts';

export interface Outputs {
  /** Opens `path` for `option`; a sentence that says what is wrong with it. */
  open(option: string, path: string): string | undefined;
  /** Empties what was opened. */
  begin(): void;
  /** Writes to what was opened for `option`; throws what the system says. */
  writer(option: string): (text: string) => void;
  /** One sentence for each option whose output is not whole. */
  failures(): readonly string[];
  close(): void;
}

interface Output {
  /** Undefined: standard output. */
  readonly file: number | undefined;
  /** Where it was made by opening it; undefined where it was there before. */
  readonly made: string | undefined;
  /** The same for what is the same file; undefined where that does not matter, as with /dev/null. */
  readonly place: string | undefined;
}

/** Files that are read, by path or descriptor, and must not be written to. */
export interface Read {
  /** What each of them is. */
  readonly what: string;
  readonly files: readonly (string | number)[];
}

export function createOutputs(world: World, read: readonly Read[]): Outputs {
  const outputs = new Map<string, Output>();
  const failures = new Map<string, string>();
  let hasBegun = false;

  function write(output: Output | undefined, text: string): void {
    if (output?.file === undefined) world.out(text);
    else writeAll(output.file, Buffer.from(text));
  }

  return {
    open(option, path) {
      try {
        const output = openOutput(path);
        const taken = [...outputs].find(([, { place }]) => place !== undefined && place === output.place);
        outputs.set(option, output);
        if (taken !== undefined) return `${option}: got the same place as ${taken[0]}, wants another`;
        const what = findRead(read, output);
        return what === undefined ? undefined : `${option}: ${path} is ${what}, wants another place`;
      } catch (error) {
        return `${option}: cannot write there: ${toErrorText(error)}`;
      }
    },
    begin() {
      hasBegun = true;
      for (const { file, place } of outputs.values()) {
        if (file !== undefined && place !== undefined) ftruncateSync(file);
      }
    },
    writer(option) {
      const output = outputs.get(option);
      return (text) => {
        try {
          write(output, text);
        } catch (error) {
          failures.set(option, `${option}: not everything could be written: ${toErrorText(error)}`);
          throw error;
        }
      };
    },
    failures: () => [...failures.values()],
    close() {
      for (const { file, made } of outputs.values()) {
        if (file !== undefined) closeSync(file);
        if (made !== undefined && !hasBegun) unlinkSync(made);
      }
      outputs.clear();
    },
  };
}

function openOutput(path: string): Output {
  if (path === '-') return { file: undefined, made: undefined, place: '-' };
  const made = existsSync(path) ? undefined : path;
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT);
  return { file, made, place: toPlace(fstatSync(file)) };
}

/** What is read there. */
function findRead(read: readonly Read[], { place }: Output): string | undefined {
  if (place === undefined) return undefined;
  return read.find(({ files }) => files.some((file) => toPlace(toStat(file)) === place))?.what;
}

function toStat(file: string | number): Stats {
  return typeof file === 'number' ? fstatSync(file) : statSync(file);
}

function toPlace(stat: Stats): string | undefined {
  return stat.isFile() ? `${stat.dev}:${stat.ino}` : undefined;
}
