import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The built service as people meet it, and real neighbours: an S3 server, a browser, the `dvc` command. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/e2e/**/*.test.ts', 'test/integration/**/*.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts'],
    pool: 'forks',
    // Two services side by side: most of the time each waits for a client of another language to start.
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
