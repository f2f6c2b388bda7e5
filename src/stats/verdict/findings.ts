import { jensenShannonDistance, jensenShannonNull } from '../distances/jensen-shannon.ts';
import { lInfinity, lInfinityPoint95 } from '../distances/l-infinity.ts';
import { psi, psiNull } from '../distances/psi.ts';
import { shareDifferencePoint95 } from '../distances/share-difference.ts';
import { wasserstein, wassersteinNull } from '../distances/wasserstein.ts';
import { chiSquareQuantile } from '../special/chi-square.ts';
import { momentsOf } from '../summaries/moments.ts';
import { chiSquareContingency } from '../tests/chi-square-contingency.ts';
import { kolmogorovSmirnov } from '../tests/kolmogorov-smirnov.ts';
import { poolSmallCells } from '../tests/small-cells.ts';
import type { Finding, JudgedBin, JudgePolicy } from './judgement.ts';
import { MEASURES, type MeasureName } from './measures.ts';
import type { NumberSample } from './samples.ts';

/** Mean and 95 % point of √n D under Kolmogorov's limit law. */
const KOLMOGOROV_MEAN = Math.sqrt(Math.PI / 2) * Math.LN2;
const KOLMOGOROV_95 = 1.3580986393225505;

type Result = Partial<Pick<Finding, 'value' | 'nullMean' | 'null95' | 'p' | 'parameters' | 'reason'>>;

function finiteOrNull(x: number | null | undefined): number | null {
  return x === null || x === undefined || !Number.isFinite(x) ? null : x;
}

function finding(measure: MeasureName, policy: JudgePolicy, result: Result): Finding {
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
function lacking(reference: ArrayLike<number>, window: ArrayLike<number>): string | null {
  if (reference.length === 0) return 'the reference has no usable values';
  return window.length === 0 ? 'the window has no usable values' : null;
}

export function kolmogorovSmirnovFinding(r: NumberSample, w: NumberSample, policy: JudgePolicy): Finding {
  const reason = lacking(r.sorted, w.sorted);
  if (reason !== null) return finding('ks/two-sided@1', policy, { reason });
  const { d, p, mode, location, sign } = kolmogorovSmirnov(r.sorted, w.sorted);
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

export function wassersteinFinding(r: NumberSample, w: NumberSample, policy: JudgePolicy): Finding {
  const measure = 'wasserstein/reference-std@1';
  const reason = lacking(r.finite, w.finite);
  if (reason !== null) return finding(measure, policy, { reason });
  const [n, m] = [r.finite.length, w.finite.length];
  const std = Math.sqrt(momentsOf(r.finite, n).m2 / n);
  const distance = wasserstein(r.finite, w.finite);
  const expected = wassersteinNull(n, m);
  const parameters = { n, m, wasserstein: finiteOrNull(distance), referenceStd: finiteOrNull(std) };
  if (std === 0 && distance > 0) return finding(measure, policy, { reason: 'the reference is constant', parameters });
  return finding(measure, policy, {
    value: distance === 0 ? 0 : distance / std,
    nullMean: expected.mean,
    null95: expected.point95,
    parameters,
  });
}

type BinCounts = { readonly r: number[]; readonly w: number[]; readonly n: number; readonly m: number; used: number };

function countsOf(bins: readonly JudgedBin[]): BinCounts {
  const r = bins.map((bin) => bin.reference);
  const w = bins.map((bin) => bin.window);
  const total = (counts: number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const used = bins.filter((bin) => bin.reference + bin.window > 0).length;
  return { r, w, n: total(r), m: total(w), used };
}

/** PSI and Jensen-Shannon distance on the bins. */
export function binFindings(bins: readonly JudgedBin[], policy: JudgePolicy): Finding[] {
  const { r, w, n, m, used } = countsOf(bins);
  const psiExpected = psiNull(used, n, m);
  const jsExpected = jensenShannonNull(used, n, m);
  return [
    finding('psi/reference-edges@1', policy, {
      value: psi(r, w),
      nullMean: psiExpected.mean,
      null95: psiExpected.point95,
      parameters: { bins: used, emptyBin: 'half a row', n, m },
    }),
    finding('js_distance/base2/reference-edges@1', policy, {
      value: jensenShannonDistance(r, w),
      nullMean: jsExpected.mean,
      null95: Math.min(1, jsExpected.point95),
      parameters: { bins: used, n, m },
    }),
  ];
}

/** The contingency chi-square on the cells, the smallest put together where they are too small for it. */
export function chiSquareFinding(bins: readonly JudgedBin[], policy: JudgePolicy): Finding {
  const { r, w, used } = countsOf(bins);
  const cells = poolSmallCells(r, w);
  const test = chiSquareContingency(cells.x, cells.y);
  if (test === null) {
    const reason = used < 2 ? 'every row has the same value' : 'too few rows in all cells but one';
    return finding('chi_square/contingency@1', policy, { reason });
  }
  return finding('chi_square/contingency@1', policy, {
    value: test.statistic,
    p: test.p,
    nullMean: test.df,
    null95: chiSquareQuantile(0.05, test.df),
    parameters: { df: test.df, cells: cells.x.length, pooled: cells.pooled, yates: test.yates },
  });
}

export function lInfinityFinding(bins: readonly JudgedBin[], policy: JudgePolicy): Finding {
  const { r, w } = countsOf(bins);
  const largest = lInfinity(r, w);
  return finding('l_infinity/shares@1', policy, {
    value: largest?.value ?? null,
    null95: Math.min(1, lInfinityPoint95(r, w)),
    parameters: { label: largest === null ? null : (bins[largest.index]?.label ?? null) },
  });
}

/** The change of the share of missing rows; its p-value is that of the 2 x 2 table, with Yates' correction. */
export function missingFinding(bins: readonly JudgedBin[], policy: JudgePolicy): Finding {
  const missing = bins.find((bin) => bin.kind === 'missing');
  const { n, m } = countsOf(bins);
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
