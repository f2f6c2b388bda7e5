import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { sumObjectBytes } from '../../store/inventory/holdings.ts';
import { findBoundOids } from '../../store/inventory/objects.ts';
import type { Db } from '../../store/postgres/db.ts';

type Counting = Pick<Context, 'config' | 'db'>;

/** What is about to be sent, as far as it is known. */
type Coming = { readonly oid?: Oid | undefined; readonly size?: number | undefined };

/** Bytes that a project held when they were summed up, and what this process has let in since. */
type Usage = { summed: number; since: number };

const usages = new WeakMap<Db, Map<number, Usage>>();

/** To sum up the objects of a large project takes a while: a sum serves until this part of the quota was let in. */
const SUMMED_ANEW = 0.01;

/**
 * Refuses what would bring the project's objects over its quota; what it has bound already costs it nothing. With
 * several processes the quota may be passed by a hundredth for each, and by what is on its way at the same time.
 * @returns how many bytes there is room for.
 * @throws TidemarkError `quota-exceeded`.
 */
export async function requireRoom(ctx: Counting, projectId: number, coming: readonly Coming[]): Promise<number> {
  const quota = ctx.config.limits.projectBytes;
  if (quota === 0) return Number.MAX_SAFE_INTEGER;
  const usage = await usageOf(ctx, projectId);
  const used = usage.summed + usage.since;
  if (used + leastOf(coming) <= quota && usage.since <= quota * SUMMED_ANEW) return quota - used;
  usage.summed = await sumObjectBytes(ctx.db, projectId);
  usage.since = 0;
  const named = coming.flatMap(({ oid }) => (oid === undefined ? [] : [oid]));
  const bound = await findBoundOids(ctx.db, projectId, named);
  const fresh = coming.filter(({ oid }) => oid === undefined || !bound.has(oid));
  if (fresh.length > 0 && usage.summed + leastOf(fresh) > quota) throw exceeded(quota, usage.summed);
  return fresh.length === 0 ? Number.MAX_SAFE_INTEGER : quota - usage.summed;
}

/** Remembers what has come. */
export function countTaken(ctx: Counting, projectId: number, bytes: number): void {
  const usage = usages.get(ctx.db)?.get(projectId);
  if (usage !== undefined) usage.since += bytes;
}

/**
 * Takes an object of at most `maxBytes` for a project that has room for it.
 * @throws TidemarkError `quota-exceeded`, before the first byte where the size is announced; what `take` throws.
 */
export async function withinQuota<T extends { readonly size: number }>(
  ctx: Counting,
  projectId: number,
  coming: Coming & { readonly maxBytes: number },
  take: (maxBytes: number) => Promise<T>,
): Promise<T> {
  const room = await requireRoom(ctx, projectId, [coming]);
  try {
    const taken = await take(Math.min(coming.maxBytes, room));
    countTaken(ctx, projectId, taken.size);
    return taken;
  } catch (error) {
    // Without an announced size it is seen only as it comes.
    const quota = ctx.config.limits.projectBytes;
    throw room < coming.maxBytes && isTidemarkError(error, 'too-large') ? exceeded(quota, quota - room) : error;
  }
}

async function usageOf(ctx: Counting, projectId: number): Promise<Usage> {
  const projects = usages.get(ctx.db) ?? new Map<number, Usage>();
  usages.set(ctx.db, projects);
  const known = projects.get(projectId);
  if (known !== undefined) return known;
  const usage = { summed: await sumObjectBytes(ctx.db, projectId), since: 0 };
  projects.set(projectId, usage);
  return usage;
}

/** Of a size that is not known, one byte: a project that is full takes none. */
const leastOf = (coming: readonly Coming[]): number => coming.reduce((sum, { size = 1 }) => sum + size, 0);

const exceeded = (quota: number, held: number): TidemarkError =>
  new TidemarkError(
    'quota-exceeded',
    `The project holds ${held} bytes and may hold ${quota}; nothing of this was stored. Delete versions and run "tidemark gc", or raise TIDEMARK_MAX_PROJECT_BYTES.`,
    { details: { quota, held } },
  );
