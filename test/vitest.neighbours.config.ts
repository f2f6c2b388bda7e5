import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Neighbours that take minutes to install and to start; `test/neighbours/run` sees to both. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/neighbours/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
