/** Reporter: tells how many checks against the real stack were skipped and how to enable them. */
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import { findMissing, toAdvice } from './missing.ts';
import { PACKAGE_NAMES } from './packages.ts';
import { PROGRAM_NAMES } from './programs.ts';
import { isRequired } from './required.ts';

/** Begins the note of a skip that is no failure where all checks are required: it lacks what nobody has to have. */
export const NOT_RUN = 'not run: ';

export function createSkipReporter(): Reporter {
  /** Undefined unless tests are chosen by name (-t). */
  let chosen: RegExp | undefined;
  return {
    onInit(vitest) {
      chosen = vitest.getGlobalTestNamePattern();
    },
    onTestRunEnd(modules) {
      const skipped = modules.flatMap(skippedOf).filter((test) => isChosen(test, chosen));
      const notes = skipped.map(toNote);
      for (const note of notes.filter(isNotRun)) process.stdout.write(`realstack  ${note}\n`);
      const count = notes.filter((note) => !isNotRun(note)).length;
      if (count === 0) return;
      const missing = findMissing({ programs: PROGRAM_NAMES, packages: PACKAGE_NAMES });
      const reason =
        missing.length > 0
          ? `missing ${missing.join(', ')}; ${toAdvice(missing)}`
          : 'see each for what it lacks';
      process.stderr.write(`skipped: ${count} checks: ${reason}\n`);
      if (isRequired()) process.exitCode = 1;
    },
  };
}

/** Tests behind a `beforeAll` that failed are reported as skipped too; what is amiss there is said by the failure. */
function skippedOf(module: TestModule): TestCase[] {
  return [...module.children.allTests('skipped')].filter(({ parent }) => !isBroken(parent));
}

/** Whoever asks for some tests by name does not miss the others, which are reported as skipped too. */
function isChosen({ fullName }: TestCase, chosen: RegExp | undefined): boolean {
  return chosen === undefined || chosen.test(fullName) || chosen.test(fullName.replaceAll(' > ', ' '));
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
