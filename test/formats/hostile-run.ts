import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComputePool } from '../../src/compute/pool.ts';
import { createComputePool } from '../../src/compute/pool.ts';
import type { FileProfile } from '../../src/domain/profile/profile-file.ts';
import { TidemarkError } from '../../src/errors.ts';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { type HostileSeed, hostileSeeds } from './hostile-seeds.ts';
import { mutantOf } from './mutants.ts';

const CHILDREN = 2;
const CLEAR: readonly string[] = ['unreadable-data', 'too-large'];

/** How many mutants were read, refused, and refused because their reader had to be stopped; and what else became of some. */
export type HostileRun = {
  readonly read: number;
  readonly refused: number;
  readonly stopped: number;
  readonly complaints: readonly string[];
};

/** Has mutants of good files of every format profiled as the service does, in children that may be killed. */
export async function runHostile(given: {
  readonly folder: string;
  readonly mutants: number;
  readonly seed: number;
}): Promise<HostileRun> {
  const { folder, mutants, seed: first } = given;
  const pool = createComputePool({
    entry: join(PACKAGE_ROOT, 'workers', 'compute.ts'),
    children: CHILDREN,
    timeoutMilliseconds: 60_000,
    megabytes: 512,
  });
  try {
    const profiled = profiledIn(pool, folder);
    const seeds = await hostileSeeds(folder);
    const complaints: string[] = [];
    const whole = async (seed: HostileSeed): Promise<void> => {
      const outcome = await profiled(seed.bytes, seed.name, 0);
      const wrong =
        'error' in outcome ? `refused: ${String(outcome.error)}` : complaint(outcome, seed, seed.bytes, folder);
      if (wrong !== null) complaints.push(`${seed.name} itself ${wrong}`);
    };
    for (const seed of seeds) await whole(seed);
    const tally = { read: 0, refused: 0, stopped: 0 };
    let next = 0;
    const lane = async (number: number): Promise<void> => {
      for (let i = next++; i < mutants; i = next++) {
        const seed = seeds[i % seeds.length]!;
        const { bytes, what } = mutantOf(seed.bytes, xoshiro128(first * 1_000_003 + i));
        const outcome = await profiled(bytes, seed.name, number);
        tally['rows' in outcome ? 'read' : isStopped(outcome) ? 'stopped' : 'refused']++;
        const wrong = complaint(outcome, seed, bytes, folder);
        if (wrong !== null) complaints.push(`seed ${first}, mutant ${i} of ${seed.name} (${what}) ${wrong}`);
      }
    };
    await Promise.all(Array.from({ length: CHILDREN }, (_, i) => lane(i)));
    // The children are still there for whoever comes next.
    await whole(seeds[0]!);
    return { ...tally, complaints };
  } finally {
    await pool.close();
  }
}

type Outcome = { readonly rows: number } | { readonly error: unknown };

const profiledIn =
  (pool: ComputePool, folder: string) =>
  async (bytes: Uint8Array, name: string, lane: number): Promise<Outcome> => {
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
  };

/** What is wrong with how a mutant ended; null when nothing is. */
function complaint(outcome: Outcome, { counts }: HostileSeed, mutant: Buffer, folder: string): string | null {
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

const isStopped = (outcome: Outcome): boolean =>
  'error' in outcome && outcome.error instanceof Error && /was stopped|reader ended/.test(outcome.error.message);
