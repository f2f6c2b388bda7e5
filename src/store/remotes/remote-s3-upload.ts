import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Digests } from '../../dvc/hash.ts';
import { dropChunk, takeChunk } from '../objects/chunk-memory.ts';
import type { Slots } from '../objects/object-slots.ts';
import type { S3Connection } from './remote-s3-client.ts';

const MIB = 1024 ** 2;

/** S3 takes at most 10,000 parts of at least 5 MiB. */
const MAX_PARTS = 10_000;
const SMALLEST_PART = 8 * MIB;

const TYPE = 'application/octet-stream';

/** Of so many bytes most servers want parts; fewer go as one stream, which a break costs seconds. */
const STREAMED_BYTES = 128 * MIB;

/** A stream is given up when it goes slower than so many bytes in a millisecond. */
const SLOWEST = 256;
const ANSWER_MILLISECONDS = 60_000;

/** Parts of one object that are under way at once. */
const PARTS_AT_ONCE = 3;

export type Upload = {
  readonly key: string;
  /** A local file with the bytes. */
  readonly path: string;
  readonly digests: Digests;
  /** Fail with 412 when the key is taken, instead of replacing what is there. */
  readonly onlyNew: boolean;
};

type Part = { readonly PartNumber: number; readonly ETag: string | undefined };

/**
 * Sends a local file in one request, or in parts when it is larger than one. Every request carries a digest of
 * its body, which S3 checks; the whole is hashed again on the way and compared before the parts become an
 * object. Each buffer of a part takes one of `slots`.
 */
export async function uploadFile(s3: S3Connection, upload: Upload, slots: Slots): Promise<void> {
  const file = await open(upload.path, 'r');
  try {
    const { size } = upload.digests;
    if (size <= SMALLEST_PART) return await slots(() => uploadWhole(s3, { ...upload, file }));
    if (size <= STREAMED_BYTES && (await slots(() => streamFile(s3, { ...upload, file })))) return;
    await uploadParts(s3, { ...upload, file }, slots);
  } finally {
    await file.close();
  }
}

type OpenUpload = Upload & { readonly file: FileHandle };

async function uploadWhole(s3: S3Connection, upload: OpenUpload): Promise<void> {
  await uploadBytes(s3, upload, await readPart(upload.file, { start: 0, length: upload.digests.size }));
}

/** Sends bytes that are few enough for one request, which carries their MD5 for S3 to check. */
export async function uploadBytes(s3: S3Connection, upload: Omit<Upload, 'path'>, body: Uint8Array): Promise<void> {
  const { md5, sha256, size } = upload.digests;
  if (await sendShortWay(s3, { ...upload, body })) return;
  const command = new s3.sdk.PutObjectCommand({
    Bucket: s3.bucket,
    Key: upload.key,
    Body: body,
    ContentLength: size,
    ContentMD5: inBase64(md5),
    ContentType: TYPE,
    Metadata: { sha256 },
    IfNoneMatch: upload.onlyNew ? '*' : undefined,
  });
  await s3.client.send(command);
}

/** Whether the file is stored. S3 checks a digest of all that comes, so what the disk gives back is not digested anew. */
async function streamFile(s3: S3Connection, { file, ...upload }: OpenUpload): Promise<boolean> {
  const body = Readable.from(chunksOf(file, upload.digests.size), { objectMode: false, highWaterMark: 1 });
  // A file that cannot be read would leave the request without its end.
  const broken = new AbortController();
  body.on('error', () => broken.abort());
  try {
    return await sendShortWay(s3, { ...upload, body }, broken.signal);
  } finally {
    body.destroy();
  }
}

/** One that is being sent, one that waits behind it, and one to be safe. */
const CHUNKS_AHEAD = 3;

/** The bytes of a file, in memory that is used again when so many others were asked for. */
async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const given: Uint8Array[] = [];
  for (let at = 0; at < size; ) {
    const chunk = takeChunk();
    const { bytesRead } = await file.read(chunk, 0, chunk.byteLength, at);
    if (bytesRead === 0) throw new Error('the spooled file is shorter than what was received');
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
    given.push(chunk);
    if (given.length > CHUNKS_AHEAD) dropChunk(given.shift()!);
  }
}

type ShortUpload = Omit<Upload, 'path'> & { readonly body: Uint8Array | Readable };

/**
 * Whether a store tags objects with the MD5 of what came, as far as is known. To one that does, a stream goes without
 * Content-MD5, for which a server may digest it a second time: its signed SHA-256 is checked before it is stored, and
 * its tag proves it afterwards.
 */
const tagging = new WeakMap<S3Connection, boolean>();

