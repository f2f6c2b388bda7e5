import type { Blocked, PolicyConfig } from '../../../schemas/wire/policies.ts';
import { periodOf } from '../calendar/zone.ts';

type Budget = NonNullable<PolicyConfig['budget']>;

/** A run that has begun, and what it cost as far as it has said. */
type Begun = { readonly at: Date; readonly cost: number | null };

/** Sums of decimal fractions are off by less than this. */
const ROUNDING = 1e-9;

/**
 * Holds a start back with which the runs of this month would cost more than they may. Pure. A run that has not said what
 * it costs is taken at the estimate, as is the one that would start.
 */
export function beyondBudget(begun: readonly Begun[], { budget, zone }: PolicyConfig, now: Date): Blocked[] {
  if (budget === null) return [];
  const { per_month: most, run_estimate: estimate } = budget;
  const { from, to } = periodOf(now.getTime(), 'month', zone);
  const runs = begun.filter(({ at }) => at.getTime() >= from && at.getTime() < to);
  const spent = runs.reduce((sum, { cost }) => sum + (cost ?? estimate), 0);
  if (spent + estimate <= most * (1 + ROUNDING)) return [];
  const estimated = runs.filter(({ cost }) => cost === null).length;
  const taken = estimated === 0 ? '' : ` (${estimated} of ${runs.length} taken at the estimate)`;
  const detail = `The runs of this month cost ${shownAmount(spent, budget)}${taken}, and another one is taken to cost ${shownAmount(estimate, budget)}, of at most ${shownAmount(most, budget)}`;
  const lifts = 'The budget is raised';
  // Of what is beyond the budget by itself time lifts nothing.
  if (estimate > most * (1 + ROUNDING)) return [{ code: 'budget', detail, lifts }];
  const until = new Date(to).toISOString();
  return [{ code: 'budget', detail, lifts: `The next month begins (${zone}), or the budget is raised`, until }];
}

/** An amount of money for people. */
export const shownAmount = (amount: number, { currency }: Pick<Budget, 'currency'>): string =>
  `${Number(amount.toFixed(2))}${currency === null ? '' : ` ${currency}`}`;
