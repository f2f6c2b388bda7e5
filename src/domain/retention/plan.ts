import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { type DatasetRule, findDatasetRetention, listRuledDatasets } from '../../store/dataset/dataset-retention.ts';
import { listDatasets } from '../../store/dataset/datasets.ts';
import { listVersionReasons } from '../../store/dataset/version-reasons.ts';
import { findOrigins, type ObjectOrigin } from '../../store/inventory/object-origins.ts';
import { type Db, readClock } from '../../store/postgres/db.ts';
import {
  type Disposable,
  type NamedTotals,
  sumDisposable,
  sumTrash,
  type Trash,
} from '../../store/storage/collection.ts';
import { listKeptVersions, sumFreed } from '../../store/storage/version-trash.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveDataset } from '../dataset/resolve.ts';
import { judgeVersions, type KeepReason, type RetentionPolicy, withRule } from './policy.ts';

/** What is to be collected. */
export type Collecting = {
  /** Only this dataset; all of the project when null. */
  readonly dataset: string | null;
  /** Null: no version is judged, unless by a dataset's own rule. */
  readonly policy: RetentionPolicy | null;
  /** Without a policy: the datasets that have a rule of their own are judged by it. */
  readonly rules: boolean;
  /** Also objects that no version has, once they are old enough. */
  readonly unreferenced: boolean;
  /** Of those, also what DVC sent to the project's own remote, where nothing becomes a version. */
  readonly pushed: boolean;
  /** Also objects that others wrote into the remote. */
  readonly scanned: boolean;
};

export type JudgedVersion = {
  readonly dataset: string;
  readonly id: number;
  readonly number: number;
  readonly oid: string;
  readonly bytes: number;
  /** None: it goes into the trash. */
  readonly reasons: readonly KeepReason[];
};

export type Plan = {
  /** The first versions in the order of their datasets. */
  readonly versions: readonly JudgedVersion[];
  readonly kept: number;
  readonly trashed: number;
  /** What the bytes of the remote shrink by when everything in the trash, these versions included, is gone. */
  readonly freed: NamedTotals;
  /** With where each came from: such an object has no other name. */
  readonly unreferenced: NamedTotals & { readonly origins: ReadonlyMap<Oid, ObjectOrigin> };
  /** What lies in the trash already. */
  readonly trash: Trash;
};

/** Names in a plan; everything is counted. */
const NAMED = 1000;

/** Says what a collection would do, and why it would keep the rest. Changes nothing. @throws as `checkCollecting`. */
export async function planCollection(
  ctx: Pick<Context, 'config' | 'db'>,
  actor: Actor,
  collecting: Collecting,
): Promise<Plan> {
  requireScope(actor, 'data:read');
  const { projectId } = actor;
  await checkCollecting(ctx.db, projectId, collecting);
  const versions: JudgedVersion[] = [];
  const doomed: number[] = [];
  let kept = 0;
  for await (const dataset of eachDataset(ctx.db, projectId, collecting)) {
    for (const version of await judgeDataset(ctx.db, dataset, { policy: collecting.policy, lock: false })) {
      if (version.reasons.length === 0) doomed.push(version.id);
      else kept++;
      if (versions.length < NAMED) versions.push(version);
    }
  }
  const { graceSeconds } = ctx.config.storage;
  const unreferenced = collecting.unreferenced
    ? await sumDisposable(ctx.db, projectId, { ...disposableOf(collecting, graceSeconds), named: NAMED })
    : { objects: 0, bytes: 0, names: [] };
  return {
    versions,
    kept,
    trashed: doomed.length,
    freed: await sumFreed(ctx.db, projectId, { versionIds: doomed, named: NAMED }),
    unreferenced: {
      ...unreferenced,
      origins: await findOrigins(
        ctx.db,
        projectId,
        unreferenced.names.map(({ oid }) => oid),
      ),
    },
    trash: await sumTrash(ctx.db, projectId),
  };
}

/** Objects that a collection may give up. What it is told to keep by name it keeps as an object too, version or not. */
export function disposableOf(
  { policy, pushed, scanned }: Pick<Collecting, 'policy' | 'pushed' | 'scanned'>,
  graceSeconds: number,
): Disposable {
  return { graceSeconds, pushed, scanned, kept: (policy?.oids ?? []).map(({ oid }) => oid) };
}

/** @throws TidemarkError `not-found` for the dataset, `bad-request` where objects of no version are to be of a dataset. */
export async function checkCollecting(db: Db, projectId: number, { dataset, unreferenced }: Collecting): Promise<void> {
  if (dataset === null) return;
  await resolveDataset(db, projectId, dataset);
  if (!unreferenced) return;
  const detail =
    'What no version has belongs to no dataset: collect it for the whole project, in a call without a dataset.';
  throw new TidemarkError('bad-request', detail);
}

export type NamedDataset = { readonly id: number; readonly name: string };

const PAGE = 200;

/** Datasets that may be judged, by name, behind the name `after`; none without a policy or the word for rules. */
export async function* eachDataset(
  db: Db,
  projectId: number,
  { dataset, policy, rules }: Pick<Collecting, 'dataset' | 'policy' | 'rules'>,
  after = '',
): AsyncGenerator<NamedDataset> {
  if (policy === null && !rules) return;
  if (dataset !== null) {
    if (dataset > after) yield resolveDataset(db, projectId, dataset);
    return;
  }
  for (let last = after; ; ) {
    const wanted = { after: last, limit: PAGE };
    const page: NamedDataset[] =
      policy === null
        ? await listRuledDatasets(db, projectId, wanted)
        : (await listDatasets(db, projectId, wanted)).map((row) => row.dataset);
    yield* page;
    if (page.length < PAGE) return;
    last = page.at(-1)?.name ?? last;
  }
}

/**
 * Every version of a dataset with why it is kept, newest first; what its own rule keeps is kept whatever the policy
 * says. None where there is neither. Nothing that refers to a version can appear unseen
 * while the caller's transaction holds the lock.
 */
export async function judgeDataset(
  db: Db,
  dataset: NamedDataset,
  options: { policy: RetentionPolicy | null; lock: boolean },
): Promise<JudgedVersion[]> {
  const rule = await findDatasetRetention(db, dataset.id);
  const policy = options.policy ?? (rule === null ? null : NOTHING);
  if (policy === null) return [];
  const versions = await listKeptVersions(db, dataset.id, { lock: options.lock });
  const reasons = await listVersionReasons(db, dataset.id);
  const judged = versions.map((version) => ({ ...version, reasons: reasons.get(version.id) ?? [] }));
  // The clock of the database made the versions, so it says how old they are.
  const now = await readClock(db);
  const asked = judgeVersions(judged, policy, now);
  const verdicts = rule === null ? asked : withRule(asked, judgeVersions(judged, policyOf(rule), now));
  return versions.map(({ id, number, oid, bytes }) => ({
    dataset: dataset.name,
    id,
    number,
    oid,
    bytes,
    reasons: verdicts.get(id) ?? [],
  }));
}

/** Keeps nothing by itself, not even tags that may move: the rule says all. */
const NOTHING: RetentionPolicy = { tags: [] };

const policyOf = ({ last, withinSeconds, daily, tags }: DatasetRule): RetentionPolicy => ({
  last: last ?? undefined,
  withinSeconds: withinSeconds ?? undefined,
  daily: daily ?? undefined,
  tags: tags ?? undefined,
});
