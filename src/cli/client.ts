import type { Readable } from 'node:stream';
import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, TidemarkError } from '../errors.ts';
import { createTransport, type Reply } from './transport.ts';

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
};

type CallOptions = {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly body?: Readable | Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export type ClientOptions = {
  readonly url: string;
  readonly key: string | undefined;
  readonly project: string | undefined;
};

const problem = z.looseObject({ type: z.string(), detail: z.string(), errors: z.array(z.unknown()).optional() });

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
  const open = async (method: string, path: string, given: CallOptions = {}): Promise<Reply> => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(given.query ?? {})) if (value !== undefined) query.set(name, value);
    const target = `${base}${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
    const body = given.json === undefined ? given.body : JSON.stringify(given.json);
    const headers = headersOf(options, given);
    const reply = await reach({ method, target, headers, body, signal: given.signal });
    if (reply.status < 200 || reply.status > 299) throw await problemOf(reply);
    return reply;
  };
  return {
    url: base,
    open,
    send: async (method, path, given) => {
      await (await open(method, path, given)).bytes();
    },
    call: async (shape, method, path, given) => answerOf(shape, await open(method, path, given), base + path),
  };
}

async function answerOf<S extends z.ZodType>(shape: S, reply: Reply, address: string): Promise<z.output<S>> {
  const bytes = await reply.bytes();
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
  const text = (await reply.bytes()).toString('utf8');
  try {
    const parsed = problem.parse(JSON.parse(text));
    const name = parsed.type.slice(parsed.type.lastIndexOf('/') + 1);
    const code: ErrorCode = ERROR_CODES.find((known) => known === name) ?? 'internal';
    return new TidemarkError(code, parsed.detail, {
      details: { status: reply.status, errors: parsed.errors ?? [] },
    });
  } catch {
    const moved = reply.header('location');
    const where = moved === undefined ? '' : `; it points to ${moved}`;
    return new TidemarkError('internal', `The service answered ${reply.status} and no problem of its own${where}.`);
  }
}
