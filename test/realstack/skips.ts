/** Reporter: tells how many checks against the real stack were skipped and how to enable them. */
import type { Reporter, TestModule } from 'vitest/node';
import { findMissing, HOW_TO_GET } from './missing.ts';
import { PACKAGE_NAMES } from './packages.ts';
import { PROGRAM_NAMES } from './programs.ts';

export function createSkipReporter(): Reporter {
  return {
    onTestRunEnd(modules) {
      const skipped = modules.reduce((sum, module) => sum + countSkipped(module), 0);
      if (skipped === 0) return;
      const missing = findMissing({ programs: PROGRAM_NAMES, packages: PACKAGE_NAMES });
      process.stderr.write(`skipped: ${skipped} checks: missing ${missing.join(', ')}; ${HOW_TO_GET}\n`);
      if (process.env['REALSTACK'] === 'required') process.exitCode = 1;
    },
  };
}

function countSkipped(module: TestModule): number {
  return [...module.children.allTests('skipped')].length;
}
