/** Files that a verb writes, and `-` for standard output; opened before anything is read, so that a bad path costs nothing. */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { World } from './command.ts';

export interface Outputs {
  /** Opens `path`; a sentence without the option's name if that fails. */
  open(path: string): string | undefined;
  /** Writes to a path that was opened; throws what the system says. */
  writer(path: string): (text: string) => void;
  close(): void;
}

export function createOutputs(world: World): Outputs {
  const files = new Map<string, number>();
  return {
    open(path) {
      if (path === '-') return undefined;
      try {
        files.set(path, openSync(path, 'w'));
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    writer(path) {
      const file = files.get(path);
      if (file === undefined) return (text) => world.out(text);
      return (text) => writeAll(file, Buffer.from(text));
    },
    close() {
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

/** A write may take less than it was given, on a pipe or a full disk. */
function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written);
  }
}
