import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { ask, watchMemory } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import type { ProfileAnswer, ProfileQuestion } from './profile-process.ts';
import type { BenchResult } from './report.ts';

const THREADS = 2;
const MOST_MEBIBYTES = 1_024;
/** How far from linear growth may be. */
const MOST_GROWTH = 1.2;

type Size = { readonly rows: number; readonly columns: number };

/** What a profile costs when a table grows, in rows and in columns, three points of each; and its memory, and a comparison's. */
export async function benchGrowth({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const [rows, million] = quick ? [200, 200_000] : [1_000, 1_000_000];
  const none = await profiled(folder, { rows: 1, columns: 1 });
  const wide = await points(folder, [100, 1_000, 10_000], (columns) => ({ rows, columns }));
  const long = await points(folder, [1, 2, 4], (factor) => ({ rows: factor * million, columns: 20 }));
  const widest = wide[wide.length - 1]!;
  const compared = await comparedMebibytes(folder, { rows: 200, columns: 10_000 });
  return [
    growth(`growth in columns, ${rows.toLocaleString('en')} rows`, none, wide),
    growth('growth in rows, 20 columns', none, long),
    memory('wide profile', `profiles 10,000 columns of ${rows.toLocaleString('en')} rows`, widest.peakMebibytes),
    memory('wide comparison', 'compares two tables of 10,000 columns and 200 rows', compared),
  ];
}

type Point = ProfileAnswer & { readonly times: number };

async function points(folder: string, factors: readonly number[], sizeOf: (factor: number) => Size): Promise<Point[]> {
  const found: Point[] = [];
  for (const times of factors) found.push({ ...(await profiled(folder, sizeOf(times))), times });
  return found;
}

/** Processor time for each unit at the largest size against that at the middle one, without what an empty table takes. */
function growth(name: string, none: ProfileAnswer, [small, middle, large]: readonly Point[]): BenchResult {
  const each = (point: Point): number => (point.processorMilliseconds - none.processorMilliseconds) / point.times;
  return {
    name,
    what: `processor time per unit of ${large!.times.toLocaleString('en')} / of ${middle!.times.toLocaleString('en')}`,
    unit: '×',
    value: each(large!) / each(middle!),
    aim: { at: 'most', value: MOST_GROWTH },
    figures: Object.fromEntries(
      [small!, middle!, large!].flatMap((point) => [
        [`${point.times} processor ms`, point.processorMilliseconds],
        [`${point.times} MiB`, point.peakMebibytes],
      ]),
    ),
  };
}

const memory = (name: string, what: string, value: number): BenchResult => ({
  name,
  what: `peak memory of a process that ${what}`,
  unit: 'MiB',
  value,
  aim: { at: 'most', value: MOST_MEBIBYTES },
  figures: {},
});

async function profiled(folder: string, size: Size): Promise<ProfileAnswer> {
  const path = await writeTable(folder, size);
  try {
    return await ask<ProfileAnswer>('profile-process.ts', { path, threads: THREADS } satisfies ProfileQuestion);
  } finally {
    rmSync(path);
  }
}

async function comparedMebibytes(folder: string, size: Size): Promise<number> {
  const path = await writeTable(folder, size);
  const entry = fileURLToPath(new URL('../../src/tidemark.mjs', import.meta.url));
  const child = spawn(process.execPath, [entry, 'compare', path, path, '--json'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const peak = watchMemory(child);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`tidemark compare ended with ${code}`);
  return peak();
}

/** Of ten columns seven hold decimals, two small integers and one words, some of them missing. */
async function writeTable(folder: string, { rows, columns }: Size): Promise<string> {
  const path = join(folder, `${rows}x${columns}.csv`);
  const random = xoshiro128(1);
  const cell = (column: number): string => {
    const u = random();
    if (column % 10 === 9) return ['red', 'green', 'blue', ''][Math.floor(4 * u)]!;
    return column % 10 > 6 ? String(Math.floor(100 * u)) : u.toFixed(6);
  };
  await pipeline(function* () {
    yield `${Array.from({ length: columns }, (_, i) => `c${i}`).join(',')}\n`;
    for (let row = 0; row < rows; row++) yield `${Array.from({ length: columns }, (_, i) => cell(i)).join(',')}\n`;
  }, createWriteStream(path));
  return path;
}
