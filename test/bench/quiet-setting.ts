import { drawWindow, largerBy } from '../../src/domain/calibration/draw-window.ts';
import { DrawnRelations } from '../../src/domain/calibration/drawn-relations.ts';
import { DrawnSlices } from '../../src/domain/calibration/drawn-slices.ts';
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
import { calibrateTables } from '../../src/stats/verdict/table-calibration.ts';
import { STANDARD_TABLE_MEASURES, shareOfTables } from '../../src/stats/verdict/table-measures.ts';
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

export const CHOSEN_A_DAY = CHOSEN_A_YEAR / DAYS;
/** What is left to columns where slices are looked into too. */
export const A_DAY = { perWindow: CHOSEN_A_DAY * (1 - shareOfTables(STANDARD_TABLE_MEASURES)), drifted: 1 };

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

/** The parts of the reference that stand for days, and a day drawn of them. */
function drawnDays({ reference, seed: world }: Setting, seed: number) {
  const hours = hoursOf({ from: 0, to: REFERENCE_DAYS * DAY }, REFERENCE_ROWS, 1000 * world);
  const values = hours.map((hour) => MONDAY + hour * 3_600_000);
  const times = { kind: 'time', type: 'timestamp', length: REFERENCE_ROWS, values, valid: null } as const;
  const grid = { kind: 'steps', lengthSeconds: 86_400, stepSeconds: 86_400 } as const;
  const periods = referencePeriods(times, grid, DAILY_ROWS);
  const drawOf = (i: number) =>
    drawWindow(periods, {
      ...{ pool: reference.rows, i, random: xoshiro128(seed * 104_729 + i), windowRows: DAILY_ROWS },
      ...{ trailing: null, against: reference.rows },
    });
  return { parts: periods?.parts ?? [], drawOf };
}

/** Limits from the reference's own days, as a monitor has them that is told nothing. */
export function periodsOf(setting: Setting, seed: number): Calibration {
  const { profile, reference } = setting;
  const { drawOf } = drawnDays(setting, seed);
  const windows = Array.from({ length: RESAMPLES }, (_, i) => {
    const drawn = drawOf(i);
    const window = selectRows(reference, drawn.taken).columns;
    const found = effectsOf(compare({ profile }, selectRows(reference, drawn.rest).columns, window));
    return found.map((effect) => ({ ...effect, ratio: effect.ratio * largerBy(drawn) }));
  });
  return calibrate(windows, A_DAY);
}

/** The limits of slices of the reference's own days, with columns beside those of the setting. */
export function slicesOfPeriods(setting: Setting, besides: readonly (readonly [name: string, column: Column])[]) {
  const slices = new DrawnSlices(COLUMN_NAMES.length + besides.length);
  const own = setting.reference.columns.map((column, i) => [COLUMN_NAMES[i] ?? '', column] as const);
  for (const [name, column] of [...own, ...besides]) slices.add({ name, asCategory: false }, column);
  const { parts, drawOf } = drawnDays(setting, setting.seed);
  const tables = slices.effects({ parts, independent: parts.length, count: RESAMPLES, drawOf });
  return calibrateTables(tables, { perWindow: CHOSEN_A_DAY, independent: parts.length });
}

/** The limits of how columns go together, of the reference's own days. */
export function relationsOfPeriods(setting: Setting) {
  const relations = new DrawnRelations(COLUMN_NAMES.length);
  for (const [i, column] of setting.reference.columns.entries()) {
    relations.add({ name: COLUMN_NAMES[i] ?? '', asCategory: false }, column);
  }
  const { parts, drawOf } = drawnDays(setting, setting.seed);
  const tables = relations.effects({ parts, independent: parts.length, count: RESAMPLES, drawOf });
  return calibrateTables(tables, { perWindow: CHOSEN_A_DAY, independent: parts.length });
}

/** As of a monitor that is told nothing, whose reference tells its days. */
export const untold = (tables: Calibration['tables']): JudgePolicy => ({
  ...DEFAULT_POLICY,
  tableMeasures: STANDARD_TABLE_MEASURES,
  calibration: {
    ...{ method: 'largest-column/conformal@4', windows: 0, factor: 1, tail: 'counted', scales: {} },
    ...A_DAY,
    tables,
  },
});

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
