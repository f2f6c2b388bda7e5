import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { listUses, type Uses } from '../../store/dataset/version-health.ts';
import { listQuarantined, type ObjectTotals, sumObjects } from '../../store/inventory/object-health.ts';
import type { ObjectRow } from '../../store/inventory/objects.ts';
import { type DatasetSpace, listDatasetSpace } from '../../store/objects/space.ts';
import { sumTrash, type Trash } from '../../store/storage/collection.ts';
import { listStorageRuns, type StorageRunKind, type StorageRunRow } from '../../store/storage/storage-runs.ts';
import { type Actor, requireScope } from '../access/actor.ts';

const KINDS: readonly StorageRunKind[] = ['scrub', 'scan', 'check', 'collect'];

export type RemoteState = {
  readonly location: string;
  readonly totals: ObjectTotals;
  /** Pieces of small objects, of any project, that are not laid out yet, and those that are not in the bucket. */
  readonly bundles: { readonly waiting: number; readonly missed: number };
  /** The newest run of each kind. */
  readonly runs: readonly StorageRunRow[];
};

/** What the project holds in the remote and what was last done about it. */
export async function readRemote(ctx: Pick<Context, 'db' | 'remote'>, actor: Actor): Promise<RemoteState> {
  requireScope(actor, 'data:read');
  const newest = KINDS.map((kind) =>
    listStorageRuns(ctx.db, actor.projectId, { kinds: [kind], before: null, limit: 1 }),
  );
  const { layOuts, location } = ctx.remote;
  const [totals, bundles, ...runs] = await Promise.all([
    sumObjects(ctx.db, actor.projectId),
    layOuts?.waiting() ?? { waiting: 0, missed: 0 },
    ...newest,
  ]);
  return { location, totals, bundles, runs: runs.flat() };
}

/** What the project's datasets take, the largest first, and what lies in the trash. */
export async function readSpace(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  limit: number,
): Promise<{ datasets: DatasetSpace[]; trash: Trash }> {
  requireScope(actor, 'data:read');
  const [datasets, trash] = await Promise.all([
    listDatasetSpace(ctx.db, actor.projectId, limit),
    sumTrash(ctx.db, actor.projectId),
  ]);
  return { datasets, trash };
}

/** Of an object that is part of very many versions, so many uses are named. */
const USES_NAMED = 20;

export type QuarantinedObject = ObjectRow & Uses;

/** Objects whose bytes are wrong or lost, by oid, and which versions have them. */
export async function readQuarantined(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  page: { after: Oid; limit: number },
): Promise<QuarantinedObject[]> {
  requireScope(actor, 'data:read');
  const rows = await listQuarantined(ctx.db, actor.projectId, page);
  const oids = rows.map(({ oid }) => oid);
  const used = await listUses(ctx.db, actor.projectId, { oids, each: USES_NAMED });
  return rows.map((row) => ({ ...row, ...(used.get(row.oid) ?? { uses: [], total: 0 }) }));
}
