import type { S3Connection } from './remote-s3-client.ts';

const GIB = 1024 ** 3;

/** S3 copies at most 5 GiB in one request. */
const LARGEST_COPY = 5 * GIB;

export type Copy = { readonly from: string; readonly to: string; readonly size: number };

/** Copies a key of the bucket to another without moving its bytes through this process. */
export async function copyS3Object(s3: S3Connection, copy: Copy): Promise<void> {
  const target = { Bucket: s3.bucket, Key: copy.to };
  const source = { CopySource: copySource(s3, copy.from) };
  if (copy.size > LARGEST_COPY) await copyParts(s3, copy, { target, source });
  else await s3.client.send(new s3.sdk.CopyObjectCommand({ ...target, ...source }));
}

/** A key of the bucket as a copy names what it copies. */
export function copySource(s3: S3Connection, key: string): string {
  return `${s3.bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

type Request = {
  readonly target: { readonly Bucket: string; readonly Key: string };
  readonly source: { readonly CopySource: string };
};

async function copyParts(s3: S3Connection, { size }: Copy, { target, source }: Request): Promise<void> {
  const type = { ContentType: 'application/octet-stream' };
  const created = await s3.client.send(new s3.sdk.CreateMultipartUploadCommand({ ...target, ...type }));
  const session = { ...target, UploadId: created.UploadId };
  try {
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    // S3 takes 10,000 parts, and no object has as many GiB.
    for (let start = 0; start < size; start += GIB) {
      const PartNumber = parts.length + 1;
      const range = { CopySourceRange: `bytes=${start}-${Math.min(start + GIB, size) - 1}` };
      const sent = await s3.client.send(
        new s3.sdk.UploadPartCopyCommand({ ...session, ...source, ...range, PartNumber }),
      );
      parts.push({ PartNumber, ETag: sent.CopyPartResult?.ETag });
    }
    await s3.client.send(new s3.sdk.CompleteMultipartUploadCommand({ ...session, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    // What cannot be aborted now expires by the bucket's own rules.
    await s3.client.send(new s3.sdk.AbortMultipartUploadCommand(session)).catch(() => {});
    throw error;
  }
}
