/** One retraining as a machine that only goes forward. Pure. */

export type RunState =
  | 'awaiting_approval'
  | 'declined'
  | 'expired'
  | 'preparing'
  | 'requested'
  | 'accepted'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'cancelled'
  | 'promoted'
  | 'rolled_back';

/** What a pipeline may report of itself. */
export type ReportedState = 'accepted' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** From each state, what may be reported next. Running may be reported again and again, with news. */
const REPORTS: Record<RunState, readonly ReportedState[]> = {
  awaiting_approval: [],
  declined: [],
  expired: [],
  preparing: [],
  requested: ['accepted', 'running', 'succeeded', 'failed', 'cancelled'],
  accepted: ['accepted', 'running', 'succeeded', 'failed', 'cancelled'],
  running: ['running', 'succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  timed_out: [],
  cancelled: [],
  promoted: [],
  rolled_back: [],
};

export function mayReport(from: RunState, to: ReportedState): boolean {
  return REPORTS[from].includes(to);
}

/** True while the run is still to come to an end. */
export function isLiving(state: RunState): boolean {
  return state === 'awaiting_approval' || state === 'preparing' || REPORTS[state].length > 0;
}

/** True for a run that came to nothing by a fault: the same cause may start another one. */
export const hasFailed = (state: RunState): boolean => state === 'failed' || state === 'timed_out';
