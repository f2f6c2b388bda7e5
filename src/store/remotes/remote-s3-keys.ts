import type { S3Connection } from './remote-s3-client.ts';

export type StoredKey = {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was written, epoch ms by the server's clock. */
  readonly modified: number;
};

/** All keys that begin with `prefix`, a page of them in memory. */
export async function* listKeys(s3: S3Connection, prefix: string): AsyncGenerator<StoredKey> {
  let token: string | undefined;
  do {
    const request = { Bucket: s3.bucket, Prefix: prefix, ContinuationToken: token };
    const page = await s3.client.send(new s3.sdk.ListObjectsV2Command(request));
    for (const { Key: key = '', Size: size = 0, LastModified } of page.Contents ?? []) {
      yield { key, size, modified: LastModified?.getTime() ?? 0 };
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

export async function deleteKey(s3: S3Connection, key: string): Promise<void> {
  await s3.client.send(new s3.sdk.DeleteObjectCommand({ Bucket: s3.bucket, Key: key }));
}
