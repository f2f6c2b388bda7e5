import type { ComputationProgress } from '../../../schemas/wire/computations.ts';
import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError } from '../../errors.ts';
import {
  endComputation,
  findWaitingComputation,
  saveComputationProgress,
  type WaitingComputation,
} from '../../store/jobs/computations.ts';
import { toJson } from '../canonical.ts';

/** Told how far it is. */
export type Tell = (progress: ComputationProgress) => void;

/** The data is at fault, or what was asked: trying again would end the same way. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  ...(['bad-request', 'bad-path', 'invalid-body', 'not-found', 'gone', 'conflict', 'too-large'] as const),
  ...(['object-corrupt', 'unreadable-data', 'idempotency-key-reused', 'missing-children'] as const),
]);

/** People look no oftener, and each look that is written down costs a statement. */
const TELL_MILLISECONDS = 500;

/**
 * Finds an answer out and keeps it, or what is wrong with what was asked. Killed anywhere, it starts over; of two
 * workers the first one's answer stays, which is the other's as well.
 */
export async function carryOut(
  ctx: Pick<Context, 'db' | 'now'>,
  id: string,
  work: (asked: WaitingComputation, tell: Tell) => Promise<unknown>,
): Promise<void> {
  const asked = await findWaitingComputation(ctx.db, id);
  if (asked === null) return;
  const progress = progressOf(ctx, id);
  try {
    const result = await work(asked, progress.tell);
    await progress.end();
    await endComputation(ctx.db, id, { state: 'done', result: toJson(result) });
  } catch (error) {
    if (!isTidemarkError(error) || !LASTING.has(error.code)) throw error;
    await endComputation(ctx.db, id, { state: 'failed', error: { code: error.code, message: error.message } });
  }
}

function progressOf(ctx: Pick<Context, 'db' | 'now'>, id: string): { tell: Tell; end: () => Promise<void> } {
  let phase = '';
  let told = 0;
  let writing: Promise<void> = Promise.resolve();
  return {
    tell: (progress) => {
      const now = ctx.now().getTime();
      if (progress.phase === phase && now - told < TELL_MILLISECONDS) return;
      phase = progress.phase;
      told = now;
      // What could not be written down is told by the next one, or by the outcome.
      writing = writing.then(() => saveComputationProgress(ctx.db, id, progress)).catch(() => {});
    },
    end: () => writing,
  };
}
