import type { Column } from '../../../src/stats/column.ts';
import { compareProfiles } from '../../../src/stats/verdict/compare-profiles.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import { MEASURES, type MeasureName } from '../../../src/stats/verdict/measures.ts';
import { TABLE_MEASURES, type TableMeasureName } from '../../../src/stats/verdict/table-measures.ts';
import { numbers, profileOf, texts, vectors } from '../columns.ts';
import { filled, sample, weyl } from '../samples.ts';

/** Value, mean and 95 % point under no drift, and p. */
type Kept = readonly (number | null)[];

/** By pair, then by measure. */
export type KeptNumbers = Readonly<Record<string, Readonly<Record<string, Kept>>>>;

type Pair = readonly [reference: Column, window: Column];

const drawn = (spec: Parameters<typeof sample>[0]) => numbers(Array.from(sample(spec)));
const skewed = (n: number, alpha: number, scale = 1) =>
  numbers(
    Array.from({ length: n }, (_, i) => scale * Math.exp(2 * (weyl(i + 1, alpha) + weyl(i + 1, Math.sqrt(2)) - 1))),
  );
const dealt = (counts: readonly number[]) => texts(counts.flatMap((count, i) => filled(count, `t${i}`)));
const points = (rows: number, dimension: number, [shift, offset]: readonly [number, number]) => {
  const values = Array.from(sample({ n: rows * dimension, kind: 'normal', offset, shift }));
  const row = (i: number) => values.slice(i * dimension, (i + 1) * dimension);
  return vectors(
    Array.from({ length: rows }, (_, i) => row(i)),
    dimension,
  );
};
/** Of so many texts one row each in the reference, and every so manieth in the window. */
const thin = (cells: number, each: number, every: number): Pair => [
  dealt(filled(cells, each)),
  dealt(Array.from({ length: cells }, (_, i) => (i % every === 0 ? 1 : 0))),
];

const COLUMNS: Readonly<Record<string, Pair>> = {
  alike: [drawn({ n: 500, kind: 'normal' }), drawn({ n: 300, kind: 'normal', offset: 9_000 })],
  moved: [drawn({ n: 500, kind: 'normal' }), drawn({ n: 300, kind: 'normal', offset: 9_000, shift: 0.3, scale: 1.2 })],
  few: [drawn({ n: 60 }), drawn({ n: 51, plastic: true })],
  'far apart sizes': [drawn({ n: 60_000, kind: 'normal' }), drawn({ n: 60, kind: 'normal', offset: 77_777 })],
  skewed: [skewed(4_000, 0.6180339887498949), skewed(250, 0.7548776662466927, 1.1)],
  'heavy tails': [drawn({ n: 800, kind: 'heavy' }), drawn({ n: 700, kind: 'heavy', plastic: true })],
  'few levels': [drawn({ n: 700, levels: 5 }), drawn({ n: 400, levels: 5, plastic: true })],
  'a rare level': [
    numbers([...filled(2_000, 0), ...filled(900, 1), 2]),
    numbers([...filled(290, 0), ...filled(170, 1)]),
  ],
  'many zeros': [drawn({ n: 900, zeros: 0.7 }), drawn({ n: 500, zeros: 0.6, plastic: true })],
  'two texts': [dealt([300, 200]), dealt([140, 120])],
  'several texts': [dealt([400, 300, 200, 90, 10]), dealt([210, 120, 130, 40, 3])],
  'rare texts': thin(100, 1, 5),
  'thin texts': thin(60, 40, 1),
  'thin texts of a large reference': [dealt([60_000, ...filled(40, 700)]), dealt([60, ...filled(40, 1)])],
  vectors: [points(300, 6, [0, 0]), points(200, 6, [0.1, 40_000])],
  'few vectors': [points(60, 3, [0, 0]), points(52, 3, [0, 40_000])],
};

/** Profiles, which bound what the rows have. */
const PROFILES = ['alike', 'few', 'skewed', 'several texts', 'rare texts', 'vectors'];

const TABLE: readonly Pair[] = [
  [drawn({ n: 400, kind: 'normal' }), drawn({ n: 160, kind: 'normal', offset: 9_000, shift: 0.2 })],
  [skewed(400, 0.6180339887498949), skewed(160, 0.7548776662466927)],
  [dealt([200, 150, 50]), dealt([70, 70, 20])],
];

const outline = (name: string, [reference, window]: Pair) => ({
  ...{ name, role: 'feature' as const, reference, window },
  profile: profileOf({ x: { ...reference } }).columns[0]!,
});

const keptOf = (found: {
  readonly value: number | null;
  readonly p: number | null;
  readonly nullMean: number | null;
  readonly null95: number | null;
}): Kept => [found.value, found.nullMean, found.null95, found.p];

/** What every measure makes of some columns, of their profiles, and of a table of them. */
export function keptNumbers(): KeptNumbers {
  const measures = Object.keys(MEASURES) as MeasureName[];
  const tableMeasures = Object.keys(TABLE_MEASURES) as TableMeasureName[];
  const kept: Record<string, Record<string, Kept>> = {};
  for (const [name, pair] of Object.entries(COLUMNS)) {
    const both = [undefined, measures].flatMap((chosen) => {
      const policy = chosen === undefined ? {} : { measures: chosen };
      return judge({ columns: [outline('x', pair)], policy }).columns[0]!.findings;
    });
    kept[name] = Object.fromEntries(both.map((finding) => [finding.measure, keptOf(finding)]));
  }
  for (const name of PROFILES) {
    const [reference, window] = COLUMNS[name]!.map((column) => profileOf({ x: column }).columns[0]!);
    const { findings } = compareProfiles(reference!, window!);
    kept[`${name}, profiles`] = Object.fromEntries(
      findings.map(({ measure, lower, value, upper, null95, p }) => [
        measure,
        [lower, value, upper, null95, p?.lower ?? null, p?.upper ?? null],
      ]),
    );
  }
  const columns = TABLE.map((pair, i) => outline(`c${i}`, pair));
  const { table = [] } = judge({ columns, policy: { tableMeasures } });
  kept['a table'] = Object.fromEntries(
    table.map((finding) => [finding.measure, [...keptOf(finding), finding.low, finding.high]]),
  );
  return kept;
}
