import type { Context } from '../src/context.ts';
import { watchSilence } from '../src/domain/alert/remind.ts';
import { settleNeglected } from '../src/domain/log/settle/settle.ts';
import { eraseNeglected } from '../src/domain/project/erase.ts';
import { beginDueRetention } from '../src/domain/retention/log-retention.ts';
import { considerPolicies } from '../src/domain/retraining/consider.ts';
import { beginDueRuns } from '../src/domain/storage/due.ts';
import { layOutNeglected } from '../src/domain/storage/lay-out.ts';
import { wakeNeglected } from '../src/domain/webhook/deliver-messages.ts';
import { enqueue } from '../src/store/jobs/jobs.ts';
import { listIdleModels } from '../src/store/monitor/windows.ts';

export type Schedule = {
  /** Ticks no more, and resolves when what it is at is done. */
  readonly stop: () => Promise<void>;
};

const MINUTE = 60_000;

/**
 * What the clock sets in motion. Any number of workers may tick: the jobs have keys, so what is already waiting
 * is not enqueued twice.
 */
export function startSchedule(ctx: Context): Schedule {
  let ticking = Promise.resolve();
  const tick = (): void => {
    const before = ticking;
    const now = enqueueDue(ctx).catch((error: unknown) => ctx.log.warn({ err: error }, 'a scheduled tick failed'));
    ticking = Promise.all([before, now]).then(() => undefined);
  };
  const timer = setInterval(tick, MINUTE);
  tick();
  return {
    stop: () => {
      clearInterval(timer);
      return ticking;
    },
  };
}

async function enqueueDue(ctx: Context): Promise<void> {
  for (const modelId of await listIdleModels(ctx.db)) {
    await enqueue(ctx.db, { name: 'close-windows', key: `model:${modelId}`, payload: { modelId } });
  }
  await settleNeglected(ctx);
  await wakeNeglected(ctx);
  await enqueue(ctx.db, { name: 'remind-alerts', key: 'alerts', payload: {} });
  await enqueue(ctx.db, { name: 'compact-logs', key: 'logs', payload: {}, delaySeconds: 600 });
  await beginDueRetention(ctx);
  await watchSilence(ctx);
  await considerPolicies(ctx);
  await beginDueRuns(ctx);
  await layOutNeglected(ctx);
  await eraseNeglected(ctx);
  await enqueue(ctx.db, { name: 'sweep-storage', key: 'storage', payload: {}, delaySeconds: 3600 });
}
