import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { listVersionNumbers } from '../../store/dataset/datasets.ts';
import {
  findPushSession,
  listPushObjects,
  listPushSessions,
  type PushObjectRow,
  type PushSessionRow,
  tallyPushes,
} from '../../store/push/pushes.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveDataset } from '../dataset/resolve.ts';
import { missingFolders } from './missing-folders.ts';

/** A push as people see it, while it runs and after. */
export type PushDetails = {
  readonly dataset: string;
  readonly session: PushSessionRow;
  readonly state: 'running' | 'settled' | 'incomplete';
  /** Numbers of the versions that it became. */
  readonly versions: readonly number[];
};

/** Where a page of pushes begins: behind this one. */
export type PushPosition = { readonly startedAt: Date; readonly id: string };

/** Pushes to a dataset's DVC remote, newest first. */
export async function readPushes(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; before: PushPosition | null; limit: number },
): Promise<PushDetails[]> {
  requireScope(actor, 'data:read');
  const dataset = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  return describe(ctx, dataset.name, await listPushSessions(ctx.db, dataset.id, given));
}

/** @throws TidemarkError `not-found`. */
export async function readPush(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; push: string },
): Promise<PushDetails> {
  const { dataset, session } = await sessionOf(ctx, actor, given);
  const [details] = await describe(ctx, dataset, [session]);
  if (details === undefined) throw new Error('one push has one description');
  return details;
}

/** Each object of a push, in the order in which they came. @throws TidemarkError `not-found`. */
export async function readPushObjects(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; push: string; after: number; limit: number; refusedOnly?: boolean },
): Promise<PushObjectRow[]> {
  const { session } = await sessionOf(ctx, actor, given);
  return listPushObjects(ctx.db, session.id, given);
}

async function sessionOf(ctx: Pick<Context, 'db'>, actor: Actor, given: { dataset: string; push: string }) {
  requireScope(actor, 'data:read');
  const dataset = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  const session = await findPushSession(ctx.db, given.push);
  if (session === null || session.datasetId !== dataset.id) {
    throw new TidemarkError('not-found', `The dataset "${dataset.name}" has no push "${given.push}".`);
  }
  return { dataset: dataset.name, session };
}

async function describe(
  ctx: Pick<Context, 'db'>,
  dataset: string,
  rows: readonly PushSessionRow[],
): Promise<PushDetails[]> {
  const open = rows.filter((row) => row.closedAt === null);
  const tallies = await tallyPushes(
    ctx.db,
    open.map((row) => row.id),
  );
  const numbers = await listVersionNumbers(
    ctx.db,
    rows.flatMap((row) => row.versionIds),
  );
  const details: PushDetails[] = [];
  for (const row of rows) {
    const running = row.closedAt === null;
    const awaited = running ? await missingFolders(ctx, row) : row.awaited;
    const versions = row.versionIds.flatMap((id) => numbers.get(id) ?? []);
    const state = running ? 'running' : awaited.length > 0 ? 'incomplete' : 'settled';
    details.push({ dataset, session: { ...row, ...tallies.get(row.id), awaited }, state, versions });
  }
  return details;
}
