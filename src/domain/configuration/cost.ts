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
export function requireAffordable(
  config: Pick<MonitorConfig, 'columns' | 'measures' | 'segments'>,
  known: readonly string[],
): void {
  const excluded = new Set(config.columns.exclude);
  const columns = (config.columns.include ?? known).filter((name) => !excluded.has(name)).length;
  const measures = config.measures?.length ?? STANDARD;
  const segments = config.segments === undefined ? 0 : config.segments.by.length * config.segments.most;
  // All rows, and those of each segment.
  if (columns * measures * (1 + segments) <= MOST_COMPARISONS) return;
  const ofColumns = columns * measures > MOST_COMPARISONS;
  if (!ofColumns) throw invalidConfig([tooManySegments(columns * measures, segments)]);
  const pointer = config.measures === undefined ? '/columns' : '/measures';
  const counted = `${columns.toLocaleString('en')} columns by ${measures} measures`;
  const most = MOST_COMPARISONS.toLocaleString('en');
  const detail = `${counted} are more than ${most} comparisons a window; name the columns that matter in "columns", or fewer "measures"`;
  throw invalidConfig([{ code: 'out-of-range', pointer, detail }]);
}

function tooManySegments(comparisons: number, segments: number) {
  const most = MOST_COMPARISONS.toLocaleString('en');
  const detail = `${segments} segments beside all rows, of ${comparisons.toLocaleString('en')} comparisons each, are more than ${most} a window; ask for fewer with "most", or name the columns that matter in "columns"`;
  return { code: 'out-of-range', pointer: '/segments', detail };
}
