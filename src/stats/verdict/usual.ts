import { studentTwoSidedQuantile, studentTwoSidedTail } from '../special/student-t.ts';

/** A positive value of an earlier window, and what kind of window it was: the same weekday, the same hour of the week. */
export type EarlierValue = { readonly value: number; readonly kind: string };

/** What windows of one kind usually have. */
export type Usual = {
  /** Mean of the logarithms of the windows of the kind, and their number. */
  readonly mean: number;
  readonly windows: number;
  /** Deviation of a window from the mean of its own kind, of all kinds together. */
  readonly deviation: number;
  readonly degrees: number;
};

/** Fewer degrees of freedom than this say too little of how much windows differ by themselves. */
export const FEWEST_DEGREES = 8;

/**
 * What is usual for windows of a kind, as an analysis of variance of the logarithms by kind: each kind has a mean of
 * its own, and all share one deviation, so that a few weeks tell what a Monday is like. Null while they are too few.
 */
export function usualOf(values: readonly EarlierValue[], kind: string): Usual | null {
  const groups = Map.groupBy(
    values.filter(({ value }) => value > 0),
    (found) => found.kind,
  );
  const own = groups.get(kind) ?? [];
  let [squares, all] = [0, 0];
  let mean = 0;
  for (const [name, members] of groups) {
    const logs = members.map(({ value }) => Math.log(value));
    const middle = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    squares += logs.reduce((sum, log) => sum + (log - middle) ** 2, 0);
    all += logs.length;
    if (name === kind) mean = middle;
  }
  const degrees = all - groups.size;
  if (own.length < 2 || degrees < FEWEST_DEGREES) return null;
  return { mean, windows: own.length, deviation: Math.sqrt(squares / degrees), degrees };
}

export type UsualQuestion = {
  readonly sides: 'both' | 'above';
  readonly level: number;
  /** The smallest change that matters, as a ratio above 1 to what is usual. */
  readonly ratio: number;
  /** The value is a count: by chance alone it varies as Poisson's does. */
  readonly counted: boolean;
};

/** A value beside what is usual. It is unusual outside `low` and `high`. */
export type UsualFinding = {
  readonly expected: number;
  readonly low: number | null;
  readonly high: number;
  readonly p: number;
  readonly unusual: boolean;
};

/**
 * Compares a value with what is usual: unusual is what lies outside the prediction interval of one more window (Student's
 * t on logarithms) *and* is away by at least the ratio that matters.
 */
export function compareWithUsual(value: number, usual: Usual, question: UsualQuestion): UsualFinding {
  const { sides, level, ratio, counted } = question;
  const expected = Math.exp(usual.mean);
  const variance = Math.max(usual.deviation ** 2, counted ? 1 / Math.max(expected, 1) : 0);
  const error = Math.sqrt(variance * (1 + 1 / usual.windows));
  const away = Math.log(Math.max(value, Number.MIN_VALUE)) - usual.mean;
  const twoSided = error > 0 ? studentTwoSidedTail(away / error, usual.degrees) : away === 0 ? 1 : 0;
  const p = sides === 'both' ? twoSided : away > 0 ? twoSided / 2 : 1 - twoSided / 2;
  const critical = studentTwoSidedQuantile(sides === 'both' ? level : 2 * level, usual.degrees) * error;
  const reach = Math.max(critical, Math.log(ratio));
  const low = sides === 'both' ? expected * Math.exp(-reach) : null;
  const high = expected * Math.exp(reach);
  return { expected, low, high, p, unusual: value > high || (low !== null && value < low) };
}
