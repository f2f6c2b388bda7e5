import type { IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream';
import { releaseChunk } from '../../domain/object/release-chunk.ts';
import { TidemarkError } from '../../errors.ts';
import { readAgain } from '../../socket-memory.ts';

/** An import would evaluate all that these modules export, a whole second client among it: a third of our start. */
const load = createRequire(import.meta.url);

/** One HTTP request. A body in memory is sent from there, without a copy. */
export type Outgoing = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | Uint8Array | string | undefined;
  readonly signal: AbortSignal | undefined;
};

/** Whatever was answered, whether good or bad. */
export type Reply = {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * The body once more, without an iterator in between: `take` is given each chunk, which is its own, and may name
   * what has to be awaited before the next.
   * @throws TidemarkError `upload-aborted` when it broke off, and what `take` throws.
   */
  readonly pour: (take: (chunk: Uint8Array) => Promise<void> | null) => Promise<void>;
  readonly bytes: () => Promise<Buffer>;
};

/**
 * Sends requests to one address over connections that are kept. Not `fetch`: that copies every body it sends, and
 * for what goes through here that is most of the work.
 */
export function createTransport(base: string): (outgoing: Outgoing) => Promise<Reply> {
  const secure = base.startsWith('https:');
  // Both have what is used here, and `require` has no types of its own.
  const kind = load(secure ? 'node:https' : 'node:http') as Pick<typeof import('node:http'), 'Agent' | 'request'>;
  // TLS hands on what it has deciphered, in memory of its own.
  const agent = new kind.Agent({ keepAlive: true, ...(secure ? {} : { onread: readAgain() }) });
  return ({ method, target, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      let answered = false;
      const request = kind.request(target, { method, agent, headers, ...(signal === undefined ? {} : { signal }) });
      request.once('response', (response) => {
        answered = true;
        resolve(replyOf(response));
      });
      // After the answer it is the body that says so: the service may refuse an upload before its end.
      request.on('error', (cause) => {
        if (!answered) reject(unreachable(base, cause));
      });
      if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) request.end(body);
      else {
        pipeline(body, releasing(request), request, (error) => {
          if (!answered && error) reject(body.errored === error ? unreadable(error) : unreachable(base, error));
        });
      }
    });
}

/** The chunks of a body, whose memory is given back when they have left for the network. */
function releasing(request: Writable): (body: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array> {
  return async function* (body) {
    const given: Uint8Array[] = [];
    for await (const chunk of body) {
      yield chunk;
      given.push(chunk);
      // What is written counts there until the kernel has it.
      if (request.writableLength > 0) continue;
      for (const left of given.splice(0)) releaseChunk(left);
    }
  };
}

function replyOf(response: IncomingMessage): Reply {
  const { headers, statusCode: status = 0 } = response;
  return {
    status,
    header: (name) => headers[name]?.toString(),
    body: response,
    pour: (take) => pour(response, take),
    bytes: async () => {
      try {
        const chunks: Uint8Array[] = [];
        for await (const chunk of response) chunks.push(chunk as Uint8Array);
        return Buffer.concat(chunks);
      } catch (cause) {
        throw new TidemarkError('store-unavailable', 'The service broke off in the middle of its answer.', { cause });
      }
    },
  };
}

function pour(response: IncomingMessage, take: (chunk: Uint8Array) => Promise<void> | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const give = (chunk: Uint8Array): void => {
      try {
        const full = take(chunk);
        if (full === null) return;
        response.pause();
        full.then(() => response.resume()).catch(fail);
      } catch (error) {
        fail(error);
      }
    };
    const fail = (error: unknown): void => {
      response.off('data', give);
      reject(error);
      response.destroy();
    };
    response.on('data', give);
    response.once('end', resolve);
    response.once('error', (cause) => fail(brokenOff(cause)));
  });
}

/** That a body ended before its end. */
export function brokenOff(cause: unknown): TidemarkError {
  return new TidemarkError(
    'upload-aborted',
    'The service broke off before the last byte; what is whole is kept, pull again for the rest.',
    { cause },
  );
}

/** Codes of the system where nobody is at the address. */
const NOBODY: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
]);

/** OpenSSL's word for an answer that is no TLS, as a server's of plain HTTP is none. */
const speaksPlainly = (cause: Error): boolean =>
  'code' in cause && cause.code === 'EPROTO' && cause.message.includes('wrong version number');

function unreachable(base: string, cause: Error): TidemarkError {
  const { origin } = new URL(base);
  const nobody = 'code' in cause && typeof cause.code === 'string' && NOBODY.has(cause.code);
  // A certificate that is not trusted, a connection that was reset.
  const why = nobody
    ? `No Tidemark service answers at ${origin}; start one with "npm start", or name yours with --url.`
    : speaksPlainly(cause)
      ? `What answers at ${origin} does not speak HTTPS; is its address http://${new URL(base).host}?`
      : `The connection to ${origin} broke off before an answer: ${cause.message}.`;
  return new TidemarkError('store-unavailable', why, { cause });
}

function unreadable(cause: Error): TidemarkError {
  return new TidemarkError('bad-path', `A file cannot be read: ${cause.message}.`, { cause });
}
