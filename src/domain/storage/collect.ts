import { z } from 'zod';
import type { AuditAction } from '../../../schemas/wire/audit.ts';
import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { noteDatasetRetention } from '../../store/dataset/dataset-retention.ts';
import { nameDatasets, restoreVersion, type VersionRow } from '../../store/dataset/datasets.ts';
import { listVersionReasons } from '../../store/dataset/version-reasons.ts';
import type { Db } from '../../store/postgres/db.ts';
import {
  bury,
  condemnObjects,
  type Disposable,
  listDisposable,
  type SizedObject,
  trashObjects,
} from '../../store/storage/collection.ts';
import { lockDueVersions, purgeVersion, trashVersions } from '../../store/storage/version-trash.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { type Collecting, checkCollecting, disposableOf, eachDataset, judgeDataset } from '../retention/plan.ts';
import { REMOVALS, removeCondemned } from './remove-condemned.ts';
import { beginRun, type StartedRun } from './run.ts';
import type { Advancing, Step } from './step.ts';

/** Objects of a step. */
const OBJECTS = 1000;

const policyShape = z.object({
  last: z.number().optional(),
  withinSeconds: z.number().optional(),
  daily: z.number().optional(),
  tags: z.array(z.string()).optional(),
  gitRevs: z.array(z.string()).optional(),
  oids: z.array(z.object({ oid: z.string(), why: z.string() })).optional(),
});

const requestShape = z.object({
  dataset: z.string().nullable(),
  policy: policyShape.nullable(),
  unreferenced: z.boolean(),
  rules: z.boolean().default(false),
  // Of runs that were begun before there was such a choice.
  pushed: z.boolean().default(false),
  scanned: z.boolean(),
});

const PHASES = ['versions', 'purge', 'unreferenced', 'remove'] as const;
type Phase = (typeof PHASES)[number];

const cursorShape = z.object({ phase: z.enum(PHASES), after: z.string() }).nullable();

/**
 * Begins a collection: versions that nothing needs and no rule keeps go into the trash; what has been in the trash for
 * its time is given up for good; bytes that nothing names any longer leave the remote.
 * @throws TidemarkError `not-found` for the dataset, `bad-request` for objects of no version of one dataset.
 */
export async function startCollection(
  ctx: Pick<Context, 'db' | 'newId'>,
  actor: Actor,
  collecting: Collecting,
): Promise<StartedRun> {
  requireScope(actor, 'admin');
  const { projectId, author } = actor;
  await checkCollecting(ctx.db, projectId, collecting);
  return beginRun(ctx, { projectId, author, kind: 'collect', request: collecting });
}

/**
 * Unreference, tombstone, wait, check again, delete: each phase takes what the one before it left long enough ago.
 * Killed anywhere, what was done is done once and the rest is found again by looking.
 */
export async function* collect(ctx: Context, run: Advancing): AsyncGenerator<Step> {
  const request = requestShape.parse(run.request);
  const cursor = cursorShape.parse(run.cursor) ?? { phase: 'versions', after: '' };
  const work: Record<Phase, (after: string) => AsyncGenerator<Step>> = {
    versions: (after) => trashVersionsOf(ctx, run, { request, after }),
    purge: () => purgeDue(ctx, run, request),
    unreferenced: (after) => trashUnreferenced(ctx, run, { request, after }),
    remove: () => removeDue(ctx, run, request),
  };
  for (const phase of PHASES.slice(PHASES.indexOf(cursor.phase))) {
    yield* work[phase](phase === cursor.phase ? cursor.after : '');
  }
}

type Request = z.infer<typeof requestShape>;
type Ranged = { readonly request: Request; readonly after: string };

async function* trashVersionsOf(ctx: Context, run: Advancing, { request, after }: Ranged): AsyncGenerator<Step> {
  for await (const dataset of eachDataset(ctx.db, run.projectId, request, after)) {
    const outcome = { kept: 0, trashed: 0 };
    yield {
      cursor: { phase: 'versions', after: dataset.name },
      counted: { datasets: 1 },
      // Judged where it is written: between a plan and its execution somebody may have begun to need a version.
      apply: async (tx) => {
        const judged = await judgeDataset(tx, dataset, { policy: request.policy, lock: true });
        const doomed = judged.filter(({ reasons }) => reasons.length === 0);
        await trashVersions(
          tx,
          doomed.map(({ id }) => id),
        );
        await noteVersions(tx, run, 'version.trashed', doomed);
        await noteDatasetRetention(tx, dataset.id);
        outcome.kept = judged.length - doomed.length;
        outcome.trashed = doomed.length;
      },
      tally: () => ({ versions_kept: outcome.kept, versions_trashed: outcome.trashed }),
    };
  }
}

