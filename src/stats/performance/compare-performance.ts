import { normalTail, normalTwoSidedQuantile } from '../special/normal.ts';
import { type Metric, Z95 } from './metric.ts';

type Direction = 'higher' | 'lower';

/** A metric that is judged: which way is better, and the change that matters. */
export type JudgedMetric = {
  readonly name: string;
  readonly better: Direction;
  /** The smallest worsening that matters, in units of the metric. */
  readonly minimum: number;
};

/** One metric of a window against the reference's. Numbers are finite or null; `reason` says why nothing is judged. */
export type MetricComparison = {
  readonly metric: string;
  readonly better: Direction;
  readonly value: number | null;
  readonly reference: number | null;
  /** How much worse the window is; below 0 where it is better. */
  readonly worsening: number | null;
  readonly minimum: number;
  /** The value at which the window would be called worse. */
  readonly limit: number | null;
  /** One-sided, that nothing got worse. */
  readonly p: number | null;
  readonly verdict: 'worse' | 'no_worse' | 'not_comparable';
  readonly reason: string | null;
};

/** The standard error behind a 95 % interval: of its wider side, since the other may be cut off at a bound. */
export function errorOf({ value, low, high }: Metric): number | null {
  if (value === null || low === null || high === null) return null;
  return Math.max(high - value, value - low) / Z95;
}

/**
 * Compares a window's metrics with the reference's: one is worse when the worsening is at least its minimum *and*
 * unlikely by chance, by a one-sided z test of two independent values. The level is shared among the metrics
 * (Bonferroni), so that looking at several raises no more false alarms than looking at one.
 */
export function comparePerformance(
  window: Readonly<Record<string, Metric | undefined>>,
  reference: Readonly<Record<string, Metric | undefined>>,
  { judged, alpha }: { readonly judged: readonly JudgedMetric[]; readonly alpha: number },
): MetricComparison[] {
  const found = judged.map((metric) => compareMetric(metric, window[metric.name], reference[metric.name]));
  const level = alpha / Math.max(1, found.filter(({ p }) => p !== null).length);
  return found.map(({ error, ...comparison }) => {
    const { p, worsening, minimum, better, reference: before } = comparison;
    if (p === null || worsening === null || before === null) return comparison;
    const least = Math.max(minimum, error * normalTwoSidedQuantile(2 * level));
    return {
      ...comparison,
      limit: better === 'higher' ? before - least : before + least,
      verdict: worsening >= minimum && p < level ? 'worse' : 'no_worse',
    };
  });
}

function compareMetric(
  { name, better, minimum }: JudgedMetric,
  window: Metric | undefined,
  reference: Metric | undefined,
): MetricComparison & { readonly error: number } {
  const value = window?.value ?? null;
  const before = reference?.value ?? null;
  const base = { metric: name, better, value, reference: before, minimum };
  const none = (reason: string) =>
    ({ ...base, worsening: null, limit: null, p: null, verdict: 'not_comparable', reason, error: 0 }) as const;
  if (value === null) return none(`the window has no value: ${window?.reason ?? 'it was not measured'}`);
  if (before === null) return none(`the reference has no value: ${reference?.reason ?? 'it was not measured'}`);
  const errors = [window, reference].map((metric) => (metric === undefined ? null : errorOf(metric)));
  if (errors.some((error) => error === null)) return none('the error of one of the values is not known');
  const error = Math.hypot(...errors.map((one) => one ?? 0));
  const worsening = better === 'higher' ? before - value : value - before;
  const p = error > 0 ? normalTail(worsening / error) : worsening > 0 ? 0 : 1;
  return { ...base, worsening, limit: null, p, verdict: 'no_worse', reason: null, error };
}
