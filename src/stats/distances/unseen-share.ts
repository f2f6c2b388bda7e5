import { type BetaBinomial, betaBinomialPoint, betaBinomialTail } from '../special/beta-binomial.ts';

/** A sample of `n` values, of which so many occur once and twice. */
export type SeenValues = { readonly n: number; readonly once: number; readonly twice: number };

/** Counts of the values of a sample; those that it does not have may be among them with 0. */
export function seenValues(counts: readonly number[]): SeenValues {
  let [n, once, twice] = [0, 0, 0];
  for (const count of counts) {
    n += count;
    if (count === 1) once++;
    else if (count === 2) twice++;
  }
  return { n, once, twice };
}

/**
 * The law of how many of `m` more values of the same distribution are ones that the sample does not have. Their chance is
 * by Good and Turing the share of values that occur once (here one more of two more, so that a chance is left where none
 * does), and uncertain as Esty (1983) has it, with a variance of (f1 (1 - f1 / n) + 2 f2) / n²: a beta law of that mean,
 * as wide, but no wider than an exponential one.
 */
export function unseenLaw({ n, once, twice }: SeenValues, m: number): BetaBinomial {
  const wider = 1 + (2 * twice) / (once + 1);
  const a = Math.max(1, (once + 1) / wider);
  return { m, a, b: (a * (n - once + 1)) / (once + 1) };
}

export type UnseenShare = {
  /** By how much the share of values that the sample does not have exceeds what is expected: f1 / n. 0 where it does not. */
  readonly excess: number;
  readonly expected: number;
  /** Chance of as many without drift. */
  readonly p: number;
  /** Mean and 95 % point of the excess without drift; the latter is at least that of one value, which proves nothing. */
  readonly nullMean: number;
  readonly null95: number;
};

/** `unseen` of `m` values are ones that the sample does not have. Both must have values. */
export function unseenShare(unseen: number, m: number, seen: SeenValues): UnseenShare {
  const law = unseenLaw(seen, m);
  const expected = seen.once / seen.n;
  const point = Math.max(1, betaBinomialPoint(0.05, law));
  // Σ k P(k) from here on is m a / (a + b) times a tail of the law with one draw less.
  const first = Math.floor(m * expected) + 1;
  const fewer = { m: m - 1, a: law.a + 1, b: law.b };
  const mean = law.a / (law.a + law.b);
  return {
    excess: Math.max(0, unseen / m - expected),
    expected,
    p: betaBinomialTail(unseen, law),
    nullMean: Math.max(0, mean * betaBinomialTail(first - 1, fewer) - expected * betaBinomialTail(first, law)),
    null95: Math.max(1 / m, point / m - expected),
  };
}
