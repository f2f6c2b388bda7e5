import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Sources without a database, tested without one: they start at once. */
const PURE = ['stats', 'dvc', 'quality', 'formats', 'webhook'].map((folder) => `test/${folder}/**`);
const TESTS = ['test/**/*.test.ts', 'test/**/*.test.tsx'];
/**
 * A process for each file, without a database: threads of each store that is opened, objects that fill the memory, as many
 * threads as are allowed, and a module in the place of another, before anything has loaded it.
 */
const ALONE = [
  ...['test/store/objects/*.test.ts', 'test/store/remotes/!(*-bundling).test.ts'],
  ...['test/stats/summaries/cell-sort.test.ts', 'test/compute/work-threads.test.ts'],
];
const OTHERS = ['test/e2e/**', 'test/neighbours/**', 'node_modules/**'];

/** Nearly every command and child is a new process that runs the sources: what they become is kept, by their content. */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../dist/.compiled', import.meta.url));

const common = {
  root: fileURLToPath(new URL('..', import.meta.url)),
  pool: 'forks' as const,
  // Files follow each other in a warm process: most of what a new one does is to load and to compile the same again.
  isolate: false,
  // Of the build, as the kernels are: stripping its types in every process would cost more than it saves.
  execArgv: ['quick-imports', 'mended-driver'].flatMap((name) => [
    '--import',
    new URL(`../dist/src/cli/service/${name}.js`, import.meta.url).href,
  ]),
  // Shared machines have phases in which everything takes several times as long.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 60_000 } },
};

export default defineConfig({
  root: common.root,
  test: {
    // One fewer than cores, as by default, would leave half of a small machine idle: most tests wait for a database.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { test: { ...common, name: 'alone', include: ALONE, isolate: true } },
      {
        test: {
          ...common,
          name: 'pure',
          include: [...PURE.flatMap((folder) => [`${folder}/*.test.ts`, `${folder}/*.test.tsx`]), 'test/*.test.ts'],
          exclude: ALONE,
        },
      },
      {
        test: {
          ...common,
          name: 'database',
          include: TESTS,
          exclude: [...OTHERS, ...PURE, ...ALONE, 'test/*.test.ts'],
          // Vitest runs it only when the run has a file of this project.
          globalSetup: ['test/support/postgres-setup.ts'],
        },
      },
    ],
  },
});
