import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { forgetAnswers } from '../../store/access/access.ts';
import { forgetComputations } from '../../store/jobs/computations.ts';
import { forgetRefusals } from '../../store/log/refusals.ts';
import { sweepSpools } from '../../store/objects/object-spool.ts';
import { forgetPushObjects } from '../../store/push/pushes.ts';
import { forgetQuestions } from '../../store/push/remote-questions.ts';
import { REFUSAL_DAYS } from '../log/receive/refusals.ts';
import { sweepUploads } from '../object/uploads.ts';

/** An upload that has not ended after a day never will. */
const UPLOAD_PATIENCE_MILLISECONDS = 24 * 3600 * 1000;
/** Where workers share a data directory, a copy that nobody has written to may still be read by one of them. */
const COPY_PATIENCE_MILLISECONDS = 7 * 24 * 3600 * 1000;
/** How long the repetition of a mutation still gets the first answer. */
const ANSWER_DAYS = 7;

/** How long it is shown what became of each object of a push. */
const PUSH_DAYS = 30;

/** Removes what interrupted uploads left behind, and answers too old to be asked for again. */
export async function sweepStorage(ctx: Pick<Context, 'config' | 'db' | 'remote' | 'localNow' | 'log'>): Promise<void> {
  const uploads = await ctx.remote.sweep(UPLOAD_PATIENCE_MILLISECONDS, ctx.localNow().getTime());
  const copies = await sweepSpools(temporaryFolder(ctx), ctx.localNow().getTime() - COPY_PATIENCE_MILLISECONDS);
  const removed = uploads + copies + (await sweepUploads(ctx));
  const forgotten = await forgetAnswers(ctx.db, ANSWER_DAYS);
  await forgetPushObjects(ctx.db, PUSH_DAYS);
  await forgetQuestions(ctx.db);
  await forgetComputations(ctx.db, ANSWER_DAYS);
  await forgetRefusals(ctx.db, REFUSAL_DAYS);
  if (removed + forgotten > 0) ctx.log.info({ removed, forgotten }, 'swept what interrupted uploads left behind');
}

/**
 * Removes the files that killed processes left in the data directory.
 * @param options `alone`: nobody else uses the directory (its lock is held), so whatever lies there is left over;
 * otherwise only what is old.
 */
export async function sweepLeftovers(
  ctx: Pick<Context, 'config' | 'localNow' | 'log'>,
  options: { readonly alone: boolean },
): Promise<void> {
  const data = resolve(ctx.config.data);
  const folders = [temporaryFolder(ctx), join(data, 'spool'), join(data, 'remote', 'tmp')];
  const before = options.alone ? Number.POSITIVE_INFINITY : ctx.localNow().getTime() - COPY_PATIENCE_MILLISECONDS;
  let removed = 0;
  for (const folder of folders) removed += await sweepSpools(folder, before);
  if (removed > 0) ctx.log.info({ removed }, 'removed temporary files that an earlier process left behind');
}

/** Where copies and spilled bodies lie while somebody works on them. */
const temporaryFolder = (ctx: Pick<Context, 'config'>): string => join(resolve(ctx.config.data), 'tmp');
