/** Reads the Corefile that --corefile names, for the verbs that look into one. */
import { readFileSync } from 'node:fs';
import type { CorefileSource } from '../install/corefile/source.ts';
import { toErrorText } from '../text/errors.ts';

/** `none` leaves the Corefile out; undefined: none was named. */
export async function readCorefile(
  path: string | undefined,
): Promise<{ readonly corefile: CorefileSource | 'none' | undefined } | { readonly problem: string }> {
  if (path === undefined || path === 'none') return { corefile: path };
  const { toCorefileSource } = await import('../install/corefile/source.ts');
  try {
    return { corefile: toCorefileSource(path, readFileSync(path, 'utf8')) };
  } catch (error) {
    return { problem: `--corefile: cannot be read: ${toErrorText(error)}` };
  }
}
