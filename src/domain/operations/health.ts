import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import { pingDatabase } from '../../store/health.ts';

export type HealthCheck = { readonly name: string; readonly ok: boolean; readonly detail: string };

const PATIENCE_MILLISECONDS = 5000;

/** Asks the database and the remote whether they answer; what fails is told without its private cause. */
export async function readHealth(ctx: Pick<Context, 'db' | 'remote'>): Promise<HealthCheck[]> {
  return Promise.all([
    check('database', 'does not answer', () => pingDatabase(ctx.db)),
    check('remote', `cannot be written at ${ctx.remote.location}`, () => ctx.remote.probe()),
  ]);
}

async function check(name: string, trouble: string, probe: () => Promise<void>): Promise<HealthCheck> {
  try {
    await Promise.race([probe(), tooLate()]);
    return { name, ok: true, detail: 'answers' };
  } catch (error) {
    return { name, ok: false, detail: trouble + reasonOf(error) };
  }
}

/** What every client is told too; what else a store says may hold what is nobody's business. */
function reasonOf(error: unknown): string {
  if (isTidemarkError(error, 'storage-full')) return ': its disk is full';
  if (isTidemarkError(error) && error.details.reason === 'not-mounted') return ': it is gone or not mounted';
  return '';
}

function tooLate(): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MILLISECONDS).unref();
  });
}
