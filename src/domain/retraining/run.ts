/** One retraining as a machine that only goes forward. Pure. */

export type RunState =
  | 'preparing'
  | 'requested'
  | 'accepted'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'promoted';

/** What a pipeline may report of itself. */
export type ReportedState = 'accepted' | 'running' | 'succeeded' | 'failed';

/** From each state, what may be reported next. Running may be reported again and again, with news. */
const REPORTS: Record<RunState, readonly ReportedState[]> = {
  preparing: [],
  requested: ['accepted', 'running', 'succeeded', 'failed'],
  accepted: ['accepted', 'running', 'succeeded', 'failed'],
  running: ['running', 'succeeded', 'failed'],
  succeeded: [],
  failed: [],
  timed_out: [],
  promoted: [],
};

export function mayReport(from: RunState, to: ReportedState): boolean {
  return REPORTS[from].includes(to);
}

/** True while the run is still to come to an end. */
export function isLiving(state: RunState): boolean {
  return state === 'preparing' || REPORTS[state].length > 0;
}
