/** Reporter: tells how many checks against the real stack were skipped and how to enable them. */
import type { Reporter, TestModule, TestSuite } from 'vitest/node';
import { findMissing, HOW_TO_GET } from './missing.ts';
import { PACKAGE_NAMES } from './packages.ts';
import { PROGRAM_NAMES } from './programs.ts';

export function createSkipReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const skipped = modules.reduce((sum, module) => sum + countSkipped(module), 0);
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
function countSkipped(module: TestModule): number {
  return [...module.children.allTests('skipped')].filter(({ parent }) => !isBroken(parent)).length;
}

function isBroken(group: TestModule | TestSuite): boolean {
  return group.errors().length > 0 || (group.type === 'suite' && isBroken(group.parent));
}
