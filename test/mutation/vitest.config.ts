import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests that a unit names. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    // By the environment: told which files to use, Stryker 10.1 never switches on the mutants of what runs at import.
    include: (process.env.MUTATION_TESTS ?? '').split(','),
    // A mutated loop is slow, and how long a test may take is Stryker's to say.
    testTimeout: 3_600_000,
  },
});
