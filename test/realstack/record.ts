/**
 * `npm run record [folder]`: plays two minutes of a small shop in the real cluster, and writes down its logs, its
 * objects and the truth. Takes the place of the recording in the folder, examples/shop unless another one is named.
 */
import { join, resolve } from 'node:path';
import { findMissing, toAdvice } from './missing.ts';
import { CLUSTER_NEEDS } from './realStack.ts';
import { ABOUT } from './recordAbout.ts';
import { isFreeForRecording, placeRecording } from './recordFolder.ts';
import { recordShop } from './recordShop.ts';
import { toRunFolder } from './runs.ts';

const folder = resolve(process.argv[2] ?? 'examples/shop');
const missing = findMissing({
  ...CLUSTER_NEEDS,
  packages: [...CLUSTER_NEEDS.packages, 'gcc', 'libc6-dev', 'musl-tools'],
});

if (missing.length > 0) {
  tell(`missing: ${missing.join(', ')}; ${toAdvice(missing)}`);
  process.exitCode = 1;
} else if (isFreeForRecording(folder)) {
  const runFolder = toRunFolder('record');
  const recorded = join(runFolder, 'recording');
  await recordShop({ runFolder, folder: recorded, about: ABOUT, log: tell });
  placeRecording(recorded, folder);
  tell(`written to ${folder}; corespan replay ${folder}/pods --cluster ${folder}/cluster`);
} else {
  tell(`${folder} is there, and is no recording: name another folder`);
  process.exitCode = 1;
}

function tell(text: string): void {
  process.stderr.write(`record  ${text}\n`);
}
