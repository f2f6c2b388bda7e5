import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The built service as people meet it, and real neighbours: an S3 server, a browser, the `dvc` command. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/e2e/**/*.test.ts', 'test/integration/**/*.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts'],
    pool: 'forks',
    // One service at a time: they are measured by what they do, not by how they share two cores.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
