import type { Context } from '../../context.ts';
import { isDirectoryOid, type Oid } from '../../dvc/hash.ts';
import { type Pointer, parsePointer } from '../../dvc/pointer.ts';
import { inCodePointOrder } from '../../dvc/relpath.ts';
import { buildTree } from '../../dvc/tree.ts';
import { TidemarkError } from '../../errors.ts';
import {
  findVersionByContent,
  findVersionOfObject,
  lockDataset,
  lockUnnamedVersion,
  nameVersionOnce,
} from '../../store/dataset/datasets.ts';
import { noteLegacyFolder } from '../../store/inventory/legacy-names.ts';
import { listMembers, type ObjectRow } from '../../store/inventory/objects.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { contentRoot } from '../object/content-root.ts';
import { heldObject } from '../object/held-object.ts';
import { modernFiles, modernOid } from '../object/legacy-objects.ts';
import { keepMemberDigests } from '../object/member-digests.ts';
import { bindManifest, putManifest, requireMembers } from '../object/store-manifest.ts';
import { type FolderChanges, prepareChanges } from './commit-changes.ts';
import { checkPath } from './dataset-path.ts';
import { recordOnce } from './once.ts';
import type { Contents, Prepared } from './prepared.ts';
import { type Recorded, type Recording, recordVersion } from './record-version.ts';
import { checkTag } from './ref.ts';
import { contentOfNotes, type VersionNotes } from './version-notes.ts';

/** What is to become a version, its bytes being held already. */
export type CommitContent =
  | { readonly kind: 'files'; readonly files: readonly { readonly path: string; readonly md5: string }[] }
  | { readonly kind: 'changes'; readonly changes: FolderChanges }
  | { readonly kind: 'oid'; readonly oid: Oid }
  | { readonly kind: 'legacy-folder'; readonly name: Oid }
  | { readonly kind: 'pointer'; readonly pointer: string };

export type Commit = VersionNotes & {
  readonly dataset: string;
  readonly content: CommitContent;
  /** The file's or folder's own name; a folder without one is called as its dataset. */
  readonly path?: string | undefined;
  readonly tag?: string | undefined;
  /** Of a file: whether its owner may execute it. A pointer says it by itself. */
  readonly executable?: boolean | undefined;
  /** How the objects came, where it was not by somebody's own commit. */
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
  readonly asNext?: Recording['asNext'];
  readonly idempotencyKey?: string | undefined;
};

type Committing = Pick<Context, 'db' | 'remote' | 'log' | 'now' | 'newId' | 'publicUrl'>;

/**
 * Makes objects that the project holds the dataset's next version.
 * @throws TidemarkError `invalid-manifest`, `missing-children`, `not-found`, `object-corrupt`, `bad-path`,
 * `invalid-body`.
 */
export async function commitVersion(ctx: Committing, actor: Actor, commit: Commit): Promise<Recorded> {
  requireScope(actor, 'data:write');
  if (commit.tag !== undefined) checkTag(commit.tag);
  if (commit.path !== undefined) checkPath(commit.path);
  const { contents, bind } = await prepare(ctx, actor.projectId, commit);
  const { dataset, message, tag, asNext } = commit;
  const provenance = commit.provenance ?? contents.provenance;
  const recording: Recording = { ...contents, provenance, dataset, notes: commit, tag, asNext };
  const request = {
    projectId: actor.projectId,
    key: commit.idempotencyKey,
    route: 'commit',
    content: [
      ...[dataset, contents.oid, contents.path, message ?? '', tag ?? '', ...contentOfNotes(commit)],
      ...(contents.executable === undefined ? [] : [`executable ${contents.executable}`]),
    ],
  };
  return transact(ctx.db, (tx) =>
    recordOnce(tx, request, async () => {
      await bind(tx);
      if (commit.content.kind === 'pointer') await takeName(tx, actor, recording);
      return recordVersion(tx, ctx, { actor, recording });
    }),
  );
}

/** A version that was pushed without a name is the one that a pointer names, and not one more. */
async function takeName(tx: Db, actor: Actor, recording: Recording): Promise<void> {
  const dataset = await lockDataset(tx, actor.projectId, recording.dataset);
  const unnamed = await lockUnnamedVersion(tx, dataset.id, recording.oid);
  const known = await findVersionByContent(tx, dataset.id, recording);
  if (unnamed === null || (known !== null && known.id !== unnamed.id)) return;
  const { path, sha256Root, notes = {} } = recording;
  const { message, author, labels, gitRev } = notes;
  await nameVersionOnce(tx, unnamed.id, { path, sha256Root, message, author, labels, gitRev });
  // A name says what a file holds: what could not be read without one is read again.
  const versionId = unnamed.id;
  await enqueue(tx, { name: 'profile-version', key: `version:${versionId}`, payload: { versionId } });
}

async function prepare(ctx: Committing, projectId: number, commit: Commit): Promise<Prepared> {
  const { content } = commit;
  if (content.kind === 'files') return prepareFiles(ctx, projectId, { ...commit, files: content.files });
  if (content.kind === 'changes') {
    return prepareChanges(ctx, projectId, { path: commit.path ?? commit.dataset, changes: content.changes });
  }
  if (content.kind === 'legacy-folder') return prepareLegacyFolder(ctx, projectId, { ...commit, name: content.name });
  if (content.kind === 'oid') {
    const held = await heldObject(ctx, projectId, content.oid);
    const said = { provenance: { kind: 'commit' }, executable: ofFile(content.oid, commit.executable) };
    return { contents: { ...(await contentsOf(ctx.db, held, nameOf(commit, content.oid))), ...said }, bind: done };
  }
  return preparePointer(ctx, projectId, { ...commit, pointer: content.pointer });
}

