import type { CategoryColumn, Column } from '../../src/stats/column.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { samplePair } from '../../src/stats/table/table-sample.ts';
import { judgeTable } from '../../src/stats/verdict/judge-table.ts';
import { tableFindings } from '../../src/stats/verdict/table-findings.ts';
import { shareOfTables } from '../../src/stats/verdict/table-measures.ts';
import { CHOSEN_A_DAY, dayOf, REFERENCE_DAYS, settingOf, slicesOfPeriods, untold } from './quiet-setting.ts';
import type { BenchResult } from './report.ts';
import { COLUMN_NAMES } from './synthetic-year.ts';

const MEASURE = 'slice_shift/mean-rank@2';
const MARKETS = ['small', 'middle', 'large'];
const SMALL_SHARE = 0.03;
/** The column that moves in the rows of the small market, by so many of its deviations. */
const MOVED = 4;
const STRENGTHS = [3, 2, 1.5, 1] as const;
const LONGEST = 40;
/** Values of a text column of many, some of them frequent. */
const PLACES = 1000;

/** Which market each row is of: nothing else depends on it. */
function marketsOf(length: number, seed: number): CategoryColumn {
  const random = xoshiro128(seed);
  const draw = (): number => (random() < SMALL_SHARE ? 0 : 1 + Math.floor(2 * random()));
  return { kind: 'category', type: 'text', length, codes: Int32Array.from({ length }, draw), dictionary: MARKETS };
}

/** A setting with its market, and with a text of which every row has its own and one of many values, and their limits. */
function marketsIn(seed: number) {
  const setting = settingOf(seed);
  const { rows } = setting.reference;
  const texts = [
    ['market', marketsOf(rows, seed)],
    ['place', placesOf(rows, seed)],
  ] as const;
  return { ...setting, texts, policy: untold(slicesOfPeriods(setting, texts)) };
}

/** A day in which the small market moved by so many deviations; 0: in which nothing did. */
function isFound(setting: ReturnType<typeof marketsIn>, day: number, strength: number): boolean {
  const { reference, seed } = setting;
  const columns = dayOf(setting, day, seed);
  const markets = marketsOf(columns[0]?.length ?? 0, 7e6 * seed + day);
  const current = columns.map((column, i) => (i === MOVED ? movedIn(column, markets, strength) : column));
  const known = [...reference.columns, ...setting.texts.map(([, column]) => column)];
  const places = placesOf(markets.length, 9e6 * seed + day);
  const pair = [...COLUMN_NAMES, 'market', 'place'].flatMap((name, i) => {
    const [before, after] = [known[i], [...current, markets, places][i]];
    if (before === undefined || after === undefined) return [];
    return samplePair(name, { reference: before, window: after }, known.length) ?? [];
  });
  const [found] = judgeTable(tableFindings(pair, [MEASURE]), new Map(), setting.policy);
  return found?.drift === true;
}

/** One of a thousand places of each row: nothing depends on it either. */
function placesOf(length: number, seed: number): CategoryColumn {
  const random = xoshiro128(seed);
  const dictionary = Array.from({ length: PLACES }, (_, i) => `place ${i}`);
  const codes = Int32Array.from({ length }, () => Math.floor(PLACES * random() ** 3));
  return { kind: 'category', type: 'text', length, codes, dictionary };
}

function movedIn(column: Column, markets: CategoryColumn, strength: number): Column {
  if (column.kind !== 'number') return column;
  return { ...column, values: column.values.map((value, row) => value + (markets.codes[row] === 0 ? strength : 0)) };
}

/** How soon a change in 3 % of the rows is found, and how often days without one are said to have one. */
export function benchSlices(seeds: readonly number[], days: number): BenchResult {
  const settings = seeds.map(marketsIn);
  const first = REFERENCE_DAYS;
  const alarms = settings.reduce(
    (sum, setting) =>
      sum + Array.from({ length: days }, (_, i) => isFound(setting, first + i, 0)).filter((found) => found).length,
    0,
  );
  const delayOf = (setting: (typeof settings)[number], strength: number): number => {
    for (let n = 1; n < LONGEST; n++) if (isFound(setting, first + days + n, strength)) return n;
    return LONGEST;
  };
  const delays = STRENGTHS.map((strength) => Math.max(...settings.map((setting) => delayOf(setting, strength))));
  const figures = STRENGTHS.map((strength, i) => [`by ${strength} deviations`, delays[i] ?? LONGEST] as const);
  return {
    name: 'delay, 3 % of the rows in one market, by slices',
    what: `days until 3 deviations in 3 % of 1,000 rows are found by ${MEASURE}, by default; ${LONGEST}: they are not`,
    unit: 'windows',
    value: delays[0] ?? LONGEST,
    aim: { at: 'most', value: 2 },
    figures: {
      ...Object.fromEntries(figures),
      'false alarms': alarms,
      'healthy days': days * seeds.length,
      'chosen (a fifth)': days * seeds.length * CHOSEN_A_DAY * shareOfTables([MEASURE]),
    },
  };
}
