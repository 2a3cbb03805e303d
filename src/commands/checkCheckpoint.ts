/** Whether --checkpoint names a place where a file can lie: found at the start, and not with the first save. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/load.ts';
import { toErrorText } from '../text/errors.ts';

/**
 * The folder is not made: where none is, no volume is mounted, and what lies there would not outlive the container. One
 * that cannot be written to is left to the first save and its alert: a pod that reads without a checkpoint is worth more
 * than one that idles for it.
 */
export function checkCheckpoint({ source, checkpoint }: Config): string[] {
  // Beside another source the option does nothing.
  if (checkpoint === undefined || source !== 'volume') return [];
  const folder = dirname(checkpoint);
  try {
    const isFolder = statSync(checkpoint, { throwIfNoEntry: false })?.isDirectory() === true;
    if (isFolder) return [toProblem(checkpoint, 'that is a folder')];
    const above = statSync(folder, { throwIfNoEntry: false });
    if (above === undefined) return [toProblem(checkpoint, `there is no folder ${folder}`)];
    return above.isDirectory() ? [] : [toProblem(checkpoint, `${folder} is no folder`)];
  } catch (error) {
    return [toProblem(checkpoint, toErrorText(error))];
  }
}

function toProblem(checkpoint: string, reason: string): string {
  return `--checkpoint: got ${JSON.stringify(checkpoint)}, wants a file in a folder that exists: ${reason}`;
}
