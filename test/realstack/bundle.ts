/** The bundle that the checks run: built from the sources as they are, once for every state of them. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { listFiles } from '../../scripts/listFiles.ts';
import { run } from './commands.ts';
import { CACHE_FOLDER } from './programs.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
/** What the bundle is made of besides src/ and packages, which the lock file stands for. */
const INPUTS = ['package-lock.json', 'rolldown.config.ts'];
const ENTRY = 'corespan.cjs';
/** Finished or not: what a killed build left behind is nobody's last. */
const KEPT = 8;

/**
 * Folder of the bundle, whose entry is corespan.cjs. Not dist/, which may be older than the sources. Built in about
 * two seconds, found again at once; `REALSTACK_BUNDLE` names another one to be checked.
 */
export async function prepareBundle(): Promise<string> {
  const chosen = process.env['REALSTACK_BUNDLE'];
  if (chosen !== undefined) return chosen;
  // Sidecars that start together wait for one build: two in one process would share a folder.
  building ??= findOrBuild().finally(() => {
    building = undefined;
  });
  return await building;
}

let building: Promise<string> | undefined;

async function findOrBuild(): Promise<string> {
  const folder = join(CACHE_FOLDER, 'bundles', hashInputs());
  if (existsSync(join(folder, ENTRY))) {
    const now = new Date();
    utimesSync(folder, now, now);
    return folder;
  }
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const rolldown = join(REPOSITORY, 'node_modules/rolldown/bin/cli.mjs');
  const config = join(REPOSITORY, 'rolldown.config.ts');
  const options = ['--cwd', REPOSITORY, '--config', config, '--dir', unfinished];
  await run([process.execPath, rolldown, ...options]);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another run has been faster.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(join(folder, ENTRY))) throw error;
  }
  removeUnused(dirname(folder));
  return folder;
}

/** All but those that were asked for last, which other checkouts may be running right now. */
function removeUnused(bundles: string): void {
  const byUse = readdirSync(bundles)
    .flatMap((name) => {
      const found = statSync(join(bundles, name), { throwIfNoEntry: false });
      return found === undefined ? [] : [{ name, used: found.mtimeMs }];
    })
    .toSorted((a, b) => b.used - a.used);
  for (const { name } of byUse.slice(KEPT)) rmSync(join(bundles, name), { recursive: true, force: true });
}

function hashInputs(): string {
  const hash = createHash('sha256');
  const sources = listFiles(join(REPOSITORY, 'src')).map((name) => join('src', name));
  for (const input of [...sources, ...INPUTS]) {
    hash.update(`${input}\n`).update(readFileSync(join(REPOSITORY, input)));
  }
  return hash.digest('hex').slice(0, 12);
}
