/** All files below a folder, as paths in it, sorted; links are named, not followed. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}
