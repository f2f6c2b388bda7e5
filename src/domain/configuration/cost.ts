import { MEASURE_NAMES, MEASURES } from '../../stats/verdict/measures.ts';
import { invalidConfig, type MonitorConfig } from './config.ts';

/** Comparisons, a column by a measure, that a monitor may ask for of each window: what a report holds, and is computed. */
const MOST_COMPARISONS = 200_000;

const STANDARD = MEASURE_NAMES.filter((name) => MEASURES[name].standard).length;

/**
 * Refuses what would cost too much in every window.
 * @param known the names of the reference's columns.
 * @throws TidemarkError `invalid-body` that says how many comparisons it is, and what makes it fewer.
 */
export function requireAffordable(config: Pick<MonitorConfig, 'columns' | 'measures'>, known: readonly string[]): void {
  const excluded = new Set(config.columns.exclude);
  const columns = (config.columns.include ?? known).filter((name) => !excluded.has(name)).length;
  const measures = config.measures?.length ?? STANDARD;
  if (columns * measures <= MOST_COMPARISONS) return;
  const pointer = config.measures === undefined ? '/columns' : '/measures';
  const counted = `${columns.toLocaleString('en')} columns by ${measures} measures`;
  const most = MOST_COMPARISONS.toLocaleString('en');
  const detail = `${counted} are more than ${most} comparisons a window; name the columns that matter in "columns", or fewer "measures"`;
  throw invalidConfig([{ code: 'out-of-range', pointer, detail }]);
}
