import type { Column } from '../../src/stats/column.ts';
import { compareColumnAs } from '../../src/stats/compat/compare-as.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';
import type { Comparison } from '../../src/stats/verdict/column-comparison.ts';
import { compareColumn } from '../../src/stats/verdict/compare-column.ts';
import { conclude } from '../../src/stats/verdict/conclude.ts';
import { DEFAULT_POLICY } from '../../src/stats/verdict/judge.ts';
import type { BenchOptions } from './main.ts';
import { sink } from './measure.ts';
import type { BenchResult } from './report.ts';
import { drawColumn, KINDS, type Kind, SHIFTS, type Shift } from './truth-columns.ts';

/** Rows of reference and window. */
const SIZES: readonly (readonly [number, number])[] = [
  [200, 200],
  [1000, 1000],
  [10_000, 1000],
  [10_000, 10_000],
];
const WIDTHS = [30, 50];
/** The share of healthy tables that may alarm. */
const PROMISED = DEFAULT_POLICY.alpha;
/** Columns drawn for a kind and a size. */
type Counts = { readonly healthy: number; readonly shifted: number };
const FULL: Counts = { healthy: 1500, shifted: 400 };
const QUICK: Counts = { healthy: 500, shifted: 150 };
const RULES = ['tidemark', 'evidently', 'nannyml', 'alibi'] as const;
type Rule = (typeof RULES)[number];

/** How loudly each rule speaks of a column: a score that grows with drift, whatever its scale. */
type Scores = Readonly<Record<Rule, number>>;
type Seen = { readonly scores: Scores; readonly comparison: Comparison };

type Cell = {
  readonly kind: Kind;
  readonly sizes: readonly [number, number];
  readonly healthy: readonly Seen[];
  readonly shifted: ReadonlyMap<Shift['name'], readonly Scores[]>;
};

/**
 * Whether verdicts are what they promise. Healthy tables of 30 and 50 columns are judged by the rule that windows are
 * judged by: the share that alarms must stay at or below alpha. Then one column of a table moves, and each tool's rule for
 * a column is given the threshold at which as many healthy tables alarm: the share of moved columns that are
 * beyond it is its power. Alibi Detect's rule is SciPy's p-values, corrected for the number of columns.
 */
export function benchTruth({ quick }: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const kind of KINDS) {
    // The largest size takes most of the time.
    for (const sizes of quick ? SIZES.slice(0, -1) : SIZES) {
      const cell = measureCell(kind, sizes, quick ? QUICK : FULL);
      for (const width of WIDTHS) results.push(healthyResult(cell, width));
      for (const shift of SHIFTS[kind]) for (const width of WIDTHS) results.push(powerResult(cell, shift.name, width));
    }
  }
  return Promise.resolve(results);
}

function measureCell(kind: Kind, sizes: Cell['sizes'], counts: Counts): Cell {
  const random = xoshiro128(20_260_101);
  const [n, m] = sizes;
  const draw = (moved: Parameters<typeof drawColumn>[2]['moved']): Seen =>
    seen(drawColumn(kind, n, { random, moved: null }), drawColumn(kind, m, { random, moved }));
  const healthy = Array.from({ length: counts.healthy }, () => draw(null));
  const shifted = new Map(
    SHIFTS[kind].map(({ name, size }) => {
      const by = size * Math.sqrt(1 / n + 1 / m);
      return [name, Array.from({ length: counts.shifted }, () => draw({ name, by }).scores)];
    }),
  );
  return { kind, sizes, healthy, shifted };
}

function seen(reference: Column, window: Column): Seen {
  const profiler = createTableProfiler([{ name: 'x', type: reference.type }]);
  profiler.add({ rows: reference.length, columns: [reference] });
  const profile = profiler.finish().columns[0];
  if (profile === undefined) throw new Error('a column without a profile');
  const column = { name: 'x', role: 'feature' as const, profile, reference, window };
  const comparison = compareColumn(column, DEFAULT_POLICY);
  const as = (tool: 'evidently' | 'nannyml' | 'scipy') =>
    compareColumnAs(tool, { name: 'x', reference, current: window });
  const evidently = as('evidently');
  const nannyml = as('nannyml');
  return {
    comparison: { ...comparison, bins: [] },
    scores: {
      tidemark: loudness(comparison.p),
      // Its p-values fall with drift, its distances grow; a distance's square has the tail of minus a logarithm.
      evidently:
        evidently.method?.includes('p_value') === true ? loudness(evidently.score) : (evidently.score ?? 0) ** 2,
      nannyml: ((nannyml.score ?? 0) / (nannyml.threshold ?? 1)) ** 2,
      alibi: loudness(as('scipy').score),
    },
  };
}

