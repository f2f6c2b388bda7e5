import type { Matcher } from '../../../schemas/wire/matchers.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { endSilence, findSilence, insertSilence, listSilences, type SilenceRow } from '../../store/alert/alerts.ts';
import { transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { once } from '../access/once.ts';
import { recurrenceFrom } from './recurrence.ts';

export type NewSilence = {
  readonly matchers: readonly Matcher[];
  /** Now when absent. */
  readonly startsAt?: Date | undefined;
  readonly endsAt: Date;
  /** When within that time it holds; all of it when absent. */
  readonly recurring?: Parameters<typeof recurrenceFrom>[0] | undefined;
  readonly comment: string;
  readonly idempotencyKey?: string | undefined;
};

const YEAR = 366 * 86_400_000;

/**
 * Says that alerts which match are told to nobody for a time. They go on, stand in the lists, and are told once the
 * time is over, if they still fire.
 * @throws TidemarkError `invalid-body` for a time that is over, empty or longer than a year, or a schedule that is none.
 */
export async function createSilence(
  ctx: Pick<Context, 'db' | 'now' | 'newId'>,
  actor: Actor,
  given: NewSilence,
): Promise<SilenceRow> {
  requireScope(actor, 'alerts:write');
  const now = ctx.now();
  const startsAt = given.startsAt ?? now;
  if (given.endsAt <= startsAt || given.endsAt <= now) throw wrongEnd('must lie after the start, and after now');
  if (given.endsAt.getTime() - startsAt.getTime() > YEAR) throw wrongEnd('must lie within 366 days of the start');
  const { matchers, endsAt, recurring, comment, idempotencyKey: key } = given;
  const recurs = recurring === undefined ? null : recurrenceFrom(recurring);
  const content = [JSON.stringify({ matchers, startsAt: given.startsAt, endsAt, recurring, comment })];
  const request = { projectId: actor.projectId, key, route: 'silence', content };
  return transact(ctx.db, (tx) =>
    once<SilenceRow, { silence: string }>(tx, request, {
      make: () =>
        insertSilence(tx, {
          id: ctx.newId('sil'),
          projectId: actor.projectId,
          matchers,
          startsAt,
          endsAt,
          recurs,
          author: actor.author,
          comment,
          createdAt: now,
        }),
      keep: ({ id }) => ({ status: 201, answer: { silence: id } }),
      recall: async ({ silence }) => {
        const found = await findSilence(tx, actor.projectId, silence);
        // Silences are never deleted.
        if (found === null) throw new Error(`silence ${silence} vanished`);
        return found;
      },
    }),
  );
}

/** Silences that hold or will hold, or all of them, the one that ends last first. */
export async function readSilences(
  ctx: Pick<Context, 'db' | 'now'>,
  actor: Actor,
  asked: { readonly ended: boolean },
): Promise<SilenceRow[]> {
  requireScope(actor, 'monitors:read');
  return listSilences(ctx.db, actor.projectId, asked.ended ? null : ctx.now());
}

/**
 * Ends a silence now; one that is over stays as it was.
 * @throws TidemarkError `not-found`.
 */
export async function stopSilence(ctx: Pick<Context, 'db' | 'now'>, actor: Actor, id: string): Promise<SilenceRow> {
  requireScope(actor, 'alerts:write');
  return transact(ctx.db, async (tx) => {
    const found = await findSilence(tx, actor.projectId, id);
    if (found === null) {
      throw new TidemarkError('not-found', `There is no silence "${id.slice(0, 60)}" in this project.`);
    }
    const now = ctx.now();
    if (found.endsAt <= now) return found;
    await endSilence(tx, id, now);
    return { ...found, endsAt: now };
  });
}

const wrongEnd = (detail: string): TidemarkError =>
  new TidemarkError('invalid-body', `The body at /ends_at: ${detail}.`, {
    issues: [{ code: 'out-of-range', pointer: '/ends_at', detail }],
  });
