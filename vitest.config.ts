/** How the tests are found and run: every test mirrors a room of src/. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/realstack/**', 'node_modules/**'],
    setupFiles: ['test/support/runtime.ts'],
    // Nothing here waits for time to pass; a machine that is busy elsewhere may still take its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