/** A folder says nothing of its files. */
const ofFile = (oid: Oid, executable: boolean | undefined) => (isDirectoryOid(oid) ? undefined : executable);

const done = async (): Promise<void> => {};

async function prepareFiles(
  ctx: Committing,
  projectId: number,
  given: { dataset: string; path?: string | undefined; files: readonly { path: string; md5: string }[] },
): Promise<Prepared> {
  // In the manifest's own order, in which they are remembered too.
  const listed = given.files.map((file) => ({ md5: file.md5, relpath: file.path }));
  const entries = inCodePointOrder(listed, ({ relpath }) => relpath);
  const tree = buildTree(entries);
  const members = await requireMembers(ctx.db, projectId, entries);
  const stored = await putManifest(ctx, tree.bytes);
  const files = entries.map((entry) => {
    const row = members.get(entry.md5);
    if (row === undefined) throw new Error(`member ${entry.md5} vanished`);
    return { path: entry.relpath, sha256: row.sha256, size: row.size };
  });
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const sha256s = files.map((file) => file.sha256).join('');
  keepMemberDigests(ctx, { projectId, sha256: tree.sha256 }, { sha256s, bytes });
  const contents = {
    oid: tree.oid,
    path: given.path ?? given.dataset,
    files: files.length,
    bytes,
    sha256Root: contentRoot(files),
    provenance: { kind: 'commit' },
  };
  const bind = async (tx: Db): Promise<void> => {
    await bindManifest(tx, ctx, { projectId, stored, entries });
  };
  return { contents, bind };
}

async function preparePointer(
  ctx: Committing,
  projectId: number,
  given: { dataset: string; path?: string | undefined; pointer: string },
): Promise<Prepared> {
  const out = outputOf(parsePointer(given.pointer), given.path);
  const prepared = out.hash === 'md5' ? null : await prepareLegacy(ctx, projectId, { ...given, out });
  const contents =
    prepared?.contents ?? (await contentsOf(ctx.db, await heldObject(ctx, projectId, out.oid), out.path));
  if (out.size !== undefined && out.size !== contents.bytes) {
    throw invalid('/pointer', `says ${out.size} bytes, the object has ${contents.bytes}`);
  }
  const executable = ofFile(contents.oid, out.isexec === true);
  return { contents: { ...contents, executable, provenance: { kind: 'pointer' } }, bind: prepared?.bind ?? done };
}

/** The one output that is meant. */
function outputOf(outs: readonly Pointer[], path: string | undefined): Pointer {
  const meant = path === undefined ? outs : outs.filter((out) => out.path === path);
  const [out] = meant;
  if (out !== undefined && meant.length === 1) return out;
  const names = outs.map((one) => JSON.stringify(one.path)).join(', ');
  const shown = names.length > 300 ? `${names.slice(0, 297)}...` : names;
  throw invalid('/path', `has to say which of the ${outs.length} outputs of the pointer is meant: ${shown}`);
}

/** What a pointer of DVC 2 names, which is held under other names than it gives. */
async function prepareLegacy(
  ctx: Committing,
  projectId: number,
  given: { dataset: string; out: Pointer },
): Promise<Prepared> {
  const { oid, path } = given.out;
  if (isDirectoryOid(oid)) return prepareLegacyFolder(ctx, projectId, { dataset: given.dataset, path, name: oid });
  const modern = await modernOid(ctx, projectId, oid);
  const contents = await contentsOf(ctx.db, await heldObject(ctx, projectId, modern), path);
  return { contents: { ...contents, provenance: {} }, bind: done };
}

async function prepareLegacyFolder(
  ctx: Committing,
  projectId: number,
  given: { dataset: string; path?: string | undefined; name: Oid },
): Promise<Prepared> {
  const files = await modernFiles(ctx, projectId, given.name);
  const { contents, bind } = await prepareFiles(ctx, projectId, { ...given, files });
  return {
    contents,
    bind: async (tx) => {
      await bind(tx);
      await noteLegacyFolder(tx, { projectId, name: given.name }, contents.oid);
    },
  };
}

/** A folder's name may be the dataset's; a file's ending says what it holds, so it has to be given. */
function nameOf(commit: Commit, oid: Oid): string {
  if (commit.path !== undefined) return commit.path;
  if (isDirectoryOid(oid)) return commit.dataset;
  throw invalid('/path', 'is needed for a file: its name, like "train.csv"');
}

async function contentsOf(db: Db, row: ObjectRow, path: string): Promise<Omit<Contents, 'provenance'>> {
  // A folder's own name is no part of its content, so any version of it says the same.
  const known = isDirectoryOid(row.oid) ? await findVersionOfObject(db, row.projectId, row.oid) : null;
  if (known !== null) {
    return { oid: row.oid, path, files: known.files, bytes: known.bytes, sha256Root: known.sha256Root };
  }
  const files = isDirectoryOid(row.oid)
    ? await listMembers(db, row, { after: -1, limit: Number.MAX_SAFE_INTEGER })
    : [{ path, sha256: row.sha256, size: row.size }];
  return {
    oid: row.oid,
    path,
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.size, 0),
    sha256Root: contentRoot(files),
  };
}

function invalid(pointer: string, detail: string): TidemarkError {
  return new TidemarkError('invalid-body', `The body at ${pointer}: it ${detail}.`, {
    issues: [{ code: 'invalid-commit', pointer, detail }],
  });
}
