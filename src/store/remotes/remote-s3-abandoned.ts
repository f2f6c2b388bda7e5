import type { S3Connection } from './remote-s3-client.ts';

/** Gives up the multipart uploads to keys below a prefix that began before `before` (epoch ms). Counts them. */
export async function abortUploads(s3: S3Connection, prefix: string, before: number): Promise<number> {
  const request = { Bucket: s3.bucket, Prefix: prefix };
  let aborted = 0;
  let next: { KeyMarker: string | undefined; UploadIdMarker: string | undefined } | null = null;
  do {
    const page: Awaited<ReturnType<typeof listUploads>> = await listUploads(s3, { ...request, ...next });
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (Initiated === undefined || Initiated.getTime() >= before) continue;
      await s3.client.send(new s3.sdk.AbortMultipartUploadCommand({ Bucket: s3.bucket, Key, UploadId }));
      aborted++;
    }
    next =
      page.IsTruncated === true ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : null;
  } while (next !== null);
  return aborted;
}

function listUploads(s3: S3Connection, request: ListUploadsRequest) {
  return s3.client.send(new s3.sdk.ListMultipartUploadsCommand(request));
}

type ListUploadsRequest = ConstructorParameters<S3Connection['sdk']['ListMultipartUploadsCommand']>[0];
