import type { StoredPerformance } from '../../../schemas/wire/performance.ts';
import { jensenShannonDistance } from '../../stats/distances/jensen-shannon.ts';
import { chiSquareContingency } from '../../stats/hypothesis-tests/chi-square-contingency.ts';
import { rounded, tailText } from '../../stats/verdict/rounded.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import type { LabelDistribution } from '../outcome/label-distribution.ts';

/** Whether the labels themselves are spread as in the reference (prior shift). Pure. */

export type PriorShift = NonNullable<StoredPerformance['prior_shift']>;

const MEASURE = 'js_distance/base2/reference-edges@2';
const LEAST_EXPECTED = 5;

/**
 * Labels drift as a column does: unlikely under no drift, by the contingency chi-square over their cells (those of the
 * reference, the ones with few labels together), *and* large enough to matter, by the Jensen-Shannon distance.
 */
export function judgePriors(
  window: LabelDistribution,
  reference: LabelDistribution,
  config: MonitorConfig,
): PriorShift {
  const cells = aligned(window, reference);
  const [x, y] = [cells.map((cell) => cell.reference), cells.map((cell) => cell.window)];
  const effect = jensenShannonDistance(x, y);
  const limit = config.effects[MEASURE] ?? 0.1;
  const pooled = pool(cells);
  const p =
    chiSquareContingency(
      pooled.map((cell) => cell.reference),
      pooled.map((cell) => cell.window),
    )?.p ?? null;
  const base = { effect: { measure: MEASURE, value: effect, limit }, p, cells };
  const rows = y.reduce((sum, count) => sum + count, 0);
  if (rows < config.minimum_rows) {
    return {
      ...base,
      verdict: 'insufficient_data',
      why: `${rows} labels; at least ${config.minimum_rows} are needed.`,
    };
  }
  const drift = p !== null && p < config.alpha && effect !== null && effect >= limit;
  const size = `Jensen-Shannon distance of the labels ${rounded(effect)}, limit ${limit}; ${tailText('p', p)}`;
  return drift
    ? { ...base, verdict: 'drift', why: `The labels are spread otherwise than in the reference: ${size}.` }
    : { ...base, verdict: 'no_drift', why: `The labels are spread as in the reference: ${size}.` };
}

type Cell = PriorShift['cells'][number];

function aligned(window: LabelDistribution, reference: LabelDistribution): Cell[] {
  const labels = [...new Set([...reference.counts, ...window.counts].map(({ label }) => label))];
  const countIn = ({ counts }: LabelDistribution, name: string): number =>
    counts.find(({ label }) => label === name)?.count ?? 0;
  return labels.map((label) => ({ label, reference: countIn(reference, label), window: countIn(window, label) }));
}

/** Cells where fewer labels are expected than the test's law needs are one. */
function pool(cells: readonly Cell[]): Omit<Cell, 'label'>[] {
  const total = (of: 'reference' | 'window'): number => cells.reduce((sum, cell) => sum + cell[of], 0);
  const [n, m] = [total('reference'), total('window')];
  const few = (cell: Cell): boolean => ((cell.reference + cell.window) * Math.min(n, m)) / (n + m) < LEAST_EXPECTED;
  const rare = cells.filter(few);
  const sum = (of: 'reference' | 'window'): number => rare.reduce((count, cell) => count + cell[of], 0);
  return [...cells.filter((cell) => !few(cell)), { reference: sum('reference'), window: sum('window') }];
}
