import { drawWindow } from '../../src/domain/calibration/resample-task.ts';
import { referencePeriods } from '../../src/domain/reference/reference-periods.ts';
import { selectRows } from '../../src/formats/columns/select-rows.ts';
import type { Column } from '../../src/stats/column.ts';
import { shuffledRows } from '../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';
import { BESIDES, calibrate, effectRatio, type HealthyEffect } from '../../src/stats/verdict/calibration.ts';
import type { Comparison } from '../../src/stats/verdict/column-comparison.ts';
import { compareColumn } from '../../src/stats/verdict/compare-column.ts';
import { conclude } from '../../src/stats/verdict/conclude.ts';
import { DEFAULT_POLICY } from '../../src/stats/verdict/judge.ts';
import type { Calibration, JudgePolicy } from '../../src/stats/verdict/judgement.ts';
import { type Change, COLUMN_NAMES, hoursOf, makeWorld, rowsOf, type World } from './synthetic-year.ts';

/** A world of seasons without drift, its reference, and the limits that may be learnt of it. */

/** One false alarm a month. */
export const CHOSEN_A_YEAR = 12;
export const DAYS = 365;
export const DAY = 24;
export const REFERENCE_DAYS = 28;
export const HEALTHY_DAYS = 56;
const REFERENCE_ROWS = 8000;
const DAILY_ROWS = 1000;
const RESAMPLES = 200;
/** Hours are counted from it. */
const MONDAY = Date.UTC(2026, 0, 5);

type Side = { readonly rows: number; readonly columns: readonly Column[] };

export type Setting = {
  readonly seed: number;
  readonly world: World;
  readonly reference: Side;
  readonly profile: ReturnType<typeof profileOf>;
};

function profileOf({ rows, columns }: Side) {
  const profiler = createTableProfiler(columns.map(({ type }, i) => ({ name: COLUMN_NAMES[i] ?? '', type })));
  profiler.add({ rows, columns });
  return profiler.finish().columns;
}

export function settingOf(seed: number): Setting {
  const world = makeWorld(seed);
  const columns = rowsOf(world, { from: 0, to: REFERENCE_DAYS * DAY }, REFERENCE_ROWS, { seed: 1000 * seed });
  const reference = { rows: REFERENCE_ROWS, columns };
  return { seed, world, reference, profile: profileOf(reference) };
}

/** As of a monitor with a rate of false alarms. */
const RATED: JudgePolicy = { ...DEFAULT_POLICY, besides: BESIDES };

export function compare(
  { profile }: Pick<Setting, 'profile'>,
  reference: readonly Column[],
  window: readonly Column[],
): Comparison[] {
  return profile.map((column, i) =>
    compareColumn(
      {
        name: column.name,
        role: 'feature',
        profile: column,
        reference: reference[i] ?? null,
        window: window[i] ?? null,
      },
      RATED,
    ),
  );
}

export const effectsOf = (comparisons: readonly Comparison[]): HealthyEffect[] =>
  comparisons.flatMap(({ findings }, i) =>
    findings.flatMap((finding) => effectRatio(COLUMN_NAMES[i] ?? '', finding) ?? []),
  );

export const ROLES = COLUMN_NAMES.map((name) => ({ name, role: 'feature' as const }));

export function drifted(comparisons: readonly Comparison[], calibration: Calibration | null): string[] {
  const { columns } =
    calibration === null
      ? conclude(ROLES, { comparisons: comparisons.map(withoutBesides) }, DEFAULT_POLICY)
      : conclude(ROLES, { comparisons }, { ...RATED, calibration });
  return columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name);
}

const withoutBesides = (comparison: Comparison): Comparison => ({
  ...comparison,
  findings: comparison.findings.filter(({ measure }) => !BESIDES.includes(measure)),
});

export const dayOf = (setting: Setting, day: number, seed: number, change?: Change): Column[] =>
  rowsOf(setting.world, { from: day * DAY, to: (day + 1) * DAY }, DAILY_ROWS, { seed: 1e6 * seed + day, change });

export const A_DAY = { perWindow: CHOSEN_A_YEAR / DAYS, drifted: 1 };

export function healthyDays(setting: Setting, seed: number): Calibration {
  const days = Array.from({ length: HEALTHY_DAYS }, (_, i) => REFERENCE_DAYS + i);
  const windows = days.map((day) => effectsOf(compare(setting, setting.reference.columns, dayOf(setting, day, seed))));
  return calibrate(windows, A_DAY);
}

export function resamplesOf(setting: Setting, seed: number): HealthyEffect[][] {
  return Array.from({ length: RESAMPLES }, (_, i) => {
    const order = shuffledRows(REFERENCE_ROWS, xoshiro128(seed * 7919 + i));
    const window = selectRows(setting.reference, order.subarray(0, DAILY_ROWS)).columns;
    return effectsOf(compare(setting, selectRows(setting.reference, order.subarray(DAILY_ROWS)).columns, window));
  });
}

/** Limits from the reference's own days, as a monitor has them that is told nothing. */
export function periodsOf({ profile, reference, seed: world }: Setting, seed: number): Calibration {
  const hours = hoursOf({ from: 0, to: REFERENCE_DAYS * DAY }, REFERENCE_ROWS, 1000 * world);
  const values = hours.map((hour) => MONDAY + hour * 3_600_000);
  const times = { kind: 'time', type: 'timestamp', length: REFERENCE_ROWS, values, valid: null } as const;
  const grid = { kind: 'steps', lengthSeconds: 86_400, stepSeconds: 86_400 } as const;
  const periods = referencePeriods(times, grid, DAILY_ROWS);
  const windows = Array.from({ length: RESAMPLES }, (_, i) => {
    const random = xoshiro128(seed * 104_729 + i);
    const { taken, rest, larger } = drawWindow(periods, {
      ...{ pool: REFERENCE_ROWS, i, random, windowRows: DAILY_ROWS, trailing: null, against: REFERENCE_ROWS },
    });
    const window = selectRows(reference, taken).columns;
    const found = effectsOf(compare({ profile }, selectRows(reference, rest).columns, window));
    return found.map((effect) => ({ ...effect, ratio: effect.ratio * larger }));
  });
  return calibrate(windows, A_DAY);
}

export function joined(parts: readonly (Column | undefined)[]): Column {
  const columns = parts.flatMap((column) => column ?? []);
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const [first] = columns;
  if (first?.kind === 'category') {
    const codes = columns.flatMap((column) => (column.kind === 'category' ? [...column.codes] : []));
    return { ...first, length, codes: Int32Array.from(codes) };
  }
  const values = columns.flatMap((column) => (column.kind === 'number' ? [...column.values] : []));
  const missing = columns.flatMap((column) =>
    column.kind === 'number'
      ? [...column.values].map((_, i) => column.valid === null || ((column.valid[i >> 3] ?? 0) & (1 << (i & 7))) !== 0)
      : [],
  );
  const valid = new Uint8Array((length + 7) >> 3);
  missing.forEach((there, row) => {
    if (there) valid[row >> 3] = (valid[row >> 3] ?? 0) | (1 << (row & 7));
  });
  return { kind: 'number', type: 'float64', length, values: Float64Array.from(values), valid, exact: null };
}
