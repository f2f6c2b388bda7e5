import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { packEnd, packLine } from '../../formats/object-pack.ts';
import { findHealthyObjects, type HealthyObject } from '../../store/inventory/objects.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import type { Doer } from '../access/audit.ts';
import { openObject } from './open-object.ts';
import { quarantine } from './quarantine.ts';

/** What is read in one go, each time while what was read before is on its way. */
const GROUP_BYTES = 1024 ** 2;
const GROUP_MEMBERS = 1000;
/** A larger object is a stream of its own. */
const SMALL_BYTES = 1024 ** 2;

type Reading = Pick<Context, 'db' | 'remote' | 'log'>;

export type Pack = {
  /** Bytes of the whole pack, known before the first of them is sent. */
  readonly size: number;
  readonly open: () => AsyncIterable<Uint8Array>;
};

/**
 * Objects of the project as one pack, in the order in which they are named. Each is verified on the way, and the
 * pack breaks off where one is corrupt; that one is quarantined then.
 * @throws TidemarkError `not-found` with those that the project does not hold or holds corrupt.
 */
export async function openPack(ctx: Reading, actor: Actor, oids: readonly Oid[]): Promise<Pack> {
  requireScope(actor, 'data:read');
  const held = await findHealthyObjects(ctx.db, actor.projectId, [...new Set(oids)]);
  const rows: HealthyObject[] = [];
  const missing: Oid[] = [];
  for (const oid of oids) {
    const row = held.get(oid);
    if (row === undefined) missing.push(oid);
    else rows.push(row);
  }
  if (missing.length > 0) throw notHeld(missing);
  const lines = rows.reduce((sum, row) => sum + packLine(lineOf(row)).byteLength + row.size, 0);
  return { size: lines + packEnd(rows.length).byteLength, open: () => packOf(ctx, actor, rows) };
}

const lineOf = (row: HealthyObject) => ({ md5: row.oid, size: row.size });

async function* packOf(ctx: Reading, reader: Doer, rows: readonly HealthyObject[]): AsyncGenerator<Uint8Array> {
  const groups = groupsOf(rows);
  let next = read(ctx, reader, groups[0]);
  for (let i = 0; i < groups.length; i++) {
    const bytes = await next;
    next = read(ctx, reader, groups[i + 1]);
    // Awaited in the next turn; if the client leaves before, its failure is nobody's.
    next.catch(() => {});
    if (bytes !== null) yield bytes;
    else for (const row of groups[i] ?? []) yield* large(ctx, reader, row);
  }
  yield packEnd(rows.length);
}

async function* large(ctx: Reading, reader: Doer, row: HealthyObject): AsyncGenerator<Uint8Array> {
  yield packLine(lineOf(row));
  yield* await openObject(ctx, { projectId: row.projectId, object: row, reader });
}

/** Runs of small objects, and each large one by itself. */
function groupsOf(rows: readonly HealthyObject[]): HealthyObject[][] {
  const groups: HealthyObject[][] = [];
  let open: HealthyObject[] = [];
  let bytes = 0;
  for (const row of rows) {
    const large = row.size > SMALL_BYTES;
    if (open.length > 0 && (large || bytes + row.size > GROUP_BYTES || open.length === GROUP_MEMBERS)) {
      groups.push(open);
      open = [];
      bytes = 0;
    }
    if (large) groups.push([row]);
    else {
      open.push(row);
      bytes += row.size;
    }
  }
  if (open.length > 0) groups.push(open);
  return groups;
}

/** A run of small objects with their lines, verified; null for what is to be streamed. */
async function read(
  ctx: Reading,
  reader: Doer,
  group: readonly HealthyObject[] | undefined,
): Promise<Uint8Array | null> {
  const [first] = group ?? [];
  if (group === undefined || first === undefined || first.size > SMALL_BYTES) return null;
  const read = await ctx.remote.readGroup(group, (found) => {
    const sick = group.find((_, i) => (found[i] ?? null) === null);
    if (sick !== undefined) return { sick };
    return { bytes: Buffer.concat(group.flatMap((row, i) => [packLine(lineOf(row)), found[i] ?? new Uint8Array()])) };
  });
  if (read.bytes !== undefined) return read.bytes;
  await quarantine(ctx, reader, read.sick);
  throw new TidemarkError('object-corrupt', `The object ${read.sick.oid} is quarantined: push its good bytes again.`);
}

function notHeld(missing: readonly Oid[]): TidemarkError {
  const noun = missing.length === 1 ? '1 object' : `${missing.length} objects`;
  return new TidemarkError('not-found', `This project does not hold ${noun} of these, or holds corrupt bytes.`, {
    issues: missing.slice(0, 100).map((oid) => ({ code: 'missing', detail: oid })),
    issuesTotal: missing.length,
  });
}
