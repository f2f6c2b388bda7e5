import type { Column } from '../../src/stats/column.ts';
import { calibrate } from '../../src/stats/verdict/calibration.ts';
import type { Comparison } from '../../src/stats/verdict/column-comparison.ts';
import type { Calibration } from '../../src/stats/verdict/judgement.ts';
import {
  A_DAY,
  compare,
  dayOf,
  drifted,
  effectsOf,
  HEALTHY_DAYS,
  healthyDays,
  joined,
  periodsOf,
  REFERENCE_DAYS,
  type Setting,
  settingOf,
} from './quiet-setting.ts';
import type { BenchResult } from './report.ts';
import { type Change, COLUMN_NAMES } from './synthetic-year.ts';

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
  // Of rows that nothing tells apart; of rows of one market see `benchSlices`.
  { name: '3 % of the rows at random by 3 deviations', change: () => ({ kind: 'slice', column: 4, strength: 3 }) },
  { name: 'missing, 1 % more each day', change: (n) => ({ kind: 'missing', column: 4, strength: 0.01 * n }) },
];

const LONGEST = 40;

const FIRST = REFERENCE_DAYS + HEALTHY_DAYS;

/** A way to look for a change: limits that are learnt before it, and what a day is compared with. */
type Search = {
  readonly learn: (setting: Setting, seed: number) => Calibration;
  readonly look: (setting: Setting, day: number, seed: number, scenario: Scenario | null) => Comparison[];
};

const changedDay = (setting: Setting, day: number, seed: number, scenario: Scenario | null): Column[] =>
  dayOf(setting, day, seed, scenario === null || day < FIRST ? undefined : scenario.change(day - FIRST + 1));

const againstVersion: Search['look'] = (setting, day, seed, scenario) =>
  compare(setting, setting.reference.columns, changedDay(setting, day, seed, scenario));

const againstWeekday: Search['look'] = (setting, day, seed, scenario) => {
  const past = [1, 2, 3, 4].map((n) => changedDay(setting, day - n * 7, seed, scenario));
  const reference = setting.profile.map((_, i) => joined(past.map((columns) => columns[i])));
  return compare(setting, reference, changedDay(setting, day, seed, scenario));
};

const SEARCHES = {
  /** The same weekday of the four weeks before. */
  weekdays: {
    learn: (setting, seed) => {
      const days = Array.from({ length: HEALTHY_DAYS - 28 }, (_, i) => FIRST - 1 - i);
      return calibrate(
        days.map((day) => effectsOf(againstWeekday(setting, day, seed, null))),
        A_DAY,
      );
    },
    look: againstWeekday,
  },
  /** The pinned version, which mixes all days of a week, with limits from healthy days. */
  pinned: { learn: healthyDays, look: againstVersion },
  /** The same, with limits from the days of that version. */
  byDefault: { learn: periodsOf, look: againstVersion },
} as const satisfies Record<string, Search>;

/** Windows until a change is found, counted from 1. */
function windowsUntil({ look }: Search, { setting, seed, calibration }: Learned, scenario: Scenario): number {
  const changed = COLUMN_NAMES[scenario.change(1).column] ?? '';
  for (let n = 1; n <= LONGEST; n++) {
    if (drifted(look(setting, FIRST + n - 1, seed, scenario), calibration).includes(changed)) return n;
  }
  return LONGEST;
}

type Learned = { readonly setting: Setting; readonly seed: number; readonly calibration: Calibration };

/** How many windows pass until each change is found. */
export function benchDelays(seeds: readonly number[]): BenchResult[] {
  const settings = seeds.map((seed) => ({ seed, setting: settingOf(seed) }));
  const learnt = (search: Search): Learned[] =>
    settings.map(({ seed, setting }) => ({ seed, setting, calibration: search.learn(setting, seed) }));
  const limits = new Map<Search, Learned[]>(Object.values(SEARCHES).map((search) => [search, learnt(search)]));
  return SCENARIOS.map((scenario) => {
    const middle = (search: Search): number => {
      const found = (limits.get(search) ?? []).map((of) => windowsUntil(search, of, scenario));
      return found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)] ?? LONGEST;
    };
    return {
      name: `delay, ${scenario.name}`,
      what: `days until it is found against the same weekday, one false alarm a month; ${LONGEST}: it is not`,
      unit: 'windows',
      value: middle(SEARCHES.weekdays),
      aim: null,
      figures: {
        'against the pinned version': middle(SEARCHES.pinned),
        'of a monitor that is told nothing': middle(SEARCHES.byDefault),
      },
    } as const;
  });
}
