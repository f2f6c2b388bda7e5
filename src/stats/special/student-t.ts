import { betaI } from './beta.ts';

/** P(|T| > |t|) for Student's t with `df` > 0 degrees of freedom (not necessarily whole): I_{df/(df+t²)}(df/2, 1/2). */
export function studentTwoSidedTail(t: number, df: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? Number.NaN : 0;
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return 0;
  return betaI(df / 2, 0.5, { x: df / (df + square), y: square / (df + square) });
}

/** The t > 0 with P(|T| > t) = `tail`, for 0 < `tail` < 1, by halving: to the last few digits. */
export function studentTwoSidedQuantile(tail: number, df: number): number {
  let [low, high] = [0, 1];
  while (studentTwoSidedTail(high, df) > tail && high < 1e100) [low, high] = [high, high * 2];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentTwoSidedTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
