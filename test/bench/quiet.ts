import { referencePeriods } from '../../src/domain/monitor/reference-periods.ts';
import { drawWindow } from '../../src/domain/monitor/resample-task.ts';
import { selectRows } from '../../src/formats/select-rows.ts';
import type { Column } from '../../src/stats/column.ts';
import { shuffledRows } from '../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';
import { type Calibration, calibrate, effectRatio, type HealthyEffect } from '../../src/stats/verdict/calibration.ts';
import { type Comparison, compareColumn } from '../../src/stats/verdict/compare-column.ts';
import { conclude } from '../../src/stats/verdict/conclude.ts';
import { DEFAULT_POLICY } from '../../src/stats/verdict/judge.ts';
import type { BenchOptions } from './main.ts';
import { benchFlippedLabels } from './quiet-labels.ts';
import type { BenchResult } from './report.ts';
import { type Change, COLUMN_NAMES, hoursOf, makeWorld, rowsOf, type World } from './synthetic-year.ts';

/** One false alarm a month. */
const CHOSEN_A_YEAR = 12;
const DAYS = 365;
const DAY = 24;
const REFERENCE_DAYS = 28;
const HEALTHY_DAYS = 56;
const REFERENCE_ROWS = 8000;
const DAILY_ROWS = 1000;
const HOURLY_ROWS = 150;
const RESAMPLES = 200;
/** Hours are counted from it. */
const MONDAY = Date.UTC(2026, 0, 5);

type Side = { readonly rows: number; readonly columns: readonly Column[] };

/**
 * A healthy year with the seasons of a day and a week: how often a window is judged as drift, against what was
 * chosen; then, with the same limits, how many windows pass until each change is found.
 */
export async function benchQuiet({ quick }: BenchOptions): Promise<BenchResult[]> {
  const seeds = quick ? [1] : [1, 2];
  const years = seeds.map((seed) => dailyYear(seed, quick ? 60 : DAYS));
  const mean = (of: (year: (typeof years)[number]) => number): number =>
    years.reduce((sum, year) => sum + of(year), 0) / years.length;
  const chosen = (CHOSEN_A_YEAR * (quick ? 60 : DAYS)) / DAYS;
  const hourly = hourlyWindows(quick ? 1 : 4);
  const result = (
    name: string,
    what: string,
    value: number,
    figures: BenchResult['figures'],
    aim = true,
  ): BenchResult => ({ name, what, unit: '×', value, aim: aim ? { at: 'most', value: 1 } : null, figures });
  return [
    result(
      'quiet, standard limits',
      'false alarms of a seasonal year, daily / chosen',
      mean((y) => y.standard) / chosen,
      {
        'false alarms a year': mean((y) => y.standard),
        chosen,
      },
      false,
    ),
    result(
      'quiet, resamples',
      'the same, limits from resamples of the reference',
      mean((y) => y.resampled) / chosen,
      {
        'false alarms a year': mean((y) => y.resampled),
        chosen,
      },
      false,
    ),
    result(
      'quiet, periods',
      'the same, limits from the days of the reference: what a monitor does that is told nothing',
      mean((y) => y.periods) / chosen,
      {
        'false alarms a year': mean((y) => y.periods),
        chosen,
      },
    ),
    result(
      'quiet, healthy windows',
      `the same, limits from ${HEALTHY_DAYS} healthy days`,
      mean((y) => y.healthy) / chosen,
      {
        'false alarms a year': mean((y) => y.healthy),
        chosen,
      },
    ),
    result(
      'quiet, hourly',
      `hourly windows against the same hour of 4 weeks, limits from 2 weeks / chosen`,
      hourly.alarms / hourly.chosen,
      {
        'false alarms': hourly.alarms,
        chosen: hourly.chosen,
        windows: hourly.windows,
        'standard limits': hourly.standard,
      },
    ),
    ...delays(seeds),
    benchFlippedLabels(quick ? 100 : DAYS),
  ];
}

type Setting = {
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

function settingOf(seed: number): Setting {
  const world = makeWorld(seed);
  const columns = rowsOf(world, { from: 0, to: REFERENCE_DAYS * DAY }, REFERENCE_ROWS, { seed: 1000 * seed });
  const reference = { rows: REFERENCE_ROWS, columns };
  return { seed, world, reference, profile: profileOf(reference) };
}

function compare(
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
      DEFAULT_POLICY,
    ),
  );
}

const effectsOf = (comparisons: readonly Comparison[]): HealthyEffect[] =>
  comparisons.flatMap(({ findings }, i) =>
    findings.flatMap((finding) => effectRatio(COLUMN_NAMES[i] ?? '', finding) ?? []),
  );

const ROLES = COLUMN_NAMES.map((name) => ({ name, role: 'feature' as const }));

