/** How the checks against real programs are found and run: one file after another, since each boots a cluster. */
import { defineConfig } from 'vitest/config';
import { isRequired } from './test/realstack/required.ts';
import { createSkipReporter } from './test/realstack/skips.ts';

// A value that means nothing is refused before anything is skipped.
isRequired();

export default defineConfig({
  test: {
    include: ['test/realstack/**/*.test.ts'],
    setupFiles: ['test/support/runtime.ts'],
    globalSetup: ['test/realstack/sweep.ts'],
    reporters: ['default', createSkipReporter()],
    fileParallelism: false,
    // Processes die with the thread that started them: it has to be one that nobody ends between two tests.
    pool: 'forks',
    // The phases of a start tell their times as they go.
    disableConsoleIntercept: true,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
