import { betaI } from './beta.ts';

/** P(F > f) for the F law with `d1` and `d2` > 0 degrees of freedom: I_{d2/(d2+d1 f)}(d2/2, d1/2). */
export function fTail(f: number, { d1, d2 }: { d1: number; d2: number }): number {
  if (f <= 0) return 1;
  if (f === Number.POSITIVE_INFINITY) return 0;
  const scaled = d1 * f;
  return betaI(d2 / 2, d1 / 2, { x: d2 / (d2 + scaled), y: scaled / (d2 + scaled) });
}
