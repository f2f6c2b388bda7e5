import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../errors.ts';
import { storeFailure } from '../objects/object-failure.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

/** The SDK, its client, and the bucket they speak to. */
export type S3Connection = { readonly sdk: Sdk; readonly client: S3Client; readonly bucket: string };

const SETTINGS: S3ClientConfig = {
  maxAttempts: 5,
  // The SDK's own checksums make other servers than AWS refuse or garble what they store; we send Content-MD5.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestHandler: {
    connectionTimeout: 5_000,
    requestTimeout: 60_000,
    throwOnRequestTimeout: true,
    // Without data for so long a socket is dead, also in the middle of a body.
    socketTimeout: 60_000,
  },
};

/**
 * Loads the SDK (23 MB, so only where S3 is used) and connects. Endpoint, region and keys are what the SDK
 * finds in the usual AWS variables and files.
 * @throws TidemarkError `invalid-configuration` when no region is set for AWS itself.
 */
export async function connectS3(bucket: string): Promise<S3Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const found = new sdk.S3Client(SETTINGS);
  const custom = await found.config.serviceConfiguredEndpoint?.();
  const region = await found.config.region().catch(() => undefined);
  if (custom === undefined && region === undefined) {
    throw new TidemarkError('invalid-configuration', 'The S3 remote needs a region: set AWS_REGION.');
  }
  if (custom === undefined) return { sdk, client: found, bucket };
  found.destroy();
  // Few servers but AWS resolve a bucket as a host name, and for most the region is a mere word.
  const settings = { ...SETTINGS, forcePathStyle: true, region: region ?? 'us-east-1' };
  return { sdk, client: new sdk.S3Client(settings), bucket };
}

/** The HTTP status of an S3 answer, or undefined when there was none. */
export function s3Status(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** As `storeFailure`, for what the SDK throws; the few cases that an operator can mend are named. */
export function s3Failure(cause: unknown, doing: string): TidemarkError {
  const name = cause instanceof Error ? cause.name : '';
  if (s3Status(cause) === 507 || name === 'QuotaExceeded') {
    return new TidemarkError(
      'storage-full',
      `The object store is full: it failed while ${doing}. Nothing was stored.`,
      {
        cause,
      },
    );
  }
  const why = REASONS[name];
  if (why === undefined) return storeFailure(cause, doing);
  return new TidemarkError('store-unavailable', `The object store refused while ${doing}: ${why}.`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  NoSuchBucket: 'the bucket does not exist',
  AccessDenied: 'the keys do not allow it',
  InvalidAccessKeyId: 'it does not know the access key',
  SignatureDoesNotMatch: 'the secret key is wrong',
  CredentialsProviderError: 'there are no keys (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)',
};
