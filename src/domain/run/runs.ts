import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { Db } from '../../store/postgres/db.ts';
import {
  findRun,
  listRunEvents,
  listRuns,
  type NamedRun,
  type RunEventRow,
  type RunFilter,
} from '../../store/retraining/retraining.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { messagesAbout } from '../webhook/messages.ts';

/** Runs of the project, newest first. `next` is the cursor of the following page, null on the last. */
export async function readRuns(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  asked: RunFilter & { limit: number; cursor?: string | undefined },
): Promise<{ items: NamedRun[]; next: string | null }> {
  requireScope(actor, 'retraining:read');
  const { limit, cursor, ...filter } = asked;
  const rows = await listRuns(ctx.db, actor.projectId, { ...filter, before: cursor, limit: limit + 1 });
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

export type RunRecord = {
  readonly run: NamedRun;
  readonly events: readonly RunEventRow[];
  readonly messages: Awaited<ReturnType<typeof messagesAbout>>;
};

/** A run with its history and the messages about it. @throws TidemarkError `not-found`. */
export async function readRun(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<RunRecord> {
  requireScope(actor, 'retraining:read');
  const run = await requireRun(ctx.db, actor, id);
  return {
    run,
    events: await listRunEvents(ctx.db, run.id),
    messages: await messagesAbout(ctx.db, actor.projectId, [run.id]),
  };
}

/** @throws TidemarkError `not-found`. */
export async function requireRun(db: Db, actor: Actor, id: string): Promise<NamedRun> {
  const run = await findRun(db, actor.projectId, id);
  if (run !== null) return run;
  throw new TidemarkError('not-found', `There is no run "${id.slice(0, 60)}" in this project.`);
}
