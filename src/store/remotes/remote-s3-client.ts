import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../errors.ts';
import { readAgain } from '../../socket-memory.ts';
import { storeFailure } from '../objects/object-failure.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { KeyRequests } from './remote-s3-request.ts';

type Sdk = typeof import('@aws-sdk/client-s3');

/** The SDK, its client, and the bucket they speak to. */
export type S3Connection = {
  readonly sdk: Sdk;
  readonly client: S3Client;
  /** The short way for what is small. */
  readonly requests: KeyRequests;
  readonly bucket: string;
  readonly patience: S3Patience;
};

/** Milliseconds that a reader waits. A write may take longer: the server answers when it has made it durable. */
export type S3Patience = {
  /** For the answer to a question or the beginning of a body, all attempts together. */
  readonly answer: number;
  /** For the next bytes of a body. */
  readonly idle: number;
};

/** Less than the minute after which `dvc` gives up, so that it is told why. */
const PATIENCE: S3Patience = { answer: 25_000, idle: 20_000 };

/** A server that did not answer so often, each time after all attempts, is left alone for so long. */
const BREAKER = { failures: 5, restMilliseconds: 5_000 };

/** A store far away is quick only where much is asked of it at once; the SDK's 50 are taken by three groups of small objects. */
const SOCKETS = { maxSockets: 256 };

const SETTINGS: S3ClientConfig = {
  maxAttempts: 5,
  // The SDK's own checksums make other servers than AWS refuse or garble what they store; we send Content-MD5.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
  requestHandler: {
    httpAgent: { ...SOCKETS, onread: readAgain() },
    httpsAgent: SOCKETS,
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
export async function connectS3(bucket: string, patience: S3Patience = PATIENCE): Promise<S3Connection> {
  const sdk = await import('@aws-sdk/client-s3');
  const found = new sdk.S3Client(SETTINGS);
  const custom = await found.config.serviceConfiguredEndpoint?.();
  const region = await found.config.region().catch(() => undefined);
  if (custom === undefined && region === undefined) {
    throw new TidemarkError('invalid-configuration', 'The S3 remote needs a region: set AWS_REGION.');
  }
  if (custom === undefined) return { sdk, ...guarded(found, bucket), bucket, patience };
  found.destroy();
  // Few servers but AWS resolve a bucket as a host name, and for most the region is a mere word.
  const settings = { ...SETTINGS, forcePathStyle: true, region: region ?? 'us-east-1' };
  return { sdk, ...guarded(new sdk.S3Client(settings), bucket), bucket, patience };
}

/** The client, which sends nothing for a while once the server was away several times in a row. */
function guarded(client: S3Client, bucket: string): Pick<S3Connection, 'client' | 'requests'> {
  const breaker = new CircuitBreaker({
    ...BREAKER,
    counts: (error) => !(error instanceof Error && error.name === 'AbortError') && isAway(s3Status(error)),
    refusal: (seconds) =>
      new TidemarkError('store-unavailable', 'The object store does not answer. Try again in a moment.', {
        retryAfter: seconds,
      }),
  });
  // Outside of the SDK's own attempts: what counts is how they ended.
  client.middlewareStack.add((next) => (args) => breaker.run(() => next(args)), {
    step: 'initialize',
    name: 'circuitBreaker',
    priority: 'high',
  });
  return { client, requests: new KeyRequests(client, bucket, () => breaker.isOpen) };
}

/** No answer at all, or one that speaks of the server's own trouble; 501 is an answer to what was asked. */
const isAway = (status: number | undefined): boolean => status === undefined || (status >= 500 && status !== 501);

/**
 * Waits for a reading command, but not for ever: a server that takes connections and says nothing would hold each
 * reader through all attempts and time-outs.
 * @throws TidemarkError `store-unavailable` when it took too long; else what `send` throws.
 */
export async function inTime<T>(
  s3: S3Connection,
  signal: AbortSignal | undefined,
  send: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), s3.patience.answer);
  try {
    return await send({ abortSignal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]) });
  } catch (cause) {
    if (!late.signal.aborted) throw cause;
    throw new TidemarkError('store-unavailable', 'The object store does not answer in time. Try again.', {
      cause,
      retryAfter: RETRY_AFTER,
    });
  } finally {
    // The signal goes on with the body, whose time is its own.
    clearTimeout(timer);
  }
}

const RETRY_AFTER = 5;

/** The HTTP status of an S3 answer, or undefined when there was none. */
export function s3Status(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/**
 * Whether an answer says that there is no such key. Of a bucket that is gone a server says the same, and to HEAD nothing
 * else: taken for the key's, it would make every object seem lost.
 * @throws the answer that there is no bucket.
 */
export async function saysMissing(s3: S3Connection, error: unknown): Promise<boolean> {
  if (s3Status(error) !== 404 || isNoBucket(error)) return false;
  if (error instanceof Error && error.name === 'NoSuchKey') return true;
  const command = new s3.sdk.HeadBucketCommand({ Bucket: s3.bucket });
  const answer = await inTime(s3, undefined, (given) => s3.client.send(command, given)).catch(
    (cause: unknown) => cause,
  );
  // Whoever may not ask for the bucket gets another answer.
  if (s3Status(answer) !== 404) return true;
  throw Object.assign(new Error('there is no such bucket', { cause: answer }), { name: NO_BUCKET });
}

const NO_BUCKET = 'NoSuchBucket';

export const isNoBucket = (error: unknown): boolean => error instanceof Error && error.name === NO_BUCKET;

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