const loudness = (p: number | null): number => -Math.log(Math.max(p ?? 1, Number.MIN_VALUE));

function healthyResult({ kind, sizes, healthy }: Cell, width: number): BenchResult {
  let alarms = 0;
  let tables = 0;
  for (let from = 0; from + width <= healthy.length; from += width) {
    const comparisons = healthy.slice(from, from + width).map(({ comparison }) => comparison);
    const names = comparisons.map((_, i) => ({ name: `c${i}`, role: 'feature' as const }));
    const { verdict } = conclude(names, { comparisons }, DEFAULT_POLICY).dataset;
    sink(verdict);
    if (verdict === 'drift') alarms++;
    tables++;
  }
  const unlikely = shareBeyond(
    healthy.map(({ scores }) => scores.tidemark),
    -Math.log(PROMISED / width),
  );
  return {
    name: `healthy, ${describe(kind, sizes, width)}`,
    what: 'share of healthy tables that alarm / promised share',
    unit: '×',
    value: alarms / tables / PROMISED,
    // Two standard errors of a share of so many tables.
    aim: { at: 'most', value: 1 + (2 * Math.sqrt((PROMISED * (1 - PROMISED)) / tables)) / PROMISED },
    // Without the limits on effects, which make an alarm rarer still.
    figures: { tables, alarms, 'by p alone': 1 - (1 - unlikely) ** width },
  };
}

function powerResult({ kind, sizes, healthy, shifted }: Cell, shift: Shift['name'], width: number): BenchResult {
  const perColumn = 1 - (1 - PROMISED) ** (1 / width);
  const moved = shifted.get(shift) ?? [];
  const powers = RULES.map((rule) => {
    const threshold = thresholdAt(
      healthy.map(({ scores }) => scores[rule]),
      perColumn,
    );
    return [
      rule,
      shareBeyond(
        moved.map((scores) => scores[rule]),
        threshold,
      ),
    ] as const;
  });
  const [[, ours], ...others] = powers as [(typeof powers)[0], ...typeof powers];
  const best = Math.max(...others.map(([, power]) => power));
  return {
    name: `power, ${shift}, ${describe(kind, sizes, width)}`,
    what: "share of moved columns that are seen / the best of the other tools', at the same share of false alarms",
    unit: '×',
    value: best === 0 ? 1 : ours / best,
    // Two standard errors of the difference of two such shares.
    aim: {
      at: 'least',
      value: best === 0 ? 1 : 1 - (2 * Math.sqrt((spread(ours) + spread(best)) / moved.length)) / best,
    },
    figures: Object.fromEntries(powers),
  };
}

/** p (1 - p) */
const spread = (share: number): number => share * (1 - share);

const describe = (kind: Kind, [n, m]: Cell['sizes'], width: number): string =>
  `${kind}, ${n} / ${m} rows, ${width} columns`;

/** The part of the healthy columns whose scores tell how the tail falls. */
const TAIL = 0.1;

/**
 * The score that this share of healthy columns exceeds. So few do that their number would be chance: beyond its highest
 * tenth the law of a score is taken to fall exponentially, as minus the logarithm of a p-value does (Balkema and de Haan
 * 1974, Pickands 1975), at the rate that this tenth shows.
 */
function thresholdAt(scores: readonly number[], share: number): number {
  const falling = scores.toSorted((a, b) => b - a);
  const count = Math.floor(TAIL * falling.length);
  const from = falling[count] ?? 0;
  const excess = falling.slice(0, count).reduce((sum, score) => sum + score - from, 0) / count;
  return from + excess * Math.log(TAIL / share);
}

const shareBeyond = (scores: readonly number[], threshold: number): number =>
  scores.filter((score) => score > threshold).length / Math.max(1, scores.length);
