import type { Context } from '../../context.ts';
import { isDirectoryOid, type Oid } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { findObject } from '../../store/inventory/objects.ts';
import {
  findUpload,
  forgetUpload,
  listIdleUploads,
  markCompleted,
  openUpload,
  touchUpload,
  type UploadRow,
} from '../../store/inventory/uploads.ts';
import { transact } from '../../store/postgres/db.ts';
import type { Expectation } from '../../store/remotes/put-options.ts';
import type { StoredObject } from '../../store/remotes/remote.ts';
import type { Invitation } from '../../store/remotes/upload-parts.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { bindObject, type HeldObject } from './bind-object.ts';
import { bindStored } from './bind-stored.ts';
import { INVITED_SECONDS } from './direct-read.ts';
import { requireRoom, withinQuota } from './quota.ts';

/** Small enough to be sent again without regret, large enough that a large file has few. */
const PART_BYTES = 32 * 1024 ** 2;
const MOST_PARTS = 10_000;

/** An upload that nobody has touched for a day is abandoned; parts that outlived theirs go after a week. */
const IDLE_HOURS = 24;
const PART_MILLISECONDS = 7 * 24 * 3600 * 1000;

type Uploading = Pick<Context, 'config' | 'db' | 'remote' | 'newId'>;

export type Upload = { readonly row: UploadRow; readonly received: readonly number[]; readonly parts: number };

/**
 * Begins to take an object in parts, or goes on where the last attempt ended: the object's name and size are all
 * that the client has to remember.
 * @throws TidemarkError `too-large`, `quota-exceeded`, `bad-path` for the name of a manifest.
 */
export async function beginUpload(ctx: Uploading, actor: Actor, given: { oid: Oid; size: number }): Promise<Upload> {
  requireScope(actor, 'data:write');
  const limit = ctx.config.limits.objectBytes;
  if (given.size > limit) {
    throw new TidemarkError('too-large', `The object is larger than the limit of ${limit} bytes.`);
  }
  if (isDirectoryOid(given.oid)) throw new TidemarkError('bad-path', 'A manifest is sent whole, with PUT.');
  await requireRoom(ctx, actor.projectId, [given]);
  const partBytes = Math.max(PART_BYTES, Math.ceil(given.size / MOST_PARTS));
  const row = await openUpload(ctx.db, { id: ctx.newId('upl'), projectId: actor.projectId, ...given, partBytes });
  return describe(ctx, row);
}

/** Addresses are made for so many parts at a time; whoever has sent these begins again for more. */
const MOST_INVITED = 200;

/** A part and where it may be put, for so many seconds from now. */
export type InvitedPart = Invitation & { readonly number: number; readonly expires_in: number };

/**
 * Where the parts that are still missing may be put past this service; null where that is not possible. What comes so
 * is read again and hashed when the upload is completed, before anybody sees it.
 */
export async function inviteParts(
  ctx: Pick<Context, 'config' | 'remote'>,
  { row, received, parts }: Upload,
): Promise<readonly InvitedPart[] | null> {
  const { invite } = ctx.remote.parts;
  if (invite === undefined || !ctx.config.directTransfers || row.completedAt !== null) return null;
  const there = new Set(received);
  const missing = Array.from({ length: parts }, (_, i) => i + 1).filter((number) => !there.has(number));
  return Promise.all(
    missing.slice(0, MOST_INVITED).map(async (number) => {
      const part = { number, size: sizeOfPart(row, number) };
      const invitation = await invite.call(ctx.remote.parts, row.id, part, INVITED_SECONDS);
      return { number, expires_in: INVITED_SECONDS, ...invitation };
    }),
  );
}

/** How far an upload is. @throws TidemarkError `not-found`. */
export async function readUpload(ctx: Pick<Context, 'db' | 'remote'>, actor: Actor, id: string): Promise<Upload> {
  requireScope(actor, 'data:write');
  return describe(ctx, await requireUpload(ctx, actor, id));
}

/**
 * Takes one part; it is durable when this resolves, and replaces what came under its number before.
 * @throws TidemarkError `not-found`, `gone` for an upload that is complete, `range-not-satisfiable` for a number that
 * it has not, `digest-mismatch` for another size or other bytes than announced, `storage-full`, and then the parts are
 * done away with.
 */
export async function putPart(
  ctx: Pick<Context, 'db' | 'remote'>,
  actor: Actor,
  given: { id: string; number: number; source: AsyncIterable<Uint8Array>; expect: Expectation },
): Promise<{ number: number; size: number; md5: string }> {
  requireScope(actor, 'data:write');
  const row = await requireUpload(ctx, actor, given.id);
  if (row.completedAt !== null) throw new TidemarkError('gone', 'This upload is complete and takes no more parts.');
  const size = sizeOfPart(row, given.number);
  const expect = { ...given.expect, size };
  const { md5 } = await makingRoom(ctx, row, () =>
    ctx.remote.parts.put(row.id, given.number, given.source, { expect, maxBytes: size }),
  );
  await touchUpload(ctx.db, row.id);
  return { number: given.number, size, md5 };
}

/**
 * Makes the object of its parts: they are put together, and become visible when the whole bears out its name.
 * Repeated, it answers the same.
 * @throws TidemarkError `not-found`; `conflict` with the parts that are missing; `quota-exceeded`; `digest-mismatch` when the whole has
 * other bytes than its name says, and then the parts are done away with, since nobody knows which one is wrong;
 * `storage-full`, and then too.
 */
