/** The program of a pass, bundled as the image ships corespan: others are compared with what users run. */
import { join } from 'node:path';
import { build, type OutputOptions } from 'rolldown';
import shipped from '../../rolldown.config.ts';

/** Writes the bundle under `folder`; resolves to its entry. */
export async function bundlePass(folder: string): Promise<string> {
  const output: OutputOptions = { ...toOne(shipped.output), dir: join(folder, 'pass'), banner: '' };
  await build({ ...shipped, input: { pass: join(import.meta.dirname, 'pass.ts') }, output });
  return join(folder, 'pass', 'pass.cjs');
}

function toOne(output: OutputOptions | OutputOptions[] | undefined): OutputOptions {
  if (output === undefined || Array.isArray(output))
    throw new Error('rolldown.config.ts: one output expected');
  return output;
}