function drifted(comparisons: readonly Comparison[], calibration: Calibration | null): string[] {
  const policy = calibration === null ? DEFAULT_POLICY : { ...DEFAULT_POLICY, calibration };
  const { columns } = conclude(ROLES, { comparisons }, policy);
  return columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name);
}

const dayOf = (setting: Setting, day: number, seed: number, change?: Change): Column[] =>
  rowsOf(setting.world, { from: day * DAY, to: (day + 1) * DAY }, DAILY_ROWS, { seed: 1e6 * seed + day, change });

const A_DAY = { perWindow: CHOSEN_A_YEAR / DAYS, drifted: 1 };

function healthyDays(setting: Setting, seed: number): Calibration {
  const days = Array.from({ length: HEALTHY_DAYS }, (_, i) => REFERENCE_DAYS + i);
  const windows = days.map((day) => effectsOf(compare(setting, setting.reference.columns, dayOf(setting, day, seed))));
  return calibrate(windows, A_DAY);
}

function dailyYear(seed: number, days: number) {
  const setting = settingOf(seed);
  const resampled = calibrate(resamplesOf(setting, seed), A_DAY);
  const periods = periodsOf(setting, seed);
  const healthy = healthyDays(setting, seed);
  const alarms = { standard: 0, resampled: 0, periods: 0, healthy: 0 };
  for (let i = 0; i < days; i++) {
    const window = dayOf(setting, REFERENCE_DAYS + HEALTHY_DAYS + i, seed);
    const comparisons = compare(setting, setting.reference.columns, window);
    alarms.standard += drifted(comparisons, null).length > 0 ? 1 : 0;
    alarms.resampled += drifted(comparisons, resampled).length > 0 ? 1 : 0;
    alarms.periods += drifted(comparisons, periods).length > 0 ? 1 : 0;
    alarms.healthy += drifted(comparisons, healthy).length > 0 ? 1 : 0;
  }
  return alarms;
}

function resamplesOf(setting: Setting, seed: number): HealthyEffect[][] {
  return Array.from({ length: RESAMPLES }, (_, i) => {
    const order = shuffledRows(REFERENCE_ROWS, xoshiro128(seed * 7919 + i));
    const window = selectRows(setting.reference, order.subarray(0, DAILY_ROWS)).columns;
    return effectsOf(compare(setting, selectRows(setting.reference, order.subarray(DAILY_ROWS)).columns, window));
  });
}

/** Limits from the reference's own days, as a monitor has them that is told nothing. */
function periodsOf({ profile, reference, seed: world }: Setting, seed: number): Calibration {
  const hours = hoursOf({ from: 0, to: REFERENCE_DAYS * DAY }, REFERENCE_ROWS, 1000 * world);
  const values = hours.map((hour) => MONDAY + hour * 3_600_000);
  const times = { kind: 'time', type: 'timestamp', length: REFERENCE_ROWS, values, valid: null } as const;
  const grid = { kind: 'steps', lengthSeconds: 86_400, stepSeconds: 86_400 } as const;
  const periods = referencePeriods(times, grid, DAILY_ROWS);
  const windows = Array.from({ length: RESAMPLES }, (_, i) => {
    const random = xoshiro128(seed * 104_729 + i);
    const { taken, rest, larger } = drawWindow(periods, {
      ...{ pool: REFERENCE_ROWS, i, random, windowRows: DAILY_ROWS, reference },
    });
    const window = selectRows(reference, taken).columns;
    const found = effectsOf(compare({ profile }, selectRows(reference, rest).columns, window));
    return found.map((effect) => ({ ...effect, ratio: effect.ratio * larger }));
  });
  return calibrate(windows, A_DAY);
}

/** Hours compared with the same hours of the four weeks before, whose rows are kept. */
function hourlyWindows(weeks: number) {
  const setting = settingOf(11);
  const week = 7 * DAY;
  const hourOf = (hour: number): Column[] =>
    rowsOf(setting.world, { from: hour, to: hour + 1 }, HOURLY_ROWS, { seed: 5e6 + hour });
  const against = (hour: number): Comparison[] => {
    const past = [1, 2, 3, 4].map((n) => hourOf(hour - n * week));
    return compare(
      setting,
      setting.profile.map((_, i) => joined(past.map((columns) => columns[i]))),
      hourOf(hour),
    );
  };
  const perWindow = CHOSEN_A_YEAR / (DAYS * DAY);
  const first = 4 * week;
  const learned = Array.from({ length: 2 * week }, (_, i) => effectsOf(against(first + i)));
  const calibration = calibrate(learned, { perWindow, drifted: 1 });
  let alarms = 0;
  let standard = 0;
  for (let hour = first + 2 * week; hour < first + (2 + weeks) * week; hour++) {
    const comparisons = against(hour);
    alarms += drifted(comparisons, calibration).length > 0 ? 1 : 0;
    standard += drifted(comparisons, null).length > 0 ? 1 : 0;
  }
  return { alarms, standard, windows: weeks * week, chosen: perWindow * weeks * week };
}

