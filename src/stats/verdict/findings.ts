import { jensenShannonDistance, jensenShannonNull } from '../distances/jensen-shannon.ts';
import { lInfinity, lInfinityPoint95 } from '../distances/l-infinity.ts';
import { psi, psiNull } from '../distances/psi.ts';
import { shareDifferencePoint95 } from '../distances/share-difference.ts';
import { wassersteinNull } from '../distances/wasserstein.ts';
import { chiSquareContingency } from '../hypothesis-tests/chi-square-contingency.ts';
import { dealtChiSquare } from '../hypothesis-tests/chi-square-dealt.ts';
import { kolmogorovSmirnovOf } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import { hasSmallCells, poolSmallCells } from '../hypothesis-tests/small-cells.ts';
import { chiSquareQuantile } from '../special/chi-square.ts';
import { momentsOf } from '../summaries/moments.ts';
import { type Cells, cellsOfBins, total, usedCells } from './cells.ts';
import type { Finding, JudgedBin, JudgePolicy } from './judgement.ts';
import { MEASURES, type MeasureName } from './measures.ts';
import type { NumberPair } from './number-pair.ts';

/** Mean and 95 % point of √n D under Kolmogorov's limit law. */
const KOLMOGOROV_MEAN = Math.sqrt(Math.PI / 2) * Math.LN2;
const KOLMOGOROV_95 = 1.3580986393225505;

export type Result = Partial<Pick<Finding, 'value' | 'p' | 'parameters' | 'reason'>> & {
  readonly nullMean?: number | null | undefined;
  readonly null95?: number | null | undefined;
};

export function finiteOrNull(x: number | null | undefined): number | null {
  return x === null || x === undefined || !Number.isFinite(x) ? null : x;
}

export function finding(measure: MeasureName, policy: JudgePolicy, result: Result): Finding {
  const value = finiteOrNull(result.value);
  return {
    measure,
    value,
    direction: MEASURES[measure].direction,
    nullMean: finiteOrNull(result.nullMean),
    null95: finiteOrNull(result.null95),
    limit: policy.limits[measure] ?? MEASURES[measure].defaultLimit,
    p: finiteOrNull(result.p),
    q: null,
    parameters: result.parameters ?? {},
    reason: value === null ? (result.reason ?? 'the result is beyond the range of numbers') : null,
  };
}

/** Why a measure on usable values cannot be had, or null. */
export function lacking(reference: ArrayLike<number>, window: ArrayLike<number>): string | null {
  if (reference.length === 0) return 'the reference has no usable values';
  return window.length === 0 ? 'the window has no usable values' : null;
}

export function kolmogorovSmirnovFinding(pair: NumberPair, policy: JudgePolicy): Finding {
  const { r, w } = pair;
  const reason = lacking(r.sorted, w.sorted);
  if (reason !== null) return finding('ks/two-sided@1', policy, { reason });
  const { d, p, mode, location, sign } = kolmogorovSmirnovOf(pair.walked().differences);
  const [n, m] = [r.sorted.length, w.sorted.length];
  const scale = Math.sqrt(1 / n + 1 / m);
  return finding('ks/two-sided@1', policy, {
    value: d,
    p,
    nullMean: Math.min(1, KOLMOGOROV_MEAN * scale),
    null95: Math.min(1, KOLMOGOROV_95 * scale),
    parameters: { mode, location: finiteOrNull(location), windowLarger: sign > 0, n, m },
  });
}

/** Of deviations whose squares are no doubles: in such units every distance would be 0. */
export const SPREAD_BEYOND = "the reference's spread is beyond the range of numbers";

export function wassersteinFinding(pair: NumberPair, policy: JudgePolicy): Finding {
  const { r, w } = pair;
  const measure = 'wasserstein/reference-std@1';
  const reason = lacking(r.finite, w.finite);
  if (reason !== null) return finding(measure, policy, { reason });
  const [n, m] = [r.finite.length, w.finite.length];
  const std = Math.sqrt(momentsOf(r.finite, n).m2 / n);
  const distance = pair.walked().wasserstein;
  const expected = wassersteinNull(n, m);
  const parameters = { n, m, wasserstein: finiteOrNull(distance), referenceStd: finiteOrNull(std) };
  if (std === 0 && distance > 0) return finding(measure, policy, { reason: 'the reference is constant', parameters });
  if (!Number.isFinite(std) && distance > 0) return finding(measure, policy, { reason: SPREAD_BEYOND, parameters });
  return finding(measure, policy, {
    value: distance === 0 ? 0 : distance / std,
    nullMean: expected.mean,
    null95: expected.point95,
    parameters,
  });
}

