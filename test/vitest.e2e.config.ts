import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Kills in the middle of what they do, and wants the service to have the machine for itself until then. */
const ALONE = ['test/e2e/main-job.test.ts', 'test/e2e/ledger.test.ts'];

const common = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  globalSetup: ['test/support/postgres-setup.ts'],
  pool: 'forks' as const,
  testTimeout: 300_000,
  hookTimeout: 300_000,
  // A second, as by default, is what a busy machine may stand still.
  expect: { poll: { timeout: 60_000 } },
};

/** The built service as people meet it, and real neighbours: an S3 server, a browser, the `dvc` command. */
export default defineConfig({
  root: common.root,
  test: {
    projects: [
      { test: { ...common, name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 0 } } },
      {
        test: {
          ...common,
          name: 'beside',
          include: ['test/e2e/**/*.test.ts', 'test/integration/**/*.test.ts'],
          exclude: ALONE,
          // Two services side by side: most of the time each waits for a client of another language to start.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
