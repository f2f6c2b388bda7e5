import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Sources without a database, tested without one: they start at once and may share a process. */
const PURE = ['stats', 'dvc', 'quality', 'formats', 'webhook'].map((folder) => `test/${folder}/**`);
const TESTS = ['test/**/*.test.ts', 'test/**/*.test.tsx'];
const OTHERS = ['test/e2e/**', 'test/neighbours/**', 'node_modules/**'];

const common = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  pool: 'forks' as const,
  // Of the build, as the kernels are: stripping its types in every process would cost more than it saves.
  execArgv: ['quick-imports', 'mended-driver'].flatMap((name) => [
    '--import',
    new URL(`../dist/src/cli/${name}.js`, import.meta.url).href,
  ]),
  // Shared machines have phases in which everything takes several times as long.
  testTimeout: 90_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  root: common.root,
  test: {
    // One fewer than cores, as by default, would leave half of a small machine idle: most tests wait for a database.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          ...common,
          name: 'pure',
          include: [...PURE.flatMap((folder) => [`${folder}/*.test.ts`, `${folder}/*.test.tsx`]), 'test/*.test.ts'],
          isolate: false,
        },
      },
      {
        test: {
          ...common,
          name: 'database',
          include: TESTS,
          exclude: [...OTHERS, ...PURE, 'test/*.test.ts'],
          // Vitest runs it only when the run has a file of this project.
          globalSetup: ['test/support/postgres-setup.ts'],
        },
      },
    ],
  },
});