export async function completeUpload(
  ctx: Pick<Context, 'config' | 'db' | 'remote'>,
  actor: Actor,
  id: string,
): Promise<HeldObject> {
  requireScope(actor, 'data:write');
  const row = await requireUpload(ctx, actor, id);
  const held = await heldObject(ctx, row);
  if (row.completedAt !== null && held !== null) return held;
  await requireParts(ctx, row);
  try {
    const expect = { md5: row.oid, size: row.size };
    const coming = { oid: row.oid, size: row.size, maxBytes: row.size };
    const stored = await withinQuota(ctx, row.projectId, coming, (maxBytes) =>
      makingRoom(ctx, row, () => putTogether(ctx, row, { expect, maxBytes })),
    );
    const made = await bindStored(ctx, { projectId: row.projectId, stored: [stored] }, () =>
      transact(ctx.db, async (tx) => {
        await markCompleted(tx, row.id);
        return bindObject(tx, ctx, row.projectId, { ...stored, by: actor });
      }),
    );
    await ctx.remote.parts.remove(row.id);
    return made;
  } catch (error) {
    // Somebody else has completed it meanwhile and taken the parts away.
    const other = (await findUpload(ctx.db, row.projectId, row.id))?.completedAt != null;
    const done = other ? await heldObject(ctx, row) : null;
    if (done !== null) return done;
    if (isTidemarkError(error, 'digest-mismatch')) await ctx.remote.parts.remove(row.id);
    throw error;
  }
}

/** Does away with the parts where there is no room for what comes: they would fill the store for everybody for a day. */
async function makingRoom<T>(ctx: Pick<Context, 'remote'>, row: UploadRow, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // What cannot be removed now is swept later; told is what was wrong first.
    if (isTidemarkError(error, 'storage-full')) await ctx.remote.parts.remove(row.id).catch(() => {});
    throw error;
  }
}

/** Does away with uploads that were given up. Counts them. */
export async function sweepUploads(ctx: Pick<Context, 'db' | 'remote' | 'localNow'>): Promise<number> {
  const idle = await listIdleUploads(ctx.db, IDLE_HOURS);
  for (const row of idle) {
    // Parts first: what is cut short here is found again by its row.
    await ctx.remote.parts.remove(row.id);
    await forgetUpload(ctx.db, row.id, IDLE_HOURS);
  }
  return idle.length + (await ctx.remote.parts.sweep(ctx.localNow().getTime() - PART_MILLISECONDS));
}

async function describe(ctx: Pick<Context, 'remote'>, row: UploadRow): Promise<Upload> {
  const there = await ctx.remote.parts.list(row.id);
  const parts = countOfParts(row);
  const received = [...there.keys()].filter((n) => n >= 1 && n <= parts && there.get(n)?.size === sizeOfPart(row, n));
  return { row, parts, received: received.toSorted((a, b) => a - b) };
}

async function requireUpload(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<UploadRow> {
  const row = await findUpload(ctx.db, actor.projectId, id);
  if (row !== null) return row;
  throw new TidemarkError('not-found', 'There is no such upload, or it was given up for a day; begin a new one.');
}

async function requireParts(ctx: Pick<Context, 'remote'>, row: UploadRow): Promise<void> {
  const { received, parts } = await describe(ctx, row);
  const there = new Set(received);
  const missing = Array.from({ length: parts }, (_, i) => i + 1).filter((number) => !there.has(number));
  if (missing.length === 0) return;
  throw new TidemarkError('conflict', `${missing.length} of ${parts} parts are missing; send them, then repeat this.`, {
    issues: missing.slice(0, 100).map((number) => ({ code: 'missing', detail: `part ${number}` })),
    issuesTotal: missing.length,
  });
}

/** One part is no more than what any upload is. */
async function putTogether(
  ctx: Pick<Context, 'remote'>,
  row: UploadRow,
  options: { expect: Expectation; maxBytes: number },
): Promise<StoredObject> {
  const parts = countOfParts(row);
  if (ctx.remote.join === undefined || parts === 1) return ctx.remote.put(whole(ctx, row), options);
  return ctx.remote.join(row.id, parts, options);
}

async function* whole(ctx: Pick<Context, 'remote'>, row: UploadRow): AsyncGenerator<Uint8Array> {
  for (let number = 1; number <= countOfParts(row); number++) yield* await ctx.remote.parts.read(row.id, number);
}

/** An object without bytes has one part without bytes. */
const countOfParts = (row: UploadRow): number => Math.max(1, Math.ceil(row.size / row.partBytes));

function sizeOfPart(row: UploadRow, number: number): number {
  const parts = countOfParts(row);
  if (number < 1 || number > parts) {
    throw new TidemarkError(
      'range-not-satisfiable',
      `There is no part ${number}: this upload has parts 1 to ${parts}.`,
    );
  }
  return number < parts ? row.partBytes : row.size - (parts - 1) * row.partBytes;
}

async function heldObject(ctx: Pick<Context, 'db'>, row: UploadRow): Promise<HeldObject | null> {
  const object = await findObject(ctx.db, row.projectId, row.oid);
  if (object === null || object.quarantinedAt !== null) return null;
  return { oid: object.oid, sha256: object.sha256, size: object.size, existed: true };
}
