/**
 * Bundles src/ into dist/corespan.cjs and a few chunks that are loaded only when they are needed.
 *
 * CommonJS: the same code as an ES module needs 5 MB more and starts 15 ms later (measured with Node 26).
 */
import { defineConfig } from 'rolldown';

export default defineConfig({
  input: { corespan: 'src/main.ts' },
  platform: 'node',
  // Without it packages come in twice: as CommonJS and as modules.
  resolve: { mainFields: ['module', 'main'] },
  output: {
    dir: 'dist',
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    minify: true,
    banner: (chunk) => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
    cleanDir: true,
  },
});
