import type { Bounded } from '../summaries/cumulative-bounds.ts';
import type { JudgePolicy } from './judgement.ts';
import { MEASURES, type MeasureName } from './measures.ts';

/**
 * A measure from two stored profiles: what it is on the data lies between `lower` and `upper`. Null for both where
 * it could not be had; `reason` says why.
 */
export type ProfileFinding = {
  readonly measure: MeasureName;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** The smallest effect that matters, and the 95 % point under no drift at these sizes. */
  readonly limit: number | null;
  readonly null95: number | null;
  /** Bounds of the p-value, for a test. */
  readonly p: { readonly lower: number; readonly upper: number } | null;
  readonly reason: string | null;
};

type Rest = {
  readonly p?: { readonly lower: number; readonly upper: number } | null;
  readonly null95?: number | null;
  readonly policy?: JudgePolicy;
  readonly reason?: string | null;
};

/** A finding whose numbers are finite or null. */
export function bounded(measure: MeasureName, given: Bounded | null, rest: Rest): ProfileFinding {
  const finite = given !== null && [given.lower, given.value, given.upper].every(Number.isFinite);
  const limit = rest.policy?.limits[measure] ?? MEASURES[measure].defaultLimit;
  const none = { value: null, lower: null, upper: null };
  return {
    measure,
    ...(finite ? { value: given.value, lower: given.lower, upper: given.upper } : none),
    limit,
    null95: rest.null95 ?? null,
    p: rest.p === undefined || rest.p === null ? null : { lower: rest.p.lower, upper: rest.p.upper },
    reason: finite ? null : (rest.reason ?? 'the result is beyond the range of numbers'),
  };
}
