import { selectRows } from '../../formats/select-rows.ts';
import type { Column } from '../../stats/column.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { effectRatio, type HealthyEffect } from '../../stats/verdict/calibration.ts';
import { compareColumn } from '../../stats/verdict/compare-column.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';
import { columnGroups } from './judge-task.ts';
import type { JudgedColumn } from './judged-columns.ts';
import { type ReferenceFiles, referenceColumns } from './reference-columns.ts';

export type ResampleTaskInput = {
  readonly reference: ReferenceFiles & { readonly rows: number };
  readonly columns: readonly JudgedColumn[];
  readonly policy: JudgePolicy;
  /** Resamples wanted; fewer are made where columns are many. */
  readonly resamples: number;
  /** Rows of a window. */
  readonly windowRows: number;
  readonly seed: number;
  readonly memoryBytes: number;
};

/** Rows of the reference that are drawn from. */
const POOL = 20_000;
/** Values compared in all: some ten seconds. */
const WORK = 400_000_000;
const FEWEST = 50;

/**
 * Compute task: windows as they look when nothing has changed. Each is a random part of the reference, without
 * replacement, held against the rest; whole rows are drawn, so that columns depend on each other as they do.
 * @throws TidemarkError `unreadable-data`.
 */
export async function resampleTask(input: ResampleTaskInput): Promise<HealthyEffect[][]> {
  const { reference, columns, policy, memoryBytes, seed } = input;
  const pool = Math.min(POOL, reference.rows);
  const taken = Math.max(1, Math.min(input.windowRows, Math.floor(pool / 2)));
  const affordable = Math.floor(WORK / Math.max(1, pool * columns.length));
  const count = Math.max(FEWEST, Math.min(input.resamples, affordable));
  const drawn = shuffledRows(reference.rows, xoshiro128(seed), pool);
  const windows: HealthyEffect[][] = Array.from({ length: count }, () => []);
  for (const group of columnGroups(columns, reference.rows)) {
    const wanted = group.map(({ name, profile }) => ({ name, type: profile.type }));
    const read = await referenceColumns(reference, wanted, { keep: false, memoryBytes });
    const pooled = pick(read, reference.rows, drawn);
    windows.forEach((effects, i) => {
      // The same rows for every group of columns.
      const order = shuffledRows(pool, xoshiro128(seed + 1 + i));
      const window = pick(pooled, pool, order.subarray(0, taken));
      const rest = pick(pooled, pool, order.subarray(taken));
      group.forEach((column, c) => {
        const sides = { reference: rest[c] ?? null, window: window[c] ?? null };
        const { findings } = compareColumn({ ...column, unlogged: false, ...sides }, policy);
        effects.push(...findings.flatMap((finding) => effectRatio(column.name, finding) ?? []));
      });
    });
  }
  return windows;
}

const pick = (columns: readonly Column[], rows: number, kept: Int32Array): readonly Column[] =>
  selectRows({ rows, columns }, kept).columns;
