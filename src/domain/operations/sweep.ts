import type { Context } from '../../context.ts';
import { forgetAnswers } from '../../store/access.ts';

/** An upload that has not ended after a day never will. */
const UPLOAD_PATIENCE_MILLISECONDS = 24 * 3600 * 1000;
/** How long the repetition of a mutation still gets the first answer. */
const ANSWER_DAYS = 7;

/** Removes what interrupted uploads left behind, and answers too old to be asked for again. */
export async function sweepStorage(ctx: Pick<Context, 'db' | 'remote' | 'now' | 'log'>): Promise<void> {
  const removed = await ctx.remote.sweep(UPLOAD_PATIENCE_MILLISECONDS, ctx.now().getTime());
  const forgotten = await forgetAnswers(ctx.db, ANSWER_DAYS);
  if (removed + forgotten > 0) ctx.log.info({ removed, forgotten }, 'swept what interrupted uploads left behind');
}
