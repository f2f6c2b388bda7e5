import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ComputePool, createComputePool } from '../../src/compute/pool.ts';
import type { FileProfile } from '../../src/domain/profile/profile-file.ts';
import { TidemarkError } from '../../src/errors.ts';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { type HostileSeed, hostileSeeds } from './hostile-seeds.ts';
import { mutantOf } from './mutants.ts';

/** How many broken files are tried, `HOSTILE_FILES=5000` for a long look, and which ones. */
const { HOSTILE_FILES = '300', HOSTILE_SEED = '5' } = process.env;
const MUTANTS = Number(HOSTILE_FILES);
const CHILDREN = 2;
const CLEAR: readonly string[] = ['unreadable-data', 'too-large'];

let folder: string;
let pool: ComputePool;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-hostile-'));
  pool = createComputePool({
    entry: join(PACKAGE_ROOT, 'workers', 'compute.ts'),
    children: CHILDREN,
    timeoutMilliseconds: 15_000,
    megabytes: 512,
  });
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

type Outcome = { readonly rows: number } | { readonly error: unknown };

/** Profiles the bytes as the service does: in a child that may be killed. */
async function profiled(bytes: Uint8Array, name: string, lane: number): Promise<Outcome> {
  // The reader maps what it reads, so a file is not written over but replaced.
  const file = join(folder, `lane-${lane}`);
  rmSync(file, { force: true });
  writeFileSync(file, bytes);
  try {
    // The child runs `profile-file`, whose answer this is.
    const found = (await pool.run('profile-file', { file, name, memoryBytes: 2 ** 27, threads: 1 })) as FileProfile;
    return { rows: found.table.rows };
  } catch (error) {
    return { error };
  }
}

/** What is wrong with how a mutant ended; null when nothing is. */
function complaint(outcome: Outcome, { counts }: HostileSeed, mutant: Buffer): string | null {
  if ('rows' in outcome) {
    const allowed = counts(mutant);
    return allowed.includes(outcome.rows)
      ? null
      : `passed with ${outcome.rows} rows instead of ${allowed.join(' or ')}`;
  }
  const { error } = outcome;
  if (!(error instanceof TidemarkError)) return `ended with ${String(error)}`;
  if (!CLEAR.includes(error.code)) return `ended with ${error.code}: ${error.message}`;
  return error.message.includes(folder) ? `names a path: ${error.message}` : null;
}

const stopped = (outcome: Outcome): boolean =>
  'error' in outcome && outcome.error instanceof Error && /was stopped|reader ended/.test(outcome.error.message);

describe('broken files', () => {
  it('each end in a profile or a clear error, with no wrong row count', {
    timeout: 60_000 + MUTANTS * 1000,
  }, async () => {
    const seeds = await hostileSeeds(folder);
    for (const seed of seeds) {
      const whole = await profiled(seed.bytes, seed.name, 0);
      expect(complaint(whole, seed, seed.bytes), seed.name).toBeNull();
      expect(whole, seed.name).toHaveProperty('rows');
    }
    const tally = { read: 0, refused: 0, stopped: 0 };
    const complaints: string[] = [];
    let next = 0;
    const lane = async (number: number): Promise<void> => {
      for (let i = next++; i < MUTANTS; i = next++) {
        const seed = seeds[i % seeds.length]!;
        const { bytes, what } = mutantOf(seed.bytes, xoshiro128(Number(HOSTILE_SEED) * 1_000_003 + i));
        const outcome = await profiled(bytes, seed.name, number);
        tally['rows' in outcome ? 'read' : stopped(outcome) ? 'stopped' : 'refused']++;
        const wrong = complaint(outcome, seed, bytes);
        if (wrong !== null) complaints.push(`mutant ${i} of ${seed.name} (${what}) ${wrong}`);
      }
    };
    await Promise.all(Array.from({ length: CHILDREN }, (_, i) => lane(i)));
    expect(complaints).toEqual([]);
    expect(tally.read + tally.refused + tally.stopped).toBe(MUTANTS);
    // Something must have been broken, and something spared.
    expect(Math.min(tally.read, tally.refused)).toBeGreaterThan(0);
    expect(await profiled(seeds[0]!.bytes, seeds[0]!.name, 0)).toHaveProperty('rows');
    if (MUTANTS > 300) console.info(JSON.stringify(tally));
  });
});
