/** Reporter: tells how many checks against the real stack were skipped and how to enable them. */
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import { findMissing, HOW_TO_GET } from './missing.ts';
import { PACKAGE_NAMES } from './packages.ts';
import { PROGRAM_NAMES } from './programs.ts';

/** Begins the note of a skip that is no failure where all checks are required: it lacks what nobody has to have. */
export const NOT_RUN = 'not run: ';

export function createSkipReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const notes = modules.flatMap((module) => skippedOf(module).map(toNote));
      for (const note of notes.filter(isNotRun)) process.stdout.write(`realstack  ${note}\n`);
      const skipped = notes.filter((note) => !isNotRun(note)).length;
      if (skipped === 0) return;
      const missing = findMissing({ programs: PROGRAM_NAMES, packages: PACKAGE_NAMES });
      const reason =
        missing.length > 0 ? `missing ${missing.join(', ')}; ${HOW_TO_GET}` : 'see each for what it lacks';
      process.stderr.write(`skipped: ${skipped} checks: ${reason}\n`);
      if (process.env['REALSTACK'] === 'required') process.exitCode = 1;
    },
  };
}

/** Tests behind a `beforeAll` that failed are reported as skipped too; what is amiss there is said by the failure. */
function skippedOf(module: TestModule): TestCase[] {
  return [...module.children.allTests('skipped')].filter(({ parent }) => !isBroken(parent));
}

function isBroken(group: TestModule | TestSuite): boolean {
  return group.errors().length > 0 || (group.type === 'suite' && isBroken(group.parent));
}

function toNote(test: TestCase): string {
  const result = test.result();
  return result.state === 'skipped' ? (result.note ?? '') : '';
}

function isNotRun(note: string): boolean {
  return note.startsWith(NOT_RUN);
}
