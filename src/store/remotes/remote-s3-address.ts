import type { S3Connection } from './remote-s3-client.ts';
import type { Invitation } from './upload-parts.ts';

/** Where a key can be read by whoever has the address, until `seconds` from now. */
export async function addressOfKey(s3: S3Connection, key: string, seconds: number): Promise<string> {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
  const command = new s3.sdk.GetObjectCommand({ Bucket: s3.bucket, Key: key });
  return await getSignedUrl(s3.client, command, { expiresIn: seconds });
}

/** Where a key can be written, with a body of `size` bytes, by whoever has the address, until `seconds` from now. */
export async function inviteToKey(
  s3: S3Connection,
  key: string,
  { size, seconds }: { readonly size: number; readonly seconds: number },
): Promise<Invitation> {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner');
  const command = new s3.sdk.PutObjectCommand({ Bucket: s3.bucket, Key: key, ContentLength: size });
  // The size is signed too: else whoever holds the address could fill the bucket.
  const signableHeaders = new Set(['host', 'content-length']);
  const url = await getSignedUrl(s3.client, command, { expiresIn: seconds, signableHeaders });
  return { url, headers: { 'content-length': String(size) } };
}
