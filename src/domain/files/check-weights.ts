import { TidemarkError } from '../../errors.ts';

/** @throws TidemarkError `bad-request` for a weight that is negative, or no number. */
export function checkWeights(weights: Readonly<Record<string, number>> = {}): void {
  const wrong = Object.entries(weights).find(([, weight]) => !(weight >= 0 && Number.isFinite(weight)));
  if (wrong === undefined) return;
  throw new TidemarkError('bad-request', `The weight of "${wrong[0].slice(0, 100)}" must be 0 or more.`);
}
