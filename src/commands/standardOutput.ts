/** Standard output, whole or with an error: Node takes a write to a file that was cut short, on a full disk, for a whole one. */
import { fstatSync, writeSync } from 'node:fs';
import { toErrorText } from '../text/errors.ts';

/** Thrown where standard output takes no more. */
export class OutputFailed extends Error {}

export interface StandardOutput {
  /** Writes all of a text, or throws. What goes wrong with a pipe or a terminal is told later, by the stream's 'error'. */
  write(text: string): void;
  /** Calls `then` once what was written has left, with what went wrong on its way. */
  whenLeft(then: (error: Error | null) => void): void;
}

export function toStandardOutput(stream: NodeJS.WriteStream & { readonly fd: number }): StandardOutput {
  if (!isFile(stream)) {
    return {
      write: (text) => void stream.write(text),
      whenLeft: (then) => void stream.write('', () => then(stream.errored)),
    };
  }
  return {
    write(text) {
      try {
        writeAll(stream.fd, Buffer.from(text));
      } catch (error) {
        throw new OutputFailed(`standard output: ${toErrorText(error)}`, { cause: error });
      }
    },
    whenLeft: (then) => then(null),
  };
}

/** Or a device such as /dev/full; pipes and terminals may not take all at once, and wait for Node's loop. */
function isFile({ fd, isTTY }: { readonly fd: number; readonly isTTY?: boolean }): boolean {
  const stat = fstatSync(fd);
  return isTTY !== true && !stat.isFIFO() && !stat.isSocket();
}

/** A write may take less than it was given, on a pipe or a full disk. */
export function writeAll(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written);
  }
}
