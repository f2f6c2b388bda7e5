import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';

type Signer = Awaited<ReturnType<S3Client['config']['signer']>>;
type Request = Parameters<Signer['sign']>[0];
type Handled = Awaited<ReturnType<S3Client['config']['requestHandler']['handle']>>['response'];

/** One request for a key of the bucket. */
export type KeyRequest = {
  readonly method: 'GET' | 'PUT';
  readonly key: string;
  /** By their names in lower case; without those that are the same for all. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The SHA-256 of the body in hex, which is signed and which the server checks; absent where there is no body, and for
   * a stream that other headers prove.
   */
  readonly sha256?: string;
  readonly body?: Uint8Array | Readable;
};

export type RequestOptions = {
  readonly abortSignal?: AbortSignal;
  /** Milliseconds until the answer must have begun, where that is not what the client waits for any. */
  readonly requestTimeout?: number;
};

export type KeyAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** To be read to its end, or destroyed. */
  readonly body: Handled['body'];
};

/** Characters that stand in an address as they are: of such keys the SDK makes the same path as we. */
const PLAIN_KEY = /^[\w.~/-]+$/;

/** Buckets of one zone, whose requests are signed by keys of a session. */
const ZONAL_BUCKET = /--x-s3$/;

/** The SHA-256 of no bytes. */
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Said in place of a body's SHA-256. */
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/** Where the SDK found that the keys of the bucket lie. */
type Origin = {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number | undefined;
  /** The path of a key without the key. */
  readonly path: string;
};

/**
 * Requests for small objects past the SDK's layers, which take up to four times as long as all the rest of one: signed by
 * the SDK's signer, sent over the SDK's connections, and once. Where the bucket lies is learnt from what the SDK itself
 * sends, so none goes out before that. It is for the way on which all is well: whoever has any other answer than the
 * one hoped for asks again through the SDK, which knows of attempts, redirections and clocks that are wrong.
 */
export class KeyRequests {
  readonly #client: S3Client;
  readonly #usable: () => boolean;
  #origin: Origin | null = null;
  #signer: Promise<Signer> | null = null;

  /** @param isAway whether the server is known not to answer: to ask it again is left to the SDK. */
  constructor(client: S3Client, bucket: string, isAway: () => boolean) {
    this.#client = client;
    const zonal = ZONAL_BUCKET.test(bucket);
    this.#usable = () => !zonal && !isAway();
    client.middlewareStack.add(
      (next) => (args) => {
        this.#learn(args.input, args.request);
        return next(args);
      },
      { step: 'build', name: 'learnOrigin', priority: 'low' },
    );
  }

  /**
   * @returns null where it cannot be sent so: nothing is known of the bucket yet, or the key is no plain one.
   * @throws whatever kept it from being answered.
   */
  async send(request: KeyRequest, options: RequestOptions = {}): Promise<KeyAnswer | null> {
    if (!this.#usable() || this.#origin === null || !PLAIN_KEY.test(request.key)) return null;
    const signer = await this.#signerOnce();
    const { requestHandler, systemClockOffset } = this.#client.config;
    const signed = await signer.sign(unsigned(this.#origin, request), {
      signingDate: new Date(Date.now() + systemClockOffset),
    });
    const { response } = await requestHandler.handle(signed, options);
    return { status: response.statusCode, headers: response.headers, body: response.body };
  }

  /** Made once; it fetches keys by itself when they expire. */
  #signerOnce(): Promise<Signer> {
    this.#signer ??= this.#client.config.signer().catch((error: unknown) => {
      this.#signer = null;
      throw error;
    });
    return this.#signer;
  }

  #learn(input: object, request: unknown): void {
    if (this.#origin !== null || !('Key' in input) || typeof input.Key !== 'string' || !PLAIN_KEY.test(input.Key))
      return;
    const { protocol, hostname, port, path } = request as Request;
    if (path.endsWith(`/${input.Key}`))
      this.#origin = { protocol, hostname, port, path: path.slice(0, -input.Key.length) };
  }
}

function unsigned(origin: Origin, { method, key, headers, sha256, body }: KeyRequest): Request {
  const { protocol, hostname, port, path } = origin;
  const host = port === undefined ? hostname : `${hostname}:${port}`;
  return {
    method,
    protocol,
    hostname,
    ...(port !== undefined && { port }),
    path: `${path}${key}`,
    query: {},
    headers: { ...headers, host, 'x-amz-content-sha256': sha256 ?? (body instanceof Readable ? UNSIGNED : NOTHING) },
    ...(body !== undefined && { body }),
  };
}
