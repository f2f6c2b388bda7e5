import { numberLoops } from '../../compute/number-loops.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import type { Column } from '../../stats/column.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { effectRatio, FEWEST_WINDOWS, type HealthyEffect } from '../../stats/verdict/calibration.ts';
import { compareColumn } from '../../stats/verdict/compare-column.ts';
import { isNearlyUnique } from '../../stats/verdict/compare-profiles.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';
import type { TableEffect } from '../../stats/verdict/table-calibration.ts';
import type { TableMeasureName } from '../../stats/verdict/table-measures.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import { referenceColumns } from '../reference/reference-columns.ts';
import {
  type PeriodKind,
  type ReferencePeriods,
  referencePeriods,
  windowPeriods,
} from '../reference/reference-periods.ts';
import { columnGroups } from '../report/judge-task.ts';
import type { TimeGrid } from '../window/window.ts';
import { drawWindow, firstFollowing, followed, largerBy, POOL, type Trailing, USUAL_ROWS } from './draw-window.ts';
import { DrawnRelations } from './drawn-relations.ts';
import { type DrawnFrom, type DrawnRows, drawnRows } from './drawn-rows.ts';
import { DrawnSlices } from './drawn-slices.ts';

export type ResampleTaskInput = {
  readonly reference: DrawnFrom;
  readonly columns: readonly JudgedColumn[];
  /** The reference's column of event times, and the windows; null where there is none. */
  readonly seasons: { readonly column: string; readonly type: 'timestamp' | 'date'; readonly grid: TimeGrid } | null;
  /** How many windows before it a window is compared with, and how far back; null where it is the reference itself. */
  readonly trailing: Trailing | null;
  readonly policy: JudgePolicy;
  /** Resamples wanted; fewer are made where columns are many. */
  readonly resamples: number;
  /** Rows of a window; null while none shows it. */
  readonly windowRows: number | null;
  readonly seed: number;
  readonly memoryBytes: number;
};

export type Resampled = {
  readonly windows: readonly (readonly HealthyEffect[])[];
  /** What their slices show; empty where they are any rows, which know nothing of how rows hang together. */
  readonly tables: readonly (readonly TableEffect[])[];
  /** What was drawn from: parts of the reference by their time, or null for all of it alike. */
  readonly periods: {
    readonly kind: PeriodKind;
    readonly count: number;
    /** So many parts before it each was held against; null: all others. */
    readonly before: number | null;
  } | null;
  /** Rows of a window; null where each has its own. */
  readonly windowRows: number | null;
  /** How many of the windows are not others drawn again. */
  readonly independent: number;
  /** The same of what their slices show: a part of the reference, drawn again and again, hangs together as it does. */
  readonly parts: number;
};

/** Values compared in all: some ten seconds. */
const WORK = 400_000_000;
const FEWEST = 50;

/**
 * Compute task: windows as they look when nothing has changed. Each is a random part of the reference, without
 * replacement, held against the rest; whole rows are drawn, so that columns depend on each other as they do. Where the
 * reference has event times, each is of one day, or hour of the week, and so has its season; where it is logged windows,
 * each is of one of them.
 * @throws TidemarkError `unreadable-data`.
 */
