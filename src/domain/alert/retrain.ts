import { isDeepStrictEqual } from 'node:util';
import type { Context } from '../../context.ts';
import { type EpisodeRow, listEpisodeEvents } from '../../store/alert/alerts.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type StartOutcome, startRuns } from '../retraining/start.ts';
import { note } from './transition.ts';

/** Asks the policies of a firing alert; what they decided stands in the timeline, each refusal once. */
export async function retrain(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId' | 'publicUrl'>,
  given: {
    readonly monitor: { readonly id: number };
    readonly episode: EpisodeRow;
    readonly kind: 'alert' | 'performance';
  },
): Promise<void> {
  const { episode } = given;
  const outcomes = await startRuns(tx, ctx, given);
  if (outcomes.length === 0) return;
  const told = await listEpisodeEvents(tx, episode.id);
  for (const outcome of outcomes) {
    const { reason, detail } = lineOf(outcome);
    if (told.some((line) => line.reason === reason && isDeepStrictEqual(line.detail, detail))) continue;
    const move = { from: episode.state, to: episode.state, reason, author: 'system', detail };
    await note(tx, ctx, { episode, move });
  }
}

function lineOf(outcome: StartOutcome): { reason: string; detail: Record<string, unknown> } {
  const { policy } = outcome;
  return 'run' in outcome
    ? { reason: 'run_started', detail: { policy, run: outcome.run } }
    : { reason: 'run_blocked', detail: { policy, because: outcome.blocked } };
}
