import { createHash } from 'node:crypto';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { TAR_END, type TarEntry, tarHeader, tarPadding, tarSize } from '../../formats/tar-writer.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import type { HeldFile } from '../../store/inventory/objects.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type ByteRange, openObject } from '../object/open-object.ts';
import { eachFile, isFolder } from '../object/version-files.ts';
import { type FoundVersion, resolveVersion } from './resolve.ts';

export type Archive = {
  readonly version: FoundVersion;
  /** Bytes of the whole archive, known before the first of them is sent. */
  readonly size: number;
  /** Of the same archive it is the same, of any other another: 32 hexadecimal digits. */
  readonly etag: string;
  /** All of it, or bytes `[start, end)`. Each chunk is memory of its own. */
  readonly open: (range?: ByteRange) => AsyncIterable<Uint8Array>;
};

/** The form of the archive: another way to write one would make other bytes of the same version. */
const FORM = 'pax-1';

/**
 * A version as a tar archive, made while it is read: a folder's files lie under the folder's name. Each file
 * is verified on the way, and the archive breaks off where one is corrupt. Made again it has the same bytes, so that a
 * part of it can be had by itself.
 * @throws TidemarkError `not-found`; `object-corrupt` when a file is known to be.
 */
export async function readArchive(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  actor: Actor,
  given: { dataset: string; ref: string },
): Promise<Archive> {
  requireScope(actor, 'data:read');
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  let size = TAR_END.byteLength;
  for await (const file of eachFile(ctx.db, version)) {
    if (file.quarantined) {
      throw new TidemarkError('object-corrupt', `The file "${file.path}" is quarantined: push its good bytes again.`);
    }
    size += tarSize(entryOf(version, file));
  }
  const open = (range: ByteRange = { start: 0, end: size }) => archiveOf(ctx, { reader: actor, version, range });
  return { version, size, etag: etagOf(version), open };
}

/** Of all that the bytes depend on: which files there are, how they are called, and when they came. */
function etagOf({ oid, sha256Root, path, createdAt }: VersionRow): string {
  const of = [FORM, oid, sha256Root, path, secondsOf(createdAt)];
  return createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32);
}

type Cut = { readonly reader: Actor; readonly version: VersionRow; readonly range: ByteRange };

async function* archiveOf(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  { reader, version, range }: Cut,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  /** What of the next so many bytes is wanted; null: nothing. */
  const wanted = (size: number): ByteRange | null => {
    const start = Math.max(0, range.start - at);
    const end = Math.min(size, range.end - at);
    at += size;
    return start < end ? { start, end } : null;
  };
  const cut = (bytes: Uint8Array): Uint8Array[] => {
    const part = wanted(bytes.byteLength);
    // A copy: whoever sends it does away with its memory.
    return part === null ? [] : [new Uint8Array(bytes.subarray(part.start, part.end))];
  };
  for await (const file of eachFile(ctx.db, version)) {
    if (at >= range.end) return;
    yield* cut(tarHeader(entryOf(version, file)));
    const part = wanted(file.size);
    if (part !== null) {
      yield* await openObject(ctx, { projectId: version.projectId, object: file, range: part, reader });
    }
    yield* cut(tarPadding(file.size));
  }
  yield* cut(TAR_END);
}

function entryOf(version: VersionRow, file: HeldFile): TarEntry {
  const path = isFolder(version) ? `${version.path}/${file.path}` : file.path;
  return { path, size: file.size, modified: secondsOf(version.createdAt) };
}

const secondsOf = (date: Date): number => Math.floor(date.getTime() / 1000);