async function* purgeDue(ctx: Context, run: Advancing, request: Request): AsyncGenerator<Step> {
  for (let more = true; more; ) {
    const outcome = { purged: 0, restored: 0, trashed: [] as SizedObject[] };
    yield {
      cursor: { phase: 'purge', after: '' },
      counted: {},
      apply: async (tx) => {
        const due = await lockDueVersions(tx, run.projectId, { ...ctx.config.storage, limit: OBJECTS });
        more = due.length === OBJECTS;
        const doomed: VersionRow[] = [];
        const kept: VersionRow[] = [];
        for (const version of due) {
          // Looked at again: a model may have been bound to it in the moment in which it was put into the trash.
          const reasons = (await listVersionReasons(tx, version.datasetId)).get(version.id) ?? [];
          if (reasons.some(({ code }) => code !== 'tag')) {
            await restoreVersion(tx, version);
            kept.push(version);
            continue;
          }
          await purgeVersion(tx, version.id);
          doomed.push(version);
        }
        Object.assign(outcome, { purged: doomed.length, restored: kept.length });
        await noteVersions(tx, run, 'version.purged', await named(tx, doomed));
        await noteVersions(tx, run, 'version.restored', await named(tx, kept));
        const oids = doomed.map(({ oid }) => oid);
        outcome.trashed = await trashObjects(tx, run.projectId, { ...disposable(ctx, request), oids });
      },
      tally: () => ({
        versions_purged: outcome.purged,
        versions_restored: outcome.restored,
        ...tallyOf('trashed', outcome.trashed),
      }),
    };
  }
}

async function* trashUnreferenced(ctx: Context, run: Advancing, { request, after }: Ranged): AsyncGenerator<Step> {
  if (!request.unreferenced) return;
  const rule = disposable(ctx, request);
  for (let last = after; ; ) {
    const page = await listDisposable(ctx.db, run.projectId, { ...rule, after: last, limit: OBJECTS });
    if (page.length === 0) return;
    last = page.at(-1)?.oid ?? last;
    const oids = page.map(({ oid }) => oid);
    let trashed: SizedObject[] = [];
    yield {
      cursor: { phase: 'unreferenced', after: last },
      counted: {},
      apply: async (tx) => {
        trashed = await trashObjects(tx, run.projectId, { ...rule, oids });
      },
      tally: () => tallyOf('trashed', trashed),
    };
  }
}

async function* removeDue(ctx: Context, run: Advancing, request: Request): AsyncGenerator<Step> {
  const rule = disposable(ctx, request);
  const { graceSeconds } = rule;
  const cursor = { phase: 'remove', after: '' };
  for (;;) {
    const found = { more: false };
    yield {
      cursor,
      counted: {},
      apply: async (tx) => {
        found.more = await condemnObjects(tx, run.projectId, { graceSeconds, limit: REMOVALS });
      },
    };
    const { removed, trashed } = await removeCondemned(ctx, run, async (tx, removed) => ({
      removed,
      trashed: await noteRemoved(tx, run, { removed, rule }),
    }));
    if (removed.length > 0) {
      yield { cursor, counted: { ...tallyOf('removed', removed), ...tallyOf('trashed', trashed) } };
    }
    if (!found.more && removed.length === 0) return;
  }
}

/** @returns what was given up with the removed objects. */
async function noteRemoved(
  tx: Db,
  run: Advancing,
  { removed, rule }: { readonly removed: readonly SizedObject[]; readonly rule: Disposable },
): Promise<SizedObject[]> {
  const oids = removed.map(({ oid }) => oid);
  const members = await bury(tx, run.projectId, oids);
  if (removed.length > 0) {
    const details = { ...tallyOf('removed', removed), oids };
    await note(tx, run, { action: 'objects.removed', subject: run.id, details });
  }
  return trashObjects(tx, run.projectId, { ...rule, oids: members });
}

type Named = { readonly dataset: string; readonly number: number; readonly oid: Oid };

/** Versions with the names of their datasets. */
async function named(tx: Db, rows: readonly VersionRow[]): Promise<Named[]> {
  const datasets = await nameDatasets(
    tx,
    rows.map(({ datasetId }) => datasetId),
  );
  return rows.map(({ datasetId, number, oid }) => ({ dataset: datasets.get(datasetId) ?? '?', number, oid }));
}

async function noteVersions(tx: Db, run: Advancing, action: AuditAction, rows: readonly Named[]): Promise<void> {
  const entries = rows.map(({ dataset, number, oid }) => ({
    action,
    subject: `${dataset}@v${number}`,
    details: { oid, run: run.id },
  }));
  await note(tx, run, ...entries);
}

const disposable = (ctx: Pick<Context, 'config'>, request: Request): Disposable =>
  disposableOf(request, ctx.config.storage.graceSeconds);

const tallyOf = (what: string, objects: readonly SizedObject[]) => ({
  [`objects_${what}`]: objects.length,
  [`${what}_bytes`]: objects.reduce((sum, { size }) => sum + size, 0),
});
