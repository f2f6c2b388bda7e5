import { selectRows } from '../../formats/columns/select-rows.ts';
import type { Column } from '../../stats/column.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { type Uniform, xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { effectRatio, FEWEST_WINDOWS, type HealthyEffect } from '../../stats/verdict/calibration.ts';
import { compareColumn } from '../../stats/verdict/compare-column.ts';
import { isNearlyUnique } from '../../stats/verdict/compare-profiles.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';
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
import { type DrawnFrom, type DrawnRows, drawnRows } from './drawn-rows.ts';

export type ResampleTaskInput = {
  readonly reference: DrawnFrom;
  readonly columns: readonly JudgedColumn[];
  /** The reference's column of event times, and the windows; null where there is none. */
  readonly seasons: { readonly column: string; readonly type: 'timestamp' | 'date'; readonly grid: TimeGrid } | null;
  /** How many windows before it a window is compared with, and how far back; null where it is the reference itself. */
  readonly trailing: { readonly windows: number; readonly offset: number } | null;
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
};

/** Rows of the reference that are drawn from. */
const POOL = 20_000;
/** Values compared in all: some ten seconds. */
const WORK = 400_000_000;
const FEWEST = 50;
/** Rows of a window where nothing shows how many it has. */
const USUAL_ROWS = 1000;

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
  for (const group of columnGroups(columns, from.rows)) {
    const pooled = pick(await from.read(group), from.rows, drawn);
    windows.forEach((effects, i) => {
      // The same rows for every group of columns.
      const random = xoshiro128(seed + 1 + i);
      const { taken, rest, larger } = drawWindow(periods, { ...input, pool, i, random, against: from.against });
      const window = pick(pooled, pool, taken);
      const others = pick(pooled, pool, rest);
      group.forEach((column, c) => {
        const sides = { reference: others[c] ?? null, window: window[c] ?? null };
        const { findings } = compareColumn({ ...column, unlogged: false, ...sides }, policy);
        const found = findings.flatMap((finding) => effectRatio(column.name, finding) ?? []);
        effects.push(...found.map((effect) => ({ ...effect, ratio: effect.ratio * larger })));
      });
    });
  }
  return {
    windows,
    periods: periods && { kind: periods.kind, count: periods.parts.length, before: trailing?.windows ?? null },
    windowRows: input.windowRows ?? (trailing === null ? USUAL_ROWS : null),
    // Windows of one change are few, and how much they differ is known from so many.
    independent: whole ?? (from.sizes === null || periods === null ? count : periods.parts.length),
  };
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

type Draw = Pick<ResampleTaskInput, 'windowRows' | 'trailing'> & {
  readonly pool: number;
  readonly i: number;
  readonly random: Uniform;
  /** Rows that a window is compared with. */
  readonly against: number;
};

/** Rows of a window, and of what it is held against. `larger`: by how much its effects count for more than they are. */
export function drawWindow(periods: ReferencePeriods | null, draw: Draw) {
  const { pool, i, random, against } = draw;
  const wanted = draw.windowRows ?? USUAL_ROWS;
  if (periods === null) {
    const order = shuffledRows(pool, random);
    const count = Math.max(1, Math.min(wanted, Math.floor(pool / 2)));
    return { taken: order.subarray(0, count), rest: order.subarray(count), larger: 1 };
  }
  const trailing = followed(periods, draw.trailing);
  if (trailing !== null) return drawFollowing(periods.parts, trailing, draw);
  const own = periods.parts[i % periods.parts.length] ?? new Int32Array();
  const rest = Int32Array.from(periods.parts.flatMap((part) => (part === own ? [] : [...part])));
  const count = Math.min(wanted, POOL);
  // A day of the reference may have fewer rows than one of the log: then its rows are drawn again and again.
  const taken =
    count <= own.length
      ? Int32Array.from(shuffledRows(own.length, random, count), (at) => own[at] ?? 0)
      : Int32Array.from({ length: count }, () => own[Math.floor(random() * own.length)] ?? 0);
  return { taken, rest, larger: Math.max(1, chance(rest.length, count) / chance(against, wanted)) };
}

/** A season is as large in more rows, where what chance gives is smaller: it is the more of it. */
const chance = (n: number, m: number): number => Math.sqrt(1 / Math.max(1, n) + 1 / Math.max(1, m));

type Trailing = NonNullable<ResampleTaskInput['trailing']>;

/** Fewer parts that have others before them show no season. */
const FEWEST_FOLLOWING = 7;

/** The windows before, where parts of the reference are windows and enough of them have so many before them. */
function followed({ kind, parts }: ReferencePeriods, trailing: Trailing | null): Trailing | null {
  if (trailing === null || kind !== 'window') return null;
  return parts.length - firstFollowing(trailing) >= FEWEST_FOLLOWING ? trailing : null;
}

const firstFollowing = ({ windows, offset }: Trailing): number => windows + offset - 1;

/** A window of the reference and those before it, as they are. */
function drawFollowing(parts: readonly Int32Array[], trailing: Trailing, { i, random, windowRows }: Draw) {
  const first = firstFollowing(trailing);
  const at = first + (i % (parts.length - first));
  const own = parts[at] ?? new Int32Array();
  const rest = Int32Array.from(parts.slice(at - first, at - first + trailing.windows).flatMap((part) => [...part]));
  const wanted = windowRows ?? own.length;
  const taken =
    wanted < own.length ? Int32Array.from(shuffledRows(own.length, random, wanted), (row) => own[row] ?? 0) : own;
  const larger = chance(rest.length, taken.length) / chance(trailing.windows * wanted, wanted);
  return { taken, rest, larger: Math.max(1, larger) };
}