export function psiFinding(cells: Cells, policy: JudgePolicy): Finding {
  const [n, m, used] = [total(cells.r), total(cells.w), usedCells(cells)];
  const expected = psiNull(used, n, m);
  return finding('psi/reference-edges@1', policy, {
    value: psi(cells.r, cells.w),
    nullMean: expected.mean,
    null95: expected.point95,
    parameters: { bins: used, emptyBin: 'half a row', n, m },
  });
}

export function jensenShannonFinding(cells: Cells, policy: JudgePolicy): Finding {
  const expected = jensenShannonNull(cells.r, cells.w);
  return finding('js_distance/base2/reference-edges@2', policy, {
    value: jensenShannonDistance(cells.r, cells.w),
    nullMean: expected?.mean,
    null95: expected && Math.min(1, expected.point95),
    parameters: { bins: usedCells(cells), n: total(cells.r), m: total(cells.w) },
  });
}

type ChiSquareName = 'chi_square/contingency@1' | 'chi_square/pooled-cells@1';

function chiSquareOn(measure: ChiSquareName, cells: Pick<Cells, 'r' | 'w'> & { pooled: number }, policy: JudgePolicy) {
  const test = chiSquareContingency(cells.r, cells.w);
  if (test === null) {
    const reason = cells.pooled === 0 ? 'every row has the same value' : 'too few rows in all cells but one';
    return finding(measure, policy, { reason });
  }
  const { statistic, df, p, yates } = test;
  return finding(measure, policy, {
    value: statistic,
    p,
    nullMean: df,
    null95: chiSquareQuantile(0.05, df),
    parameters: { df, cells: df + 1, pooled: cells.pooled, yates },
  });
}

/** Every cell apart, by the law of random dealing. */
function dealtFinding(cells: Cells, policy: JudgePolicy): Finding {
  const test = dealtChiSquare(cells.r, cells.w);
  if (test === null) return finding('chi_square/dealt@1', policy, { reason: 'hardly any value occurs twice' });
  const { statistic, p, mean, variance } = test;
  const shape = (mean * mean) / variance;
  return finding('chi_square/dealt@1', policy, {
    value: statistic,
    p,
    nullMean: mean,
    null95: (chiSquareQuantile(0.05, 2 * shape) * variance) / (2 * mean),
    parameters: { cells: usedCells(cells), variance },
  });
}

/**
 * The contingency chi-square with every cell apart, as SciPy gives it, and, where cells are too small for its law,
 * a second one: with the law of random dealing, in `judge@1` with the smallest cells put together. The last finding is the
 * one to decide by.
 */
export function chiSquareFindings(cells: Cells, policy: JudgePolicy): [Finding, ...Finding[]] {
  const whole = chiSquareOn('chi_square/contingency@1', { ...cells, pooled: 0 }, policy);
  if (whole.value === null || !hasSmallCells(cells.r, cells.w)) return [whole];
  if (policy.method !== 'judge@1') return [whole, dealtFinding(cells, policy)];
  const fit = poolSmallCells(cells.r, cells.w);
  return [whole, chiSquareOn('chi_square/pooled-cells@1', { r: fit.x, w: fit.y, pooled: fit.pooled }, policy)];
}

export function lInfinityFinding(cells: Cells, policy: JudgePolicy): Finding {
  const largest = lInfinity(cells.r, cells.w);
  return finding('l_infinity/shares@2', policy, {
    value: largest?.value ?? null,
    null95: Math.min(1, lInfinityPoint95(cells.r, cells.w)),
    parameters: { label: largest === null ? null : (cells.labels[largest.index] ?? null) },
  });
}

/** The change of the share of missing rows; its p-value is that of the 2 x 2 table, with Yates' correction. */
export function missingFinding(bins: readonly JudgedBin[], policy: JudgePolicy): Finding {
  const missing = bins.find((bin) => bin.kind === 'missing');
  const { r, w } = cellsOfBins(bins);
  const [n, m] = [total(r), total(w)];
  const x = missing?.reference ?? 0;
  const y = missing?.window ?? 0;
  const test = chiSquareContingency([x, n - x], [y, m - y]);
  return finding('missing_share/difference@1', policy, {
    value: y / m - x / n,
    p: test === null ? 1 : test.p,
    nullMean: 0,
    null95: shareDifferencePoint95({ x, n, y, m }),
    parameters: { reference: x / n, window: y / m },
  });
}
