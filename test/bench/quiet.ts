import type { Column } from '../../src/stats/column.ts';
import { calibrate } from '../../src/stats/verdict/calibration.ts';
import type { Comparison } from '../../src/stats/verdict/column-comparison.ts';
import type { BenchOptions } from './main.ts';
import { benchDelays } from './quiet-delays.ts';
import { benchFlippedLabels } from './quiet-labels.ts';
import { benchRelations } from './quiet-relations.ts';
import {
  A_DAY,
  CHOSEN_A_YEAR,
  compare,
  DAY,
  DAYS,
  dayOf,
  drifted,
  effectsOf,
  HEALTHY_DAYS,
  healthyDays,
  joined,
  periodsOf,
  REFERENCE_DAYS,
  resamplesOf,
  settingOf,
} from './quiet-setting.ts';
import { benchSlices } from './quiet-slices.ts';
import type { BenchResult } from './report.ts';
import { rowsOf } from './synthetic-year.ts';

const HOURLY_ROWS = 150;

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
    ...benchDelays(seeds),
    benchRelations(seeds, quick ? 60 : DAYS),
    benchSlices(seeds, quick ? 60 : DAYS),
    benchFlippedLabels(quick ? 100 : DAYS),
  ];
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
