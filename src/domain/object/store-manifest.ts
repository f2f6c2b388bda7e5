import type { Context } from '../../context.ts';
import { digestBytes, type Oid } from '../../dvc/hash.ts';
import { parseTree, TREE_LIMITS, type TreeEntry } from '../../dvc/tree.ts';
import { TidemarkError } from '../../errors.ts';
import { takeBackMembers } from '../../store/inventory/object-tombstones.ts';
import { findHealthyObjects, type HealthyObject, insertManifest } from '../../store/inventory/objects.ts';
import { checkExpectation } from '../../store/objects/object-intake.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import type { Expectation } from '../../store/remotes/put-options.ts';
import type { StoredObject } from '../../store/remotes/remote.ts';
import type { Doer } from '../access/audit.ts';
import { type Alongside, bindObject, type HeldObject, type Storable } from './bind-object.ts';
import { bindStored } from './bind-stored.ts';
import { recoverObjects } from './recover-objects.ts';

const LISTED = 1000;

/** The objects of a manifest's members, by MD5. */
export type Members = ReadonlyMap<Oid, HealthyObject>;

/**
 * Takes the bytes of a manifest as some client wrote them and makes them an object of the project.
 * @throws TidemarkError `digest-mismatch`, `invalid-manifest`, `missing-children`, `too-large`.
 */
export async function storeManifest(
  ctx: Pick<Context, 'db' | 'remote'>,
  sender: Doer,
  given: {
    source: AsyncIterable<Uint8Array>;
    expect: Expectation;
    alongside?: Alongside | undefined;
    origin?: Storable['origin'];
  },
): Promise<HeldObject> {
  const { projectId } = sender;
  const bytes = await collectManifest(given.source);
  checkExpectation(digestBytes(bytes), given.expect);
  const entries = parseTree(bytes);
  await requireMembers(ctx.db, projectId, entries);
  const stored = await putManifest(ctx, bytes);
  return bindStored(ctx, { projectId, stored: [stored] }, () =>
    transact(ctx.db, async (tx) => {
      const { origin } = given;
      const named = { ...stored, by: sender, ...(origin === undefined ? {} : { origin }) };
      const held = await bindManifest(tx, ctx, { projectId, stored: named, entries });
      await given.alongside?.write(tx, [held]);
      return held;
    }),
  );
}

/** The manifest's bytes, durable in the remote. */
export async function putManifest(ctx: Pick<Context, 'remote'>, bytes: Uint8Array): Promise<StoredObject> {
  return ctx.remote.put(once(bytes), { directory: true, maxBytes: TREE_LIMITS.maxBytes });
}

/**
 * Makes a stored manifest an object of the project and its members known, in the caller's transaction. Members that
 * somebody gave up meanwhile are taken back.
 * @throws TidemarkError `missing-children` when the bytes of one are gone; what `bindObject` throws.
 */
export async function bindManifest(
  tx: Db,
  ctx: Pick<Context, 'remote'>,
  manifest: {
    projectId: number;
    stored: Storable;
    entries: readonly TreeEntry[];
  },
): Promise<HeldObject> {
  const { projectId, stored, entries } = manifest;
  const held = await bindObject(tx, ctx, projectId, stored);
  await insertManifest(tx, { projectId, oid: stored.oid, entries });
  if (!(await takeBackMembers(tx, projectId, stored.oid))) await requireMembers(tx, projectId, entries);
  return held;
}

/**
 * The objects that the entries name.
 * @throws TidemarkError `missing-children` with those that the project does not hold or holds corrupt.
 */
export async function requireMembers(db: Db, projectId: number, entries: readonly TreeEntry[]): Promise<Members> {
  const wanted = [...new Set(entries.map((entry) => entry.md5))];
  const held = await findHealthyObjects(db, projectId, wanted);
  const absent = wanted.filter((md5) => !held.has(md5));
  // What is in the trash was held when the client asked, perhaps a moment ago: its bytes are still there.
  for (const row of await recoverObjects(db, projectId, absent)) held.set(row.oid, row);
  const missing = absent.filter((md5) => !held.has(md5));
  if (missing.length === 0) return held;
  throw missingMembers(entries, missing);
}

/** The error that names members which a project does not hold, as `requireMembers` throws it. */
export function missingMembers(entries: readonly TreeEntry[], missing: readonly string[]): TidemarkError {
  const noun = missing.length === 1 ? '1 file is' : `${missing.length} files are`;
  const lost = new Set(missing);
  const named = entries.filter((entry) => lost.has(entry.md5));
  return new TidemarkError(
    'missing-children',
    `${noun} named that this project does not hold: send each with PUT /v1/objects/{oid} first, then repeat this.`,
    {
      issues: named.slice(0, 100).map((entry) => ({ code: 'missing', detail: entry.md5, field: entry.relpath })),
      issuesTotal: named.length,
      details: { missing: missing.slice(0, LISTED), missing_total: missing.length },
    },
  );
}

/** The bytes of a manifest. @throws TidemarkError `too-large`. */
export async function collectManifest(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > TREE_LIMITS.maxBytes) {
      throw new TidemarkError('too-large', `A manifest may have at most ${TREE_LIMITS.maxBytes} bytes.`);
    }
    // The source may take its chunk back.
    chunks.push(new Uint8Array(chunk));
  }
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
