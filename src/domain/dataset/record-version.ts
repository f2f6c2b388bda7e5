import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { TableReading } from '../../formats/table.ts';
import {
  type DatasetRow,
  findNewestVersion,
  findVersionByContent,
  insertVersion,
  lockDataset,
  restoreVersion,
  type VersionRow,
} from '../../store/dataset/datasets.ts';
import { findVersionProfile, saveVersionProfile } from '../../store/dataset/profiles.ts';
import { findTaggedVersion } from '../../store/dataset/tags.ts';
import { markExecutable } from '../../store/dataset/version-executable.ts';
import { insertParents } from '../../store/dataset/version-parents.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { requireHeld } from '../object/recover-objects.ts';
import { publishEvent } from '../webhook/publish.ts';
import { resolveParents } from './resolve.ts';
import { pointTag } from './tags.ts';
import type { VersionNotes } from './version-notes.ts';

/** What becomes a version; its bytes are held already. */
export type Recording = {
  readonly dataset: string;
  readonly oid: Oid;
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  readonly sha256Root: string;
  /** Whether the owner of the one file may execute it; what is known stays where nothing is said. */
  readonly executable?: boolean | undefined;
  readonly notes?: VersionNotes | undefined;
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly tag?: string | undefined;
  /**
   * Content that only an older version has becomes the next one, so that what was pushed last is the latest. Where
   * absent it is the version that it was: work that is done twice makes nothing twice.
   */
  readonly asNext?: boolean | undefined;
};

export type Recorded = {
  readonly dataset: DatasetRow;
  readonly version: VersionRow;
  /** False when it is a version that was there. */
  readonly created: boolean;
};

/**
 * Names what is held: the version, its profile to be made and the message about it, in the caller's
 * transaction. The same content under the same path is the version that it was before; see `asNext` for an older one.
 * @throws TidemarkError `not-found` for an unknown parent, `conflict` for a fixed tag on another version.
 */
export async function recordVersion(
  tx: Db,
  ctx: Pick<Context, 'now' | 'newId' | 'publicUrl'>,
  given: { actor: Actor; recording: Recording },
): Promise<Recorded> {
  const { actor, recording } = given;
  await requireHeld(tx, actor.projectId, recording.oid);
  const dataset = await lockDataset(tx, actor.projectId, recording.dataset);
  const earlier = await findVersionByContent(tx, dataset.id, recording);
  const known = earlier === null ? null : await findKnown(tx, earlier, recording);
  const version = known ?? (await insertNew(tx, { actor, dataset, recording, earlier }));
  // Content that comes again is the version that it was, out of the trash.
  if (version.trashedAt !== null) {
    await restoreVersion(tx, version);
    await note(tx, actor, { action: 'version.restored', subject: `${dataset.name}@v${version.number}` });
  }
  if (recording.tag !== undefined) {
    await pointTag(tx, actor, { dataset: dataset.name, version, tag: { name: recording.tag } });
  }
  if (known !== null) {
    const executable = recording.executable ?? known.executable;
    if (executable !== known.executable) await markExecutable(tx, version.id, executable);
    await readAgain(tx, version.id);
    return { dataset, version: { ...version, executable, trashedAt: null, purgedAt: null }, created: false };
  }
  const versionId = version.id;
  await saveVersionProfile(tx, { versionId, state: 'pending', profile: null, schema: null, error: null });
  await publishEvent(tx, ctx, {
    projectId: actor.projectId,
    type: 'dataset.version.created',
    subject: `${dataset.name}/v${version.number}`,
    data: {
      project: actor.project,
      dataset: dataset.name,
      version: version.number,
      oid: version.oid,
      path: version.path,
      files: version.files,
      bytes: version.bytes,
      message: version.message,
      links: { version: `${ctx.publicUrl()}/v1/datasets/${dataset.name}/versions/v${version.number}` },
    },
  });
  await enqueue(tx, { name: 'profile-version', key: `version:${versionId}`, payload: { versionId } });
  return { dataset, version, created: true };
}

/** What could not be read for want of time or memory may be by now; what is broken is not read a second time. */
async function readAgain(tx: Db, versionId: number): Promise<void> {
  const profile = await findVersionProfile(tx, versionId);
  if (profile?.state !== 'failed') return;
  await enqueue(tx, { name: 'profile-version', key: `version:${versionId}`, payload: { versionId } });
}

/** The version that content which comes again is; one in the trash, where nothing came since. Null: it is the next. */
async function findKnown(tx: Db, earlier: VersionRow, { path, tag, asNext = false }: Recording) {
  if (!asNext) return earlier;
  const newest = await findNewestVersion(tx, earlier.datasetId, path);
  if (newest === null || newest.number <= earlier.number) return earlier;
  // A fixed tag stays where it is, so that the push that set it may be repeated for ever.
  const tagged = tag === undefined ? null : await findTaggedVersion(tx, earlier.datasetId, tag, { fixed: true });
  return tagged?.oid === earlier.oid && tagged.path === path ? tagged : null;
}

type New = {
  readonly actor: Actor;
  readonly dataset: DatasetRow;
  readonly recording: Recording;
  /** The newest version with the same content and name. */
  readonly earlier: VersionRow | null;
};

async function insertNew(tx: Db, given: New): Promise<VersionRow> {
  const { actor, dataset, recording } = given;
  const parents = await resolveParents(tx, actor.projectId, dataset.name, recording.notes?.parents ?? []);
  const version = await insertVersion(tx, rowOf(given));
  await insertParents(
    tx,
    version.id,
    parents.map(({ id }) => id),
  );
  return version;
}

const rowOf = ({ actor, dataset, recording, earlier }: New) => ({
  projectId: actor.projectId,
  datasetId: dataset.id,
  oid: recording.oid,
  path: recording.path,
  files: recording.files,
  bytes: recording.bytes,
  executable: recording.executable ?? false,
  sha256Root: recording.sha256Root,
  message: recording.notes?.message ?? '',
  author: recording.notes?.author ?? null,
  labels: recording.notes?.labels ?? {},
  reading: { partitions: true, ...(dataset.reading as TableReading) },
  gitRev: recording.notes?.gitRev ?? null,
  provenance: {
    ...recording.provenance,
    author: actor.author,
    ...(recording.notes?.details === undefined ? {} : { details: recording.notes.details }),
    ...(earlier === null ? {} : { repeats: `v${earlier.number}` }),
  },
});
