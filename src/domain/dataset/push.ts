import type { Context } from '../../context.ts';
import { transact } from '../../store/postgres/db.ts';
import type { Expectation } from '../../store/remotes/put-options.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import type { Once } from '../access/once.ts';
import { contentRoot } from '../object/content-root.ts';
import { storeObject } from '../object/store-object.ts';
import { checkPath } from './dataset-path.ts';
import { recordOnce } from './once.ts';
import { type Recorded, type Recording, recordVersion } from './record-version.ts';
import { checkTag } from './ref.ts';
import { contentOfNotes, type VersionNotes } from './version-notes.ts';

export type PushFile = VersionNotes & {
  readonly dataset: string;
  /** The file's own name, as it stands in a pointer. */
  readonly path: string;
  readonly source: AsyncIterable<Uint8Array>;
  readonly tag?: string | undefined;
  /** Where the bytes came from; `{kind: 'push'}` when absent. */
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
  readonly expect?: Expectation | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly asNext?: Recording['asNext'];
  readonly idempotencyKey?: string | undefined;
};

/**
 * Takes one file and makes it the dataset's next version, in one pass over the bytes. The dataset is made on
 * its first push; a file that it holds already under this path is the version that it was before, or with `asNext` one
 * more where it is an older one.
 * @throws TidemarkError `bad-path`, and what `storeObject` throws; nothing is stored then.
 */
export async function pushFile(
  ctx: Pick<Context, 'config' | 'db' | 'remote' | 'now' | 'newId' | 'publicUrl'>,
  actor: Actor,
  push: PushFile,
): Promise<Recorded> {
  requireScope(actor, 'data:write');
  const path = checkPath(push.path);
  if (push.tag !== undefined) checkTag(push.tag);
  const { expect, signal } = push;
  const maxBytes = ctx.config.limits.objectBytes;
  const stored = await storeObject(ctx, actor, push.source, { expect, signal, maxBytes });
  const recording = {
    dataset: push.dataset,
    oid: stored.oid,
    path,
    files: 1,
    bytes: stored.size,
    sha256Root: contentRoot([{ path, sha256: stored.sha256 }]),
    notes: push,
    provenance: push.provenance ?? { kind: 'push' },
    tag: push.tag,
    asNext: push.asNext,
  };
  const request: Once = {
    projectId: actor.projectId,
    key: push.idempotencyKey,
    route: 'push',
    content: [push.dataset, path, stored.sha256, push.message ?? '', push.tag ?? '', ...contentOfNotes(push)],
  };
  return transact(ctx.db, (tx) => recordOnce(tx, request, () => recordVersion(tx, ctx, { actor, recording })));
}