export async function resampleTask(input: ResampleTaskInput): Promise<Resampled> {
  const { policy, seed } = input;
  // Vectors and free text keep their own limits: comparing them again and again would take minutes.
  const columns = input.columns.filter(({ profile }) => profile.kind !== 'vector' && !isNearlyUnique(profile));
  const from = await drawnRows(input.reference, input.memoryBytes);
  const pool = Math.min(POOL, from.rows);
  const affordable = Math.floor(WORK / Math.max(1, pool * columns.length));
  const drawn = shuffledRows(from.rows, xoshiro128(seed), pool);
  const periods = await periodsOf(input, from, drawn);
  const trailing = periods === null ? null : followed(periods, input.trailing);
  // Windows that are taken as they are would be the same again.
  const whole = periods === null || trailing === null ? null : periods.parts.length - firstFollowing(trailing);
  const count =
    whole === null ? Math.max(FEWEST, Math.min(input.resamples, affordable)) : Math.max(FEWEST_WINDOWS, whole);
  const windows: HealthyEffect[][] = Array.from({ length: count }, () => []);
  // The same rows for every group of columns.
  const drawOf = (i: number) =>
    drawWindow(periods, { ...input, pool, i, random: xoshiro128(seed + 1 + i), against: from.against });
  const wholeRows =
    periods === null
      ? []
      : policy.tableMeasures.flatMap((measure) => {
          const made = DRAWN[measure]?.(input.columns.length);
          return made === undefined ? [] : [made];
        });
  const loops = numberLoops();
  for (const group of columnGroups(columns, from.rows)) {
    const pooled = pick(await from.read(group), from.rows, drawn);
    group.forEach((column, c) => {
      const values = pooled[c];
      if (column.role === 'segment' || values === undefined) return;
      for (const one of wholeRows) one.add(column, values);
    });
    windows.forEach((effects, i) => {
      const drawn = drawOf(i);
      const window = pick(pooled, pool, drawn.taken);
      const others = pick(pooled, pool, drawn.rest);
      const larger = largerBy(drawn);
      group.forEach((column, c) => {
        const sides = { reference: others[c] ?? null, window: window[c] ?? null };
        const { findings } = compareColumn({ ...column, unlogged: false, ...sides }, policy, loops);
        loops.release();
        const found = findings.flatMap((finding) => effectRatio(column.name, finding) ?? []);
        effects.push(...found.map((effect) => ({ ...effect, ratio: effect.ratio * larger })));
      });
    });
  }
  const parts = whole ?? periods?.parts.length ?? count;
  return {
    windows,
    tables: together(
      wholeRows.map((one) => one.effects({ parts: periods?.parts ?? [], independent: parts, count, drawOf })),
    ),
    periods: periods && { kind: periods.kind, count: periods.parts.length, before: trailing?.windows ?? null },
    windowRows: input.windowRows ?? (trailing === null ? USUAL_ROWS : null),
    // Windows of one change are few, and how much they differ is known from so many.
    independent: whole ?? (from.sizes === null || periods === null ? count : periods.parts.length),
    parts,
  };
}

/** What of whole rows drawn windows show. */
const DRAWN: Readonly<Partial<Record<TableMeasureName, (columns: number) => DrawnSlices | DrawnRelations>>> = {
  'slice_shift/mean-rank@2': (columns) => new DrawnSlices(columns),
  'rank_correlations/largest-change@2': (columns) => new DrawnRelations(columns),
};

/** Of as many windows as all could afford; what shows nothing at all has none. */
function together(made: readonly (readonly (readonly TableEffect[])[])[]): TableEffect[][] {
  const shown = made.filter((windows) => windows.length > 0);
  const count = shown.reduce((least, windows) => Math.min(least, windows.length), shown[0]?.length ?? 0);
  return Array.from({ length: count }, (_, i) => shown.flatMap((windows) => windows[i] ?? []));
}

const pick = (columns: readonly Column[], rows: number, kept: Int32Array): readonly Column[] =>
  selectRows({ rows, columns }, kept).columns;

async function periodsOf(
  { seasons, reference, windowRows, memoryBytes }: ResampleTaskInput,
  { sizes }: DrawnRows,
  drawn: Int32Array,
): Promise<ReferencePeriods | null> {
  if (sizes !== null) return windowPeriods(sizes, drawn);
  if (seasons === null || 'windows' in reference) return null;
  const wanted = [{ name: seasons.column, type: seasons.type }];
  const read = await referenceColumns(reference, wanted, { keep: false, memoryBytes });
  const [times] = pick(read, reference.rows, drawn);
  return times?.kind === 'time' ? referencePeriods(times, seasons.grid, windowRows ?? USUAL_ROWS) : null;
}