function joined(parts: readonly (Column | undefined)[]): Column {
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

type Scenario = { readonly name: string; readonly change: (window: number) => Change };

/** `window` counts from 1, the first one with the change in it. */
const SCENARIOS: readonly Scenario[] = [
  { name: 'mean by 0.5 deviations', change: () => ({ kind: 'mean', column: 4, strength: 0.5 }) },
  { name: 'mean by 1 deviation', change: () => ({ kind: 'mean', column: 4, strength: 1 }) },
  { name: 'deviation by half', change: () => ({ kind: 'variance', column: 4, strength: 1.5 }) },
  { name: 'deviation doubled', change: () => ({ kind: 'variance', column: 4, strength: 2 }) },
  { name: 'new category in 5 %', change: () => ({ kind: 'new category', column: 22, strength: 0.05 }) },
  { name: 'vanished category', change: () => ({ kind: 'vanished category', column: 22, strength: 1 }) },
  { name: 'correlation 0.8, marginals as ever', change: () => ({ kind: 'correlation', column: 4, strength: 0.8 }) },
  { name: '3 % of the rows by 3 deviations', change: () => ({ kind: 'slice', column: 4, strength: 3 }) },
  { name: 'missing, 1 % more each day', change: (n) => ({ kind: 'missing', column: 4, strength: 0.01 * n }) },
];

const LONGEST = 40;

const FIRST = REFERENCE_DAYS + HEALTHY_DAYS;

/** Windows until a change is found, counted from 1; null when it is not. */
type Search = (setting: Setting, seed: number, scenario: Scenario) => number | null;

const changedDay = (setting: Setting, day: number, seed: number, { change }: Scenario): Column[] =>
  dayOf(setting, day, seed, day < FIRST ? undefined : change(day - FIRST + 1));

const finds = (comparisons: readonly Comparison[], calibration: Calibration, { change }: Scenario): boolean =>
  drifted(comparisons, calibration).includes(COLUMN_NAMES[change(1).column] ?? '');

/** Against the pinned version, which mixes all days of a week. */
const searchPinned: Search = (setting, seed, scenario) => {
  const calibration = healthyDays(setting, seed);
  for (let n = 1; n <= LONGEST; n++) {
    const window = changedDay(setting, FIRST + n - 1, seed, scenario);
    if (finds(compare(setting, setting.reference.columns, window), calibration, scenario)) return n;
  }
  return null;
};

/** The same, with limits from the days of that version. */
const searchByDefault: Search = (setting, seed, scenario) => {
  const calibration = periodsOf(setting, seed);
  for (let n = 1; n <= LONGEST; n++) {
    const window = changedDay(setting, FIRST + n - 1, seed, scenario);
    if (finds(compare(setting, setting.reference.columns, window), calibration, scenario)) return n;
  }
  return null;
};

/** Against the same weekday of the four weeks before. */
const searchWeekdays: Search = (setting, seed, scenario) => {
  const against = (day: number): Comparison[] => {
    const past = [1, 2, 3, 4].map((n) => changedDay(setting, day - n * 7, seed, scenario));
    const reference = setting.profile.map((_, i) => joined(past.map((columns) => columns[i])));
    return compare(setting, reference, changedDay(setting, day, seed, scenario));
  };
  const learned = Array.from({ length: HEALTHY_DAYS - 28 }, (_, i) => effectsOf(against(FIRST - 1 - i)));
  const calibration = calibrate(learned, A_DAY);
  for (let n = 1; n <= LONGEST; n++) if (finds(against(FIRST + n - 1), calibration, scenario)) return n;
  return null;
};

function delays(seeds: readonly number[]): BenchResult[] {
  const settings = seeds.map((seed) => ({ seed, setting: settingOf(seed) }));
  return SCENARIOS.map((scenario) => {
    const middle = (search: Search): number => {
      const found = settings.map(({ seed, setting }) => search(setting, seed, scenario) ?? LONGEST);
      return found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)] ?? LONGEST;
    };
    return {
      name: `delay, ${scenario.name}`,
      what: `days until it is found against the same weekday, one false alarm a month; ${LONGEST}: it is not`,
      unit: 'windows',
      value: middle(searchWeekdays),
      aim: null,
      figures: {
        'against the pinned version': middle(searchPinned),
        'of a monitor that is told nothing': middle(searchByDefault),
      },
    } as const;
  });
}
