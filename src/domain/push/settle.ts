import type { Context } from '../../context.ts';
import { isDirectoryOid } from '../../dvc/hash.ts';
import { isTidemarkError } from '../../errors.ts';
import { findProjectById } from '../../store/access/access.ts';
import { type DatasetRow, findDatasetById, findVersionByOid } from '../../store/dataset/datasets.ts';
import { transact } from '../../store/postgres/db.ts';
import { closePushSession, type Foldable, listLooseFiles, listPushedFolders } from '../../store/push/push-settling.ts';
import { findPushSession, type PushSessionRow, readPushProgress, recordRefused } from '../../store/push/pushes.ts';
import { takeWishes } from '../../store/push/remote-questions.ts';
import type { Actor, Scope } from '../access/actor.ts';
import { type CommitContent, commitVersion } from '../dataset/commit.ts';
import { missingFolders } from './missing-folders.ts';
import { enqueueSettling } from './sessions.ts';
import { nameUnnamed } from './unnamed.ts';

type Settling = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'now' | 'newId' | 'publicUrl'>;

type Settled = { readonly session: PushSessionRow; readonly dataset: DatasetRow; readonly actor: Actor };

const PAGE = 500;

/**
 * Job: once a push is quiet, makes versions of what it sent and ends its session. Each folder becomes one, and each
 * file that no folder lists; files alone do not while a folder is missing that the client was about to send (the next
 * push sends them again). Content that the dataset has is the version that it was. Runs again from the start when it is killed; no version is made twice.
 */
export async function settlePush(ctx: Settling, { pushId }: { pushId: string }): Promise<void> {
  const session = await findPushSession(ctx.db, pushId);
  if (session === null || session.closedAt !== null) return;
  const quietSeconds = ctx.config.pushQuietMilliseconds / 1000;
  const { secondsLeft, lastId } = await readPushProgress(ctx.db, pushId, quietSeconds);
  if (secondsLeft > 0) return enqueueSettling(ctx.db, pushId, secondsLeft);
  const [project, dataset] = await Promise.all([
    findProjectById(ctx.db, session.projectId),
    findDatasetById(ctx.db, session.datasetId),
  ]);
  if (project === null || dataset === null) throw new Error(`the dataset of the push ${pushId} is gone`);
  const scopes = new Set<Scope>(['data:write']);
  const actor = { projectId: project.id, project: project.name, author: session.author, scopes };
  const missing = await missingFolders(ctx, session);
  // What is added is of the session as if it had just been sent, and settles with it.
  if (missing.length === 0 && (await takeWishes(ctx.db, session)) > 0) {
    return enqueueSettling(ctx.db, pushId, quietSeconds);
  }
  const versionIds = new Set<number>();
  for await (const piece of piecesOf(ctx, session, missing.length > 0)) {
    const id = await versionOf(ctx, { session, dataset, actor }, piece);
    if (id !== null) versionIds.add(id);
  }
  const outcome = { lastId, missing, versionIds: [...versionIds] };
  const closed = await transact(ctx.db, (tx) => closePushSession(tx, session, outcome));
  if (!closed) await enqueueSettling(ctx.db, pushId, quietSeconds);
}

async function* piecesOf(ctx: Settling, session: PushSessionRow, foldersOnly: boolean): AsyncGenerator<Foldable> {
  yield* paged((page) => listPushedFolders(ctx.db, session.id, page));
  if (!foldersOnly) yield* paged((page) => listLooseFiles(ctx.db, session, page));
}

async function* paged(list: (page: { after: number; limit: number }) => Promise<Foldable[]>): AsyncGenerator<Foldable> {
  for (let after = 0; ; ) {
    const pieces = await list({ after, limit: PAGE });
    yield* pieces;
    const last = pieces.at(-1);
    if (last === undefined || pieces.length < PAGE) return;
    after = last.id;
  }
}

/** Null for what has become corrupt or lost meanwhile, which is noted in the session. */
async function versionOf(ctx: Settling, settled: Settled, piece: Foldable): Promise<number | null> {
  const { session, dataset, actor } = settled;
  const legacyFolder = piece.layout === 'legacy' && isDirectoryOid(piece.name);
  try {
    const known = legacyFolder ? null : await findVersionByOid(ctx.db, dataset.id, piece.oid);
    if (known !== null && known.trashedAt === null) return known.id;
    const content: CommitContent = legacyFolder
      ? { kind: 'legacy-folder', name: piece.name }
      : { kind: 'oid', oid: piece.oid };
    const folder = isDirectoryOid(piece.name);
    // One in the trash comes back under its own name.
    const path = known?.path ?? (await nameUnnamed(ctx, dataset, { oid: piece.oid, folder }));
    const provenance = { kind: 'dvc', push: session.id, unnamed: true };
    const { version } = await commitVersion(ctx, actor, { dataset: dataset.name, content, path, provenance });
    return version.id;
  } catch (error) {
    if (!isTidemarkError(error, 'object-corrupt') && !isTidemarkError(error, 'missing-children')) throw error;
    const { code, message } = error;
    ctx.log.warn({ push: session.id, oid: piece.oid, err: error }, 'a pushed object could not become a version');
    await recordRefused(ctx.db, session.id, { layout: piece.layout, name: piece.name, code, detail: message });
    return null;
  }
}
