import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { legacyPath, objectPath } from '../../src/dvc/path.ts';
import type { S3Server } from './versitygw.ts';

/** What a test does to the objects under a prefix of a bucket, and sees of them, behind the service's back. */
export type BucketBackDoors = {
  /** Replaces the stored bytes of an object. */
  readonly spoil: (oid: string, bytes: Uint8Array) => Promise<void>;
  /** What lies under a name of DVC 2's layout, or null. */
  readonly legacy: (oid: string) => Promise<Uint8Array | null>;
  readonly spoilLegacy: (oid: string, bytes: Uint8Array) => Promise<void>;
  /** Writes an object where `dvc` of version 2 would. */
  readonly writeLegacy: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Keys of uploads in parts that were begun and not ended. */
  readonly uploads: () => Promise<string[]>;
  /** Those, and what lies in the folders of what is being stored, here and in the bucket. */
  readonly leftovers: () => Promise<string[]>;
};

export type BackDoorsOptions = {
  readonly server: S3Server;
  /** What all keys begin with, without a slash at its end. */
  readonly prefix: string;
  /** Where the service keeps what it is being sent. */
  readonly spoolFolder: string;
};

export function bucketBackDoors({ server, prefix, spoolFolder }: BackDoorsOptions): BucketBackDoors {
  const { endpoint, bucket, accessKey: accessKeyId, secretKey: secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true });
  const fileOf = (path: string): string => join(server.folder, prefix, path);
  const uploads = async () => {
    const listed = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }));
    return (listed.Uploads ?? []).map((upload) => upload.Key ?? '');
  };
  return {
    spoil: (oid, bytes) => writeFile(fileOf(objectPath(oid)), bytes),
    legacy: (oid) => readFile(fileOf(legacyPath(oid))).catch(() => null),
    spoilLegacy: (oid, bytes) => writeFile(fileOf(legacyPath(oid)), bytes),
    async writeLegacy(name, bytes) {
      const key = `${prefix}/${legacyPath(name)}`;
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    uploads,
    async leftovers() {
      const folders = await Promise.all([spoolFolder, fileOf('tmp')].map((path) => readdir(path).catch(() => [])));
      return [...folders.flat(), ...(await uploads())];
    },
  };
}
