import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { lockNamedDataset, type Moved, takeBackDataset, trashDataset } from '../../store/dataset/dataset-trash.ts';
import { findVersionByNumber } from '../../store/dataset/datasets.ts';
import { lockVersion } from '../../store/dataset/version-notes.ts';
import { listVersionReasons, type Reason } from '../../store/dataset/version-reasons.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { listKeptVersions, type TrashedVersion, trashVersions } from '../../store/storage/version-trash.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { parseRef } from '../dataset/ref.ts';
import { resolveDataset } from '../dataset/resolve.ts';

/** Of what stands in the way, so much is named. */
const NAMED = 100;

/**
 * Puts a version into the trash, from which it can be restored. One that is there already stays as it is.
 * @throws TidemarkError `not-found`; `gone` when it was deleted for good; `conflict` with what needs it;
 * `bad-request` for a ref that is no number, since tags and names move.
 */
export async function deleteVersion(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly dataset: string; readonly ref: string },
): Promise<TrashedVersion> {
  requireScope(actor, 'admin');
  const ref = parseRef(given.ref);
  if (ref.kind !== 'number') {
    throw new TidemarkError('bad-request', 'Name the version to delete by its number, like "v3".');
  }
  const dataset = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  const name = `${dataset.name}@v${ref.number}`;
  return transact(ctx.db, async (tx) => {
    const found = await findVersionByNumber(tx, dataset.id, ref.number);
    // Whatever comes to refer to a version takes a share lock on its row, by its foreign key.
    const version = found === null ? null : await lockVersion(tx, found.id);
    if (version === null) throw new TidemarkError('not-found', `There is no version ${name}.`);
    if (version.purgedAt !== null) throw new TidemarkError('gone', `${name} was deleted for good already.`);
    if (version.trashedAt !== null) return { ...version, dataset: dataset.name };
    const reasons = (await listVersionReasons(tx, dataset.id)).get(version.id) ?? [];
    refuse(reasons.map((reason) => ({ name, reason })));
    await trashVersions(tx, [version.id]);
    await note(tx, actor, { action: 'version.trashed', subject: name, details: { oid: version.oid } });
    const { trashedAt = null } = (await lockVersion(tx, version.id)) ?? {};
    return { ...version, trashedAt, dataset: dataset.name };
  });
}

/** What a deletion or its undoing moved, of the dataset under its present name. */
export type MovedDataset = Moved & { readonly dataset: string };

/**
 * Deletes a dataset: its versions go into the trash, and it is found no longer. What its tags point at goes too, unless
 * a tag is fixed. A dataset that was deleted stays so.
 * @throws TidemarkError `not-found`; `conflict` with what needs a version of it.
 */
export async function deleteDataset(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<MovedDataset> {
  requireScope(actor, 'admin');
  return transact(ctx.db, async (tx) => {
    const dataset =
      (await lockNamedDataset(tx, actor.projectId, name)) ?? (await resolveDataset(tx, actor.projectId, name));
    if (dataset.deletedAt !== null) return { dataset: dataset.name, versions: 0, bytes: 0 };
    const kept = await listKeptVersions(tx, dataset.id, { lock: true });
    const reasons = await listVersionReasons(tx, dataset.id);
    refuse(
      kept.flatMap(({ id, number }) =>
        (reasons.get(id) ?? [])
          .filter(({ code }) => code !== 'tag')
          .map((reason) => ({ name: `${dataset.name}@v${number}`, reason })),
      ),
    );
    const moved = await trashDataset(tx, dataset.id);
    await note(tx, actor, { action: 'dataset.deleted', subject: dataset.name, details: { ...moved } });
    return { dataset: dataset.name, ...moved };
  });
}

/**
 * Takes a deleted dataset back, with the versions that went with it and are still in the trash. One that is there
 * stays as it is.
 * @throws TidemarkError `not-found`.
 */
export async function restoreDataset(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<MovedDataset> {
  requireScope(actor, 'data:write');
  return transact(ctx.db, async (tx: Db) => {
    const dataset =
      (await lockNamedDataset(tx, actor.projectId, name)) ?? (await resolveDataset(tx, actor.projectId, name));
    if (dataset.deletedAt === null) return { dataset: dataset.name, versions: 0, bytes: 0 };
    const moved = await takeBackDataset(tx, dataset.id);
    await note(tx, actor, { action: 'dataset.restored', subject: dataset.name, details: { ...moved } });
    return { dataset: dataset.name, ...moved };
  });
}

const WHAT: Readonly<Record<Reason['code'], string>> = {
  tag: 'the tag',
  'fixed-tag': 'the fixed tag',
  model: 'the model version',
  reference: 'the monitor',
  report: 'reports:',
  alert: 'the open alert',
  run: 'the retraining run',
};

/** @throws TidemarkError `conflict` when there is a reason. */
function refuse(needed: readonly { readonly name: string; readonly reason: Reason }[]): void {
  const [first] = needed;
  if (first === undefined) return;
  const issues = needed.slice(0, NAMED).map(({ name, reason: { code, detail } }) => ({
    code,
    detail: `${name} is needed by ${WHAT[code]} ${detail}`,
  }));
  throw new TidemarkError('conflict', `${issues[0]?.detail}: it cannot be deleted before that is gone or moved.`, {
    issues,
    issuesTotal: needed.length,
  });
}
