import type { RunRecord } from '../../../domain/run/runs.ts';
import { formatNumber, formatTime } from '../../format.ts';

const STEPS = ['awaiting_approval', 'preparing', 'requested', 'accepted', 'running', 'succeeded', 'promoted'] as const;
const FAILED = new Set(['failed', 'timed_out', 'declined', 'expired', 'cancelled', 'rolled_back']);

/** How far a run came, with the time each step took from the one before. */
export function RunSteps({ record }: { record: RunRecord }) {
  const { run, events } = record;
  const first = new Map(events.toReversed().map((event) => [event.state, event.at]));
  const bad = FAILED.has(run.state);
  const reached = STEPS.filter((step) => first.has(step));
  // A run that failed ends with that; the steps that it never took are not drawn as if they could still come.
  const asked = first.has('awaiting_approval');
  const shown: readonly string[] = bad ? [...reached, run.state] : STEPS.slice(asked ? 0 : 1);
  return (
    <ol class="run-steps steps">
      {shown.map((step, i) => {
        const at = first.get(step);
        const before = first.get(shown[i - 1] ?? '');
        const state = FAILED.has(step) ? 'bad' : at === undefined ? skipped(step, reached) : 'done';
        return (
          <li class={state}>
            <b>{step.replaceAll('_', ' ')}</b>
            {at !== undefined && (
              <time class="small soft" datetime={at.toISOString()}>
                {before === undefined ? formatTime(at) : `after ${seconds(at.getTime() - before.getTime())}`}
              </time>
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** A pipeline may leave steps out; what lies behind it is done all the same. */
function skipped(step: string, reached: readonly string[]): string {
  const order: readonly string[] = STEPS;
  const furthest = Math.max(...reached.map((name) => order.indexOf(name)), -1);
  return order.indexOf(step) < furthest ? 'done' : '';
}

function seconds(milliseconds: number): string {
  if (milliseconds < 60_000) return `${formatNumber(milliseconds / 1000)} s`;
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