/** Whether it is stored. Whatever kept it from that, the SDK is asked next, and says it. */
async function sendShortWay(
  s3: S3Connection,
  { key, digests, onlyNew, body }: ShortUpload,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const { md5, sha256, size } = digests;
  const byTag = !(body instanceof Uint8Array) && tagging.get(s3) === true;
  const headers = {
    'content-length': String(size),
    ...(!byTag && { 'content-md5': inBase64(md5) }),
    'content-type': TYPE,
    'x-amz-meta-sha256': sha256,
    ...(onlyNew && { 'if-none-match': '*' }),
  };
  const request = { method: 'PUT', key, headers, body, sha256 } as const;
  try {
    const requestTimeout = ANSWER_MILLISECONDS + size / SLOWEST;
    const answer = await s3.requests.send(request, { requestTimeout, ...(abortSignal && { abortSignal }) });
    if (answer === null) return false;
    // Read to its end, the connection takes the next one.
    for await (const _ of answer.body);
    const stored = answer.status === 200;
    const tagged = answer.headers.etag === `"${md5}"`;
    // A bucket may insist on Content-MD5: to one that was refused, or was tagged otherwise, it is sent from then on.
    if (byTag ? answer.status === 400 || (stored && !tagged) : stored && !tagged) tagging.set(s3, false);
    else if (stored && !tagging.has(s3)) tagging.set(s3, true);
    return stored && (tagged || !byTag);
  } catch {
    return false;
  }
}

const inBase64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

async function uploadParts(s3: S3Connection, upload: OpenUpload, slots: Slots): Promise<void> {
  const target = { Bucket: s3.bucket, Key: upload.key };
  const created = await s3.client.send(
    new s3.sdk.CreateMultipartUploadCommand({
      ...target,
      ContentType: TYPE,
      Metadata: { sha256: upload.digests.sha256 },
    }),
  );
  const session = { ...target, UploadId: created.UploadId };
  try {
    const parts = await sendParts(s3, { ...upload, session }, slots);
    await s3.client.send(
      new s3.sdk.CompleteMultipartUploadCommand({
        ...session,
        MultipartUpload: { Parts: parts },
        IfNoneMatch: upload.onlyNew ? '*' : undefined,
      }),
    );
  } catch (error) {
    // What cannot be aborted now the sweep finds later.
    await s3.client.send(new s3.sdk.AbortMultipartUploadCommand(session)).catch(() => {});
    throw error;
  }
}

type Session = { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined };

async function sendParts(
  s3: S3Connection,
  upload: OpenUpload & { readonly session: Session },
  slots: Slots,
): Promise<Part[]> {
  const { size, md5 } = upload.digests;
  const length = partLength(size);
  const whole = createHash('md5');
  const parts: Promise<Part>[] = [];
  try {
    for (let start = 0; start < size; start += length) {
      await parts.at(-PARTS_AT_ONCE);
      const { part, read } = beginPart({ start, length: Math.min(length, size - start), number: parts.length + 1 });
      parts.push(part);
      // Parts are read in turn, so that the whole is hashed in order.
      await read;
    }
    if (whole.digest('hex') !== md5) throw new Error('the spooled file changed between receiving and sending it');
    return await Promise.all(parts);
  } finally {
    // A part that still ran while the upload is aborted could outlive it.
    await Promise.allSettled(parts);
  }

  function beginPart(range: { start: number; length: number; number: number }) {
    const { promise: read, resolve, reject } = Promise.withResolvers<void>();
    const part = slots(async () => {
      const body = await readPart(upload.file, range);
      whole.update(body);
      resolve();
      return await sendPart(s3, upload.session, { number: range.number, body });
    });
    // A failure is seen when the parts are gathered; until then it must not count as unhandled.
    part.catch(reject);
    read.catch(() => {});
    return { part, read };
  }
}

async function sendPart(
  s3: S3Connection,
  session: Session,
  part: { readonly number: number; readonly body: Uint8Array },
): Promise<Part> {
  const sent = await s3.client.send(
    new s3.sdk.UploadPartCommand({
      ...session,
      PartNumber: part.number,
      Body: part.body,
      ContentLength: part.body.byteLength,
      ContentMD5: createHash('md5').update(part.body).digest('base64'),
    }),
  );
  return { PartNumber: part.number, ETag: sent.ETag };
}

/** Parts of one length in whole MiB, so few that S3 takes them all. */
function partLength(size: number): number {
  return Math.max(SMALLEST_PART, Math.ceil(size / MAX_PARTS / MIB) * MIB);
}

async function readPart(file: FileHandle, part: { start: number; length: number }): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(part.length);
  for (let at = 0; at < part.length; ) {
    const { bytesRead } = await file.read(buffer, at, part.length - at, part.start + at);
    if (bytesRead === 0) throw new Error('the spooled file is shorter than what was received');
    at += bytesRead;
  }
  return buffer;
}
