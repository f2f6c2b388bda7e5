import type { Context } from '../../context.ts';
import { type BundleAges, enqueueLayOuts, readBundleAges } from '../../store/inventory/bundles.ts';

/** A worker is given back after so long, so that other jobs come to their turn. */
const SLICE_MILLISECONDS = 10_000;

/** After so long without another bundle a push is thought to be over: what comes first must not slow down what follows. */
const CALM_SECONDS = 1;
/** Whoever reads past this service waits no longer than this, whatever else comes. */
const PATIENCE_SECONDS = 30;

type LayingOut = Pick<Context, 'db' | 'log' | 'now' | 'remote'>;

/** Job: gives small objects that were stored together the names under which `dvc` finds them, once a push is over. */
export async function layOutBundles(ctx: LayingOut): Promise<void> {
  const { layOuts } = ctx.remote;
  if (layOuts === undefined) return;
  const seconds = secondsUntilCalm(await readBundleAges(ctx.db));
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

/** Seconds to wait before bundles are laid out: others come just now, and none has waited for long. 0: none. */
export function secondsUntilCalm(ages: BundleAges | null): number {
  if (ages === null || ages.oldest >= PATIENCE_SECONDS) return 0;
  return ages.newest < CALM_SECONDS ? CALM_SECONDS : 0;
}

/** Has bundles laid out whose job was given up, or never began. */
export async function layOutNeglected(ctx: Pick<Context, 'db' | 'remote'>): Promise<void> {
  const bundles = await ctx.remote.layOuts?.waiting();
  if ((bundles?.waiting ?? 0) > 0) await enqueueLayOuts(ctx.db);
}
