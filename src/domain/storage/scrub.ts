import { z } from 'zod';
import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { keepBlockSums, listUnsummed } from '../../store/inventory/block-sums.ts';
import { liftQuarantine, listUnreadObjects, markVerified } from '../../store/inventory/object-health.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import { type BlockSummer, createBlockSummer, SUMMED_BYTES } from '../../store/objects/block-sums.ts';
import { createSlots } from '../../store/objects/object-slots.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { Finding } from '../../store/storage/storage-runs.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { byRun } from '../access/audit.ts';
import { noteHealed } from '../object/bind-object.ts';
import { quarantineHeld } from '../object/quarantine.ts';
import { type Health, judgeObject } from './read-bytes.ts';
import { beginRun, type StartedRun } from './run.ts';
import type { Advancing, Step } from './step.ts';

const PAGE = 500;

/** A step is written after so many bytes at the latest: this is what a killed worker reads again. */
const STEP_BYTES = 64 * 1024 ** 2;

/** Small objects wait for the store far longer than they take to read. */
const READS_AT_ONCE = 8;

const requestShape = z.object({ unreadSeconds: z.number() });
const cursorShape = z.object({ after: z.string() }).nullable();

/**
 * Begins to read every object of the project again.
 * @param options `unreadSeconds`: leave out what was read within so many seconds.
 */
export async function startScrub(
  ctx: Pick<Context, 'db' | 'newId'>,
  actor: Actor,
  options: { unreadSeconds?: number } = {},
): Promise<StartedRun> {
  requireScope(actor, 'data:write');
  const { projectId, author } = actor;
  const request = { unreadSeconds: options.unreadSeconds ?? 0 };
  return beginRun(ctx, { projectId, author, kind: 'scrub', request });
}

/**
 * Reads the objects in the order of their names. Good ones are noted as read; corrupt and lost ones are quarantined;
 * quarantined ones whose bytes are good again are healed. Objects whose blocks have no sums yet get them.
 */
export async function* scrub(ctx: Context, run: Advancing): AsyncGenerator<Step> {
  const { unreadSeconds } = requestShape.parse(run.request);
  // Both by the clock of the database, which also says when an object was read.
  const before = new Date(run.startedAt.getTime() - unreadSeconds * 1000);
  let after: Oid = cursorShape.parse(run.cursor)?.after ?? '';
  for (;;) {
    const page = await listUnreadObjects(ctx.db, run.projectId, { after, before, limit: PAGE });
    if (page.length === 0) return;
    for (const part of partsOf(page)) {
      yield await readPart(ctx, run, part);
      after = part.at(-1)?.oid ?? after;
    }
  }
}

/** Objects in order, as many together as a step may read. */
function* partsOf(page: readonly ObjectRow[]): Generator<ObjectRow[]> {
  let part: ObjectRow[] = [];
  let bytes = 0;
  for (const row of page) {
    part.push(row);
    bytes += row.size;
    if (bytes < STEP_BYTES) continue;
    yield part;
    part = [];
    bytes = 0;
  }
  if (part.length > 0) yield part;
}

async function readPart(ctx: Context, run: Advancing, part: readonly ObjectRow[]): Promise<Step> {
  const slots = createSlots(READS_AT_ONCE);
  const unsummed = await summersOf(ctx, run.projectId, part);
  const judged = await Promise.all(
    part.map((row) => slots(async () => ({ row, health: await judgeObject(ctx, row, unsummed.get(row.oid)) }))),
  );
  const bytes = part.reduce((sum, row) => sum + row.size, 0);
  const those = (health: Health): ObjectRow[] => judged.filter((one) => one.health === health).map(({ row }) => row);
  const good = those('good');
  const bad = [...those('corrupt'), ...those('missing')];
  const apply = async (tx: Db): Promise<void> => {
    const sums = good.map(({ oid }) => ({ oid, blockSums: unsummed.get(oid)?.sums() ?? null }));
    await keepBlockSums(tx, run.projectId, sums);
    await markVerified(tx, run.projectId, oidsOf(good.filter((row) => row.quarantinedAt === null)));
    for (const row of good.filter(({ quarantinedAt }) => quarantinedAt !== null)) await heal(tx, row);
    for (const { oid, verifiedAt } of bad) {
      await quarantineHeld(tx, ctx, byRun(run, 'scrub'), { oid, seen: verifiedAt });
    }
  };
  return {
    cursor: { after: part.at(-1)?.oid ?? '' },
    counted: {
      objects: part.length,
      bytes,
      good: good.length,
      corrupt: those('corrupt').length,
      missing: those('missing').length,
      unreadable: those('unreadable').length,
      healed: good.filter((row) => row.quarantinedAt !== null).length,
    },
    findings: judged.flatMap(({ row, health }) => (health === 'good' ? [] : [findingOf(row, health)])),
    apply,
    costSeconds: bytes / (ctx.config.storage.scrubMegabytesPerSecond * 1e6),
  };
}

/** For those that have no sums of their blocks, and for the quarantined: it may be their sums that were wrong. */
async function summersOf(ctx: Context, projectId: number, part: readonly ObjectRow[]) {
  const large = part.filter(({ size }) => size > SUMMED_BYTES);
  const without = await listUnsummed(ctx.db, projectId, oidsOf(large));
  const wanted = large.filter(({ oid, quarantinedAt }) => quarantinedAt !== null || without.has(oid));
  return new Map<Oid, BlockSummer>(wanted.map(({ oid }) => [oid, createBlockSummer()]));
}

const oidsOf = (rows: readonly ObjectRow[]): Oid[] => rows.map((row) => row.oid);

async function heal(tx: Db, row: ObjectRow): Promise<void> {
  if (await liftQuarantine(tx, row)) await noteHealed(tx, byRun(row, 'scrub'), row.oid);
}

const WHAT: Record<Exclude<Health, 'good'>, string> = {
  corrupt: 'the stored bytes are not those that were accepted; push the good bytes again',
  missing: 'the bytes are not in the remote; push them again, or bring them back and scrub again',
  unreadable: 'the remote did not hand the bytes out; look into its own log',
};

function findingOf(row: ObjectRow, health: Exclude<Health, 'good'>): Finding {
  return { code: health, oid: row.oid, detail: WHAT[health] };
}
