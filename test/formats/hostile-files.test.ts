import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runHostile } from './hostile-run.ts';

/** How many broken files are tried, and which ones: seeds with commas between them. The bench tries 5,000. */
const { HOSTILE_FILES = '300', HOSTILE_SEED = '5' } = process.env;
const MUTANTS = Number(HOSTILE_FILES);

describe('broken files', () => {
  it.each(HOSTILE_SEED.split(',').map(Number))(
    'of seed %i each end in a profile or a clear error, with no wrong row count',
    {
      timeout: 60_000 + MUTANTS * 1000,
    },
    async (seed) => {
      const folder = mkdtempSync(join(tmpdir(), 'tidemark-hostile-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const { read, refused, stopped, complaints } = await runHostile({ folder, mutants: MUTANTS, seed });
      expect(complaints).toEqual([]);
      expect(read + refused + stopped).toBe(MUTANTS);
      // Something must have been broken, and something spared.
      expect(Math.min(read, refused)).toBeGreaterThan(0);
    },
  );
});
