/** How the tests are found and run: every test mirrors a room of src/. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/realstack/**', 'node_modules/**'],
    setupFiles: ['test/support/runtime.ts'],
    testTimeout: 20_000,
  },
});
