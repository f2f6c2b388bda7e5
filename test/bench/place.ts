import { join } from 'node:path';
import { type S3Server, startVersitygw } from '../support/versitygw.ts';

export type RemoteKind = 'directory' | 's3';

/** Where the objects of what is measured lie; the others who are compared with us keep theirs in the same place. */
export type Place = {
  /** What `startService` has to be told. */
  readonly service: Readonly<Record<string, string>>;
  /** The place as a remote of dvc's own: its address, and its other settings by their names. */
  readonly dvc: { readonly url: string; readonly settings: Readonly<Record<string, string>> };
  /** The place as a repository of restic, with the variables that it takes. */
  readonly restic: { readonly repository: string; readonly env: Readonly<Record<string, string>> };
  readonly end: () => Promise<void>;
};

/** A folder, or a bucket of a versitygw that VERSITYGW names and that ends with the place. */
export async function openPlace(kind: RemoteKind, folder: string): Promise<Place> {
  if (kind === 's3') return bucketOf(await startVersitygw(process.env.VERSITYGW ?? 'versitygw'));
  return {
    service: {},
    dvc: { url: join(folder, 'plain'), settings: {} },
    restic: { repository: join(folder, 'restic'), env: {} },
    end: async () => {},
  };
}

function bucketOf(s3: S3Server): Place {
  const keys = { AWS_ACCESS_KEY_ID: s3.accessKey, AWS_SECRET_ACCESS_KEY: s3.secretKey, AWS_REGION: 'us-east-1' };
  return {
    service: { ...keys, AWS_ENDPOINT_URL: s3.endpoint, TIDEMARK_REMOTE: `s3://${s3.bucket}/tidemark` },
    dvc: {
      url: `s3://${s3.bucket}/plain`,
      settings: {
        endpointurl: s3.endpoint,
        access_key_id: s3.accessKey,
        secret_access_key: s3.secretKey,
        region: keys.AWS_REGION,
      },
    },
    restic: { repository: `s3:${s3.endpoint}/${s3.bucket}/restic`, env: keys },
    end: () => s3.stop(),
  };
}
