import { betaI } from './beta.ts';

/** P(|T| > |t|) for Student's t with `df` > 0 degrees of freedom (not necessarily whole): I_{df/(df+t²)}(df/2, 1/2). */
export function studentTwoSidedTail(t: number, df: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? Number.NaN : 0;
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return 0;
  return betaI(df / 2, 0.5, { x: df / (df + square), y: square / (df + square) });
}
