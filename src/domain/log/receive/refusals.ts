import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Context } from '../../../context.ts';
import { TidemarkError } from '../../../errors.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import { findRefusal, insertRefusal, listRefusals, type Refusal } from '../../../store/log/refusals.ts';
import type { ModelRow } from '../../../store/monitor/models.ts';
import type { Db } from '../../../store/postgres/db.ts';
import { transact } from '../../../store/postgres/db.ts';
import { type Actor, requireScope } from '../../access/actor.ts';
import { resolveModel } from '../../model/resolve.ts';
import type { Rejection } from '../prepare/prepare-records.ts';
import type { Page } from '../read-batches.ts';

/** The refused rows of a body are kept up to so many bytes, before they are compressed. */
export const REFUSAL_BYTES = 4 * 1024 ** 2;
/** Of these the rows as they were sent may take so many: the reasons of those that come later are worth more. */
const RAW_BYTES = (REFUSAL_BYTES / 4) * 3;
/** Of a model the newest refused bodies are kept. */
export const NEWEST_REFUSALS = 10;
/** For so many days. */
export const REFUSAL_DAYS = 7;

const compress = promisify(gzip);
const inflate = promisify(gunzip);

export type { Refusal } from '../../../store/log/refusals.ts';

type KeptRefusal = { readonly id: number; readonly kept: number };

/**
 * Keeps the bad rows of a body that they refused, each with where, why and, as far as there is room, as it was sent. What
 * is beyond the room is only counted.
 */
export async function keepRefusal(
  db: Db,
  given: {
    readonly model: ModelRow;
    readonly kind: BatchKind;
    readonly rejected: readonly Rejection[];
    readonly total: number;
    readonly at: Date;
  },
): Promise<KeptRefusal> {
  const lines: string[] = [];
  let [bytes, rawBytes, keptRaw] = [0, 0, 0];
  for (const rejection of given.rejected) {
    const size = Buffer.byteLength(rejection.raw ?? '');
    const fits = rawBytes + size <= RAW_BYTES;
    const text = JSON.stringify(fits ? rejection : { ...rejection, raw: null });
    bytes += Buffer.byteLength(text) + 1;
    if (bytes > REFUSAL_BYTES) break;
    lines.push(text);
    if (!fits || rejection.raw === null) continue;
    rawBytes += size;
    keptRaw++;
  }
  const { projectId, id: modelId } = given.model;
  const row = { projectId, modelId, kind: given.kind, rejected: given.total, kept: lines.length, keptRaw };
  const rows = await compress(lines.join('\n'));
  const id = await transact(db, (tx) => insertRefusal(tx, { ...row, rows, receivedAt: given.at }, NEWEST_REFUSALS));
  return { id, kept: lines.length };
}

/** The refused bodies of a model that are kept, newest first. @throws TidemarkError `not-found`. */
export async function readRefusals(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<Refusal[]> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, name);
  return listRefusals(ctx.db, model.id);
}

/** The refused rows of a body in their order, behind the first `after` of them. @throws TidemarkError `not-found`. */
export async function readRefusedRows(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly model: string; readonly id: string; readonly after: number; readonly limit: number },
): Promise<Page<Rejection>> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  const found = /^\d{1,15}$/.test(given.id) ? await findRefusal(ctx.db, model.id, Number(given.id)) : null;
  if (found === null) {
    throw new TidemarkError(
      'not-found',
      `The model "${model.name}" has no refused body "${given.id.slice(0, 60)}": the newest ${NEWEST_REFUSALS} are kept, for ${REFUSAL_DAYS} days.`,
    );
  }
  const lines = (await inflate(found.rows)).toString().split('\n');
  const end = given.after + given.limit;
  // `keepRefusal` wrote them.
  const items = lines.slice(given.after, end).map((line) => JSON.parse(line) as Rejection);
  return { items, next: end < lines.length ? end : null };
}
