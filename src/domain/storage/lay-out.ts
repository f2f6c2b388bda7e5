import type { Context } from '../../context.ts';
import { enqueueLayOuts, secondsUntilCalm } from '../../store/bundles.ts';

/** A worker is given back after so long, so that other jobs come to their turn. */
const SLICE_MILLISECONDS = 10_000;

type LayingOut = Pick<Context, 'db' | 'log' | 'now' | 'remote'>;

/** Job: gives small objects that were stored together the names under which `dvc` finds them, once a push is over. */
export async function layOutBundles(ctx: LayingOut): Promise<void> {
  const { layOuts } = ctx.remote;
  if (layOuts === undefined) return;
  const seconds = await secondsUntilCalm(ctx.db);
  if (seconds > 0) return await enqueueLayOuts(ctx.db, seconds);
  const until = ctx.now().getTime() + SLICE_MILLISECONDS;
  for (let laid = await layOuts.next(); laid !== null; laid = await layOuts.next()) {
    const { members, lost, missed } = laid;
    const about = { members, lost: lost.slice(0, 100) };
    if (missed && lost.length > 0) ctx.log.error(about, 'a bundle is not in the bucket; is it the right one?');
    else if (lost.length > 0) ctx.log.error(about, 'bytes of stored objects are lost: push them again');
    if (ctx.now().getTime() >= until) return await enqueueLayOuts(ctx.db);
  }
}

/** Has bundles laid out whose job was given up, or never began. */
export async function layOutNeglected(ctx: Pick<Context, 'db' | 'remote'>): Promise<void> {
  const bundles = await ctx.remote.layOuts?.waiting();
  if ((bundles?.waiting ?? 0) > 0) await enqueueLayOuts(ctx.db);
}
