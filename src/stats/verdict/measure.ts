import type { Column } from '../column.ts';
import type { JudgeMethod } from './judge-method.ts';

/** A measure: a function of two columns, named with its parameters and version. */
export type Measure = {
  readonly kinds: readonly Column['kind'][];
  /** A `test` gives a p-value, an `effect` decides whether a change matters, an `index` is only shown unless it is chosen. */
  readonly use: 'test' | 'effect' | 'index';
  /** Where drift lies: at higher values, lower ones, or both. */
  readonly direction: 'higher' | 'lower' | 'both';
  readonly title: string;
  readonly description: string;
  /** The smallest effect that matters unless the policy says otherwise; null for tests and where it depends on a unit. */
  readonly defaultLimit: number | null;
  /** Made unless a policy chooses others; what is not standard is made only when it is chosen. */
  readonly standard: boolean;
  /** The way of judging that made it standard, and no earlier one did; from then on a test decides, and the standard ones before it are shown. */
  readonly since?: JudgeMethod;
};
