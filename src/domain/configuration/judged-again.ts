import { rarer } from '../../stats/verdict/calibration.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';

/**
 * A window is judged again when rows come late, and each verdict is another chance of a false alarm. So the chances are
 * spent: the first verdict of a window has most of its share, and each one after verdicts of no drift half as much of the
 * rest as the one before. Whatever the rows of a healthy window do, all of its verdicts together find drift no more often
 * than was chosen (Bonferroni's inequality, with weights). One that found drift is judged again as it was, and may be
 * withdrawn: it has been counted.
 */

/** The part of a window's false alarms that is left to judging it again. */
export const AGAIN_SHARE = 0.2;

/**
 * How many times rarer than with the first verdict drift may be found by chance.
 * @param quiet how many verdicts of the window found no drift before
 */
export const timesRarer = (quiet: number): number =>
  quiet === 0 ? 1 : ((1 - AGAIN_SHARE) / AGAIN_SHARE) * 2 ** Math.min(quiet, 50);

/** The policy by which a window is judged after so many verdicts of no drift. */
export function judgedAgain(policy: JudgePolicy, quiet: number): JudgePolicy {
  if (quiet === 0) return policy;
  const times = timesRarer(quiet);
  const { calibration } = policy;
  return {
    ...policy,
    alpha: policy.alpha / times,
    ...(calibration !== undefined && { calibration: rarer(calibration, times) }),
  };
}
