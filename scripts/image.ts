/** `npm run image`: builds the image, tries it, and prints what it costs; its bill of materials lies beside it. */
import { writeFileSync } from 'node:fs';
import { buildImage } from './image/build.ts';
import { measureImage } from './image/measure.ts';
import { capture } from './image/shell.ts';

const BILL = '.cache/image/corespan.cdx.json';

const image = buildImage(tell);
try {
  const { bytes, files, startMs, idleBytes } = await measureImage(image.root);
  tell(`${image.name}: ${toMegabytes(bytes)} in ${files} files`);
  tell(`start until the log is followed: ${startMs.toFixed(0)} ms, idle memory: ${toMegabytes(idleBytes)}`);
} finally {
  image.release();
}
writeFileSync(BILL, capture(['npm', 'sbom', '--omit=dev', '--sbom-format=cyclonedx']));
tell(`bill of materials: ${BILL}`);

function toMegabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function tell(text: string): void {
  process.stdout.write(`image  ${text}\n`);
}
