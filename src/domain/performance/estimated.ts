import type { Estimate } from '../../../schemas/wire/performance.ts';
import type { Metric } from '../../stats/performance/metric.ts';
import type { Outcomes } from '../outcome/outcomes.ts';

/** What estimating a window takes and gives, whatever the task. */

export type ClassEstimateInput = {
  readonly reference: Outcomes;
  /** The window's rows; their labels are not looked at. */
  readonly window: Outcomes;
  /** Standard errors of the metrics on the reference. */
  readonly errors: Readonly<Record<string, number>>;
};

export type Estimated = Pick<Estimate, 'metrics' | 'parameters' | 'check' | 'reason' | 'segments'>;

/** Chance is an argument: the same rows give the same numbers for ever. */
export const ESTIMATE_SEED = 5;

export const noEstimate = (reason: string): Estimated => ({ metrics: {}, parameters: {}, check: {}, reason });

/** Expected and realised values of rows that were not learnt from, where both are known. */
export function checkOf<N extends string>(
  estimated: Readonly<Record<N, Metric>>,
  realised: Readonly<Record<N, Metric>>,
): Estimate['check'] {
  const check: Estimate['check'] = {};
  for (const name of Object.keys(estimated) as N[]) {
    const [expected, found] = [estimated[name].value, realised[name].value];
    if (expected !== null && found !== null) check[name] = { estimated: expected, realised: found };
  }
  return check;
}
