import { fisherExact } from '../hypothesis-tests/fisher-exact.ts';
import { fisherMonteCarlo } from '../hypothesis-tests/fisher-monte-carlo.ts';
import { gTest } from '../hypothesis-tests/g-test.ts';
import { poolSmallCells } from '../hypothesis-tests/small-cells.ts';
import { zProportions } from '../hypothesis-tests/z-proportions.ts';
import { xoshiro128 } from '../sampling/xoshiro128.ts';
import { chiSquareQuantile } from '../special/chi-square.ts';
import { normalTwoSidedQuantile } from '../special/normal.ts';
import { CELL_FINDINGS, type CellMeasure } from './cell-findings.ts';
import type { Cells } from './cells.ts';
import { chiSquareFindings, finding, jensenShannonFinding, lInfinityFinding, psiFinding } from './findings.ts';
import type { Finding, JudgePolicy } from './judgement.ts';
import type { MeasureName } from './measures.ts';
import { unseenFinding } from './unseen-finding.ts';

/** Both sides by every text of either, and by the reference's bins, which are fewer. */
export type CategoryPair = { readonly cells: Cells; readonly bins: Cells };

type Compute = (pair: CategoryPair, policy: JudgePolicy) => readonly Finding[];
type Counts = { readonly r: readonly number[]; readonly w: readonly number[] };

const DRAWN_TABLES = 1_999;
/** Chance is an argument: the same table has the same p for ever. */
const SEED = 20_260_101;
/** Cells of a drawn table: more would make it dear, and the rarest tell little. */
const DRAWN_CELLS = 100;

/** The cells that have a row, the most frequent first. */
function filled({ r, w }: Cells): Counts {
  const order = r
    .map((_, k) => k)
    .filter((k) => r[k]! + w[k]! > 0)
    .sort((a, b) => r[b]! + w[b]! - (r[a]! + w[a]!));
  return { r: order.map((k) => r[k]!), w: order.map((k) => w[k]!) };
}

function gFinding({ cells }: CategoryPair, policy: JudgePolicy): Finding {
  const measure = 'g_test/contingency@1';
  const fit = poolSmallCells(cells.r, cells.w);
  const test = gTest(fit.x, fit.y);
  if (test === null) return finding(measure, policy, { reason: 'too few rows in all cells but one' });
  const { statistic, df, p, yates } = test;
  const parameters = { df, cells: df + 1, pooled: fit.pooled, yates };
  return finding(measure, policy, {
    value: statistic,
    p,
    nullMean: df,
    null95: chiSquareQuantile(0.05, df),
    parameters,
  });
}

function fisherFinding({ cells }: CategoryPair, policy: JudgePolicy): Finding {
  const measure = 'fisher/exact@1';
  const { r, w } = filled(cells);
  if (r.length < 2) return finding(measure, policy, { reason: 'every row has the same value' });
  if (r.length === 2) {
    const { oddsRatio, p } = fisherExact([
      [r[0]!, r[1]!],
      [w[0]!, w[1]!],
    ]);
    const reason = 'the odds ratio is infinite: a cell is empty';
    return finding(measure, policy, {
      value: oddsRatio,
      p,
      nullMean: 1,
      parameters: { cells: 2, mode: 'exact' },
      reason,
    });
  }
  const rest = (counts: readonly number[]): number[] =>
    counts.length <= DRAWN_CELLS
      ? [...counts]
      : [...counts.slice(0, DRAWN_CELLS), counts.slice(DRAWN_CELLS).reduce((a, b) => a + b, 0)];
  const options = { permutations: DRAWN_TABLES, random: xoshiro128(SEED) };
  const test = fisherMonteCarlo([rest(r), rest(w)], options);
  if (test === null) return finding(measure, policy, { reason: 'a side has no rows' });
  const parameters = {
    cells: Math.min(r.length, DRAWN_CELLS + 1),
    mode: 'drawn tables',
    tables: test.tables,
    seed: SEED,
  };
  return finding(measure, policy, { p: test.p, parameters, reason: 'more than two cells have no one odds ratio' });
}

function zFinding({ cells }: CategoryPair, policy: JudgePolicy): Finding {
  const measure = 'z_test/proportions@1';
  const { r, w } = filled(cells);
  if (r.length !== 2) return finding(measure, policy, { reason: 'the column does not have two values' });
  const n = r[0]! + r[1]!;
  const m = w[0]! + w[1]!;
  const test = zProportions({ x: w[0]!, n: m, y: r[0]!, m: n });
  if (test === null) return finding(measure, policy, { reason: 'a side has no rows' });
  const parameters = { reference: r[0]! / n, window: w[0]! / m };
  return finding(measure, policy, {
    value: test.z,
    p: test.p,
    nullMean: 0,
    null95: normalTwoSidedQuantile(0.05),
    parameters,
  });
}

// A frozen record's own keys, all of them of its key type.
const cellMeasures = Object.keys(CELL_FINDINGS) as CellMeasure[];

const TABLE: Readonly<Partial<Record<MeasureName, Compute>>> = Object.freeze({
  'chi_square/contingency@1': ({ cells }, policy) => chiSquareFindings(cells, policy),
  'g_test/contingency@1': (pair, policy) => [gFinding(pair, policy)],
  'fisher/exact@1': (pair, policy) => [fisherFinding(pair, policy)],
  'z_test/proportions@1': (pair, policy) => [zFinding(pair, policy)],
  'psi/reference-edges@1': ({ bins }, policy) => [psiFinding(bins, policy)],
  'js_distance/base2/reference-edges@2': ({ cells }, policy) => [jensenShannonFinding(cells, policy)],
  'l_infinity/shares@2': ({ cells }, policy) => [lInfinityFinding(cells, policy)],
  'unseen_share/difference@1': ({ cells }, policy) => [unseenFinding(cells, policy)],
  ...Object.fromEntries(
    cellMeasures.map((name): [string, Compute] => [name, ({ cells }, policy) => [CELL_FINDINGS[name](cells, policy)]]),
  ),
});

/**
 * The findings of these measures on two samples of texts, a list for each: of a list the last one is to be decided by
 * (the chi-square adds one with the small cells put together where it has to). Names of other kinds are left out.
 */
export function categoryFindings(
  names: readonly MeasureName[],
  pair: CategoryPair,
  policy: JudgePolicy,
): (readonly Finding[])[] {
  return names.flatMap((name) => {
    const made = TABLE[name]?.(pair, policy);
    return made === undefined ? [] : [made];
  });
}
