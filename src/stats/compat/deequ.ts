import { lInfinity } from '../distances/l-infinity.ts';
import { kolmogorovSmirnov } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import { chiSquareTail } from '../special/chi-square.ts';
import { countTexts } from '../verdict/paired-texts.ts';
import { numberSample } from '../verdict/samples.ts';
import { type CompatColumn, type CompatFinding, type Tool, withoutScore } from './finding.ts';
import { type PairedCounts, pairedCounts, totalOf } from './shares.ts';

/** Values up to which the sketch of numbers, by its default size, holds each of them. */
const HELD = 2048;
/** What the largest change of a share must pass, times sqrt((n + m) / (n m)). */
const ROBUST = 1.8;

/**
 * Deequ 2.1.0's distances: the "robust" L-infinity distance, of the shares of texts or of the distribution functions of
 * numbers, and of texts the chi-square test of goodness of fit whose small cells are put together. It has no limits of its own: each is written into a check by hand. Source: its
 * `analyzers/Distance.scala`.
 */
export const DEEQU: Tool = {
  version: '2.1.0',
  rule: 'none: thresholds are written into checks, column by column',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  if (reference.kind === 'number' && current.kind === 'number') {
    return compareNumbers(name, numberSample(reference).sorted, numberSample(current).sorted);
  }
  if (reference.kind !== 'category' || current.kind !== 'category') {
    return withoutScore(name, 'Only numbers with numbers and texts with texts are compared.');
  }
  const counts = pairedCounts(countTexts(reference), countTexts(current));
  const simple = lInfinity(counts.reference, counts.current);
  if (simple === null) return withoutScore(name, 'A side has no values.', 'linf_robust');
  const chiSquare = goodnessOfFit(counts);
  return {
    column: name,
    method: 'linf_robust',
    score: robust(simple.value, totalOf(counts.reference), totalOf(counts.current)),
    threshold: null,
    drift: null,
    details: {
      linf_simple: simple.value,
      chi_square: chiSquare?.statistic ?? null,
      chi_square_p: chiSquare?.p ?? null,
    },
    reason: chiSquare?.reason ?? null,
  };
}

function compareNumbers(name: string, x: Float64Array, y: Float64Array): CompatFinding {
  if (x.length === 0 || y.length === 0) return withoutScore(name, 'A side has no values.', 'linf_robust');
  if (Math.max(x.length, y.length) > HELD) {
    return withoutScore(name, `Of more than ${HELD} numbers its sketch holds a random part.`, 'linf_robust');
  }
  const { d } = kolmogorovSmirnov(x, y);
  const score = robust(d, x.length, y.length);
  return {
    column: name,
    method: 'linf_robust',
    score,
    threshold: null,
    drift: null,
    details: { linf_simple: d },
    reason: null,
  };
}

/** What is left of the largest change beyond chance. */
export function robust(value: number, n: number, m: number, factor = ROBUST): number {
  return Math.max(0, value - factor * Math.sqrt((n + m) / (n * m)));
}

type Cell = { readonly observed: number; readonly expected: number };

type GoodnessOfFit = {
  readonly statistic: number | null;
  readonly p: number | null;
  /** Why there is no statistic. */
  readonly reason: string | null;
};

/**
 * Values that the reference lacks are left out of the current total. Two cells need 10 expected rows each, of more at
 * most a fifth may expect fewer than 5; the smallest are put together until they do. Null when fewer than two remain.
 */
export function goodnessOfFit({ reference, current }: Omit<PairedCounts, 'keys'>): GoodnessOfFit | null {
  const n = totalOf(reference);
  let m = 0;
  reference.forEach((count, i) => {
    if (count > 0) m += current[i]!;
  });
  const given: Cell[] = [];
  reference.forEach((count, i) => {
    if (count > 0) given.push({ observed: current[i]!, expected: (count / n) * m });
  });
  const cells = regrouped(given);
  if (cells === null) {
    const reason = 'Which of equally rare values its chi-square test puts together is up to the order of a hash table.';
    return { statistic: null, p: null, reason };
  }
  if (cells.length < 2) return null;
  const statistic = cells.reduce((sum, { observed, expected }) => sum + (observed - expected) ** 2 / expected, 0);
  return { statistic, p: chiSquareTail(statistic, cells.length - 1), reason: null };
}

/** Null where another order of the same cells would have come to something else. */
function regrouped(given: readonly Cell[]): Cell[] | null {
  const cells = [...given].sort((a, b) => a.expected - b.expected);
  while (cells.length >= 2 && !isFilled(cells)) {
    if (isOpen(cells)) return null;
    const [a, b] = cells.splice(0, 2);
    cells.push({ observed: a!.observed + b!.observed, expected: a!.expected + b!.expected });
    cells.sort((x, y) => x.expected - y.expected);
  }
  return cells;
}

/** Whether others could be the two smallest as well, and were observed more or less often. */
function isOpen(cells: readonly Cell[]): boolean {
  const [, second, third] = cells;
  if (third === undefined || third.expected !== second!.expected) return false;
  const alike = cells.filter(({ expected }) => expected === third.expected);
  return alike.some(({ observed }) => observed !== third.observed);
}

function isFilled(cells: readonly Cell[]): boolean {
  if (cells.length === 2) return cells.every(({ expected }) => expected >= 10);
  return cells.filter(({ expected }) => expected < 5).length <= cells.length * 0.2;
}
