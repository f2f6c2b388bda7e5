import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { type ErrorCode, isTidemarkError, TidemarkError } from '../../errors.ts';
import { parseProblem } from './problem-document.ts';
import { Passing, waitOf, withRetries } from './retry.ts';
import { createTransport, type Outgoing, type Reply } from './transport.ts';

/** The HTTP API as the command line sees it: the same calls that anybody makes with `curl`. */
export type Client = {
  readonly url: string;
  /** @throws TidemarkError the service's own problem, or `store-unavailable` when it cannot be reached. */
  readonly call: <S extends z.ZodType>(
    shape: S,
    method: string,
    path: string,
    options?: CallOptions,
  ) => Promise<z.output<S>>;
  /** The same where nothing but success matters. */
  readonly send: (method: string, path: string, options?: CallOptions) => Promise<void>;
  /** The same for answers that are not JSON. Read the body to its end: until then it holds a connection. */
  readonly open: (method: string, path: string, options?: CallOptions) => Promise<Reply>;
  /** Does something anew, with waits between, while it ends in bytes that broke off or in a lost connection. */
  readonly repeat: <T>(attempt: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
};

type CallOptions = {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  /** A stream is made anew for each try. */
  readonly body?: (() => Readable) | Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Who sends it, on connections of its own; this client unless given. */
  readonly through?: (outgoing: Outgoing) => Promise<Reply>;
};

export type ClientOptions = {
  readonly url: string;
  readonly key: string | undefined;
  readonly project: string | undefined;
  /** Told before each wait for a service that does not answer, or is too busy to. */
  readonly onWait?: (milliseconds: number, cause: unknown) => void;
};

/** Answers of a service, or of what stands before it, that will be another in a moment. */
const PASSING = new Set([408, 429, 502, 503, 504]);

/**
 * Makes a client of one service and project.
 * @throws TidemarkError `invalid-configuration` for an address that is none.
 */
export function createClient(options: ClientOptions): Client {
  const base = options.url.replace(/\/$/, '');
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) {
    throw new TidemarkError(
      'invalid-configuration',
      `"${options.url}" is no address of a service; give one like http://127.0.0.1:8490.`,
    );
  }
  const reach = createTransport(base);
  // A service that was never there is an address mistyped: that is said at once.
  let reached = false;
  const retrying = {
    random: Math.random,
    onWait: options.onWait ?? (() => {}),
    worthIt: () => reached,
  };
  const tryOnce = async <T>(sending: Promise<Reply>, read: (reply: Reply) => Promise<T>): Promise<T> => {
    const reply = await sending;
    reached = true;
    if (reply.status >= 200 && reply.status <= 299) return read(reply);
    const error = await problemOf(reply);
    throw PASSING.has(reply.status) ? new Passing(error, waitOf(reply.header('retry-after'))) : error;
  };
  const exchange = async <T>(request: Request, read: (reply: Reply) => Promise<T>): Promise<T> => {
    const { method, path, given } = request;
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(given.query ?? {})) if (value !== undefined) query.set(name, value);
    const target = `${base}${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
    const sent = given.json === undefined ? given.body : JSON.stringify(given.json);
    const fixed = { method, target, headers: headersOf(options, given), signal: given.signal };
    // Every mutation of the service can be repeated safely, also one whose answer was lost.
    const send = given.through ?? reach;
    const attempt = () => tryOnce(send({ ...fixed, body: typeof sent === 'function' ? sent() : sent }), read);
    return withRetries(passingWhen('store-unavailable', attempt), { ...retrying, signal: given.signal });
  };
  return {
    url: base,
    open: (method, path, given = {}) => exchange({ method, path, given }, async (reply) => reply),
    send: async (method, path, given = {}) => {
      await exchange({ method, path, given }, (reply) => reply.bytes());
    },
    call: async (shape, method, path, given = {}) => {
      const bytes = await exchange({ method, path, given }, (reply) => reply.bytes());
      return answerOf(shape, bytes, base + path);
    },
    repeat: (attempt, signal) => withRetries(passingWhen('upload-aborted', attempt), { ...retrying, signal }),
  };
}

type Request = { readonly method: string; readonly path: string; readonly given: CallOptions };

function passingWhen<T>(code: ErrorCode, attempt: () => Promise<T>): () => Promise<T> {
  return () =>
    attempt().catch((error: unknown) => {
      throw isTidemarkError(error, code) ? new Passing(error) : error;
    });
}

function answerOf<S extends z.ZodType>(shape: S, bytes: Buffer, address: string): z.output<S> {
  try {
    return shape.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    const { origin, pathname } = new URL(address);
    throw new TidemarkError(
      'internal',
      `What ${origin} answered at ${pathname} is no answer of a Tidemark service of this version.`,
      { cause },
    );
  }
}

function headersOf(options: ClientOptions, given: CallOptions): Record<string, string> {
  return {
    ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
    ...(options.project === undefined ? {} : { 'tidemark-project': options.project }),
    ...(given.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...given.headers,
  };
}

/** A problem document back into the error it came from. */
async function problemOf(reply: Reply): Promise<TidemarkError> {
  const problem = parseProblem((await reply.bytes()).toString('utf8'));
  if (problem !== null) {
    const { code, detail, errors } = problem;
    return new TidemarkError(code, detail, { details: { status: reply.status, errors } });
  }
  const moved = reply.header('location');
  const where = moved === undefined ? '' : `; it points to ${moved}`;
  return new TidemarkError('internal', `The service answered ${reply.status} and no problem of its own${where}.`);
}
