import type { Digests } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import type { SummedDigests } from '../objects/block-sums.ts';
import { intake } from '../objects/object-intake.ts';
import { releasable } from '../objects/object-stream.ts';
import type { PutOptions } from './put-options.ts';
import { type S3Connection, s3Status } from './remote-s3-client.ts';
import { copySource } from './remote-s3-copy.ts';
import { openTagged } from './remote-s3-read.ts';
import { partNotFound } from './upload-parts.ts';

/** Parts that the store copies at once for one object. */
const COPIES_AT_ONCE = 4;

/** A part as it was read: its tag names these bytes alone. */
type ReadPart = { readonly key: string; readonly etag: string };

export type ReadParts = { readonly digests: SummedDigests; readonly parts: readonly ReadPart[] };

/**
 * Reads parts in turn, once, and judges them as one. Nothing of them is kept here.
 * @throws TidemarkError `not-found` for a part that is not there, and what `intake` throws.
 */
export async function readParts(s3: S3Connection, keys: readonly string[], options: PutOptions): Promise<ReadParts> {
  const parts: ReadPart[] = [];
  async function* inTurn(): AsyncGenerator<Uint8Array> {
    for (const [i, key] of keys.entries()) {
      const opened = await openTagged(s3, key);
      if (opened === null) throw new TidemarkError('not-found', partNotFound(i + 1));
      parts.push({ key, etag: opened.etag });
      yield* releasable(opened.body, options.signal);
    }
  }
  const digests = await intake(inTurn(), { write: async () => {} }, options);
  return { digests, parts };
}

export type Joining = {
  readonly key: string;
  readonly parts: readonly ReadPart[];
  readonly digests: Digests;
  /** Fail with 412 when the key is taken, instead of replacing what is there. */
  readonly onlyNew: boolean;
};

/**
 * Has the store make an object of parts that lie in it. Whoever was given the address of a part may still write there:
 * the store copies only what was read.
 * @throws TidemarkError `conflict` for a part that is another by now.
 */
export async function joinParts(s3: S3Connection, { key, parts, digests, onlyNew }: Joining): Promise<void> {
  const target = { Bucket: s3.bucket, Key: key };
  const kind = { ContentType: 'application/octet-stream', Metadata: { sha256: digests.sha256 } };
  const created = await s3.client.send(new s3.sdk.CreateMultipartUploadCommand({ ...target, ...kind }));
  const session = { ...target, UploadId: created.UploadId };
  try {
    const copied: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let first = 0; first < parts.length; first += COPIES_AT_ONCE) {
      const some = parts.slice(first, first + COPIES_AT_ONCE);
      const copying = some.map((part, i) => copyPart(s3, session, { part, number: first + i + 1 }));
      // A copy that still ran while the upload is given up could outlive it.
      await Promise.allSettled(copying);
      copied.push(...(await Promise.all(copying)));
    }
    const whole = { ...session, MultipartUpload: { Parts: copied }, IfNoneMatch: onlyNew ? '*' : undefined };
    await s3.client.send(new s3.sdk.CompleteMultipartUploadCommand(whole));
  } catch (error) {
    // What cannot be aborted now the sweep finds later.
    await s3.client.send(new s3.sdk.AbortMultipartUploadCommand(session)).catch(() => {});
    throw error;
  }
}

type Session = { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined };

async function copyPart(s3: S3Connection, session: Session, { part, number }: { part: ReadPart; number: number }) {
  const source = { CopySource: copySource(s3, part.key), CopySourceIfMatch: part.etag };
  try {
    const command = new s3.sdk.UploadPartCopyCommand({ ...session, ...source, PartNumber: number });
    const answer = await s3.client.send(command);
    return { PartNumber: number, ETag: answer.CopyPartResult?.ETag };
  } catch (cause) {
    if (s3Status(cause) !== 412) throw cause;
    const why = `Part ${number} was sent again while the object was being made of its parts. Complete it again.`;
    throw new TidemarkError('conflict', why, { cause });
  }
}
