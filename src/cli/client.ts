import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, TidemarkError } from '../errors.ts';

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
  /** The same for answers that are not JSON. */
  readonly open: (method: string, path: string, options?: CallOptions) => Promise<Response>;
};

type CallOptions = {
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly json?: unknown;
  readonly body?: ReadableStream<Uint8Array> | Uint8Array | string;
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
  const open = async (method: string, path: string, given: CallOptions = {}): Promise<Response> => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(given.query ?? {})) if (value !== undefined) query.set(name, value);
    const target = `${base}${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
    const signal = given.signal === undefined ? {} : { signal: given.signal };
    const response = await reach(target, { method, ...bodyOf(given), ...signal, headers: headersOf(options, given) });
    if (!response.ok) throw await problemOf(response);
    return response;
  };
  return {
    url: base,
    open,
    call: async (shape, method, path, given) => {
      const response = await open(method, path, given);
      return answerOf(shape, response);
    },
  };
}

async function answerOf<S extends z.ZodType>(shape: S, response: Response): Promise<z.output<S>> {
  try {
    return shape.parse(await response.json());
  } catch (cause) {
    const { origin, pathname } = new URL(response.url);
    throw new TidemarkError(
      'internal',
      `What ${origin} answered at ${pathname} is no answer of a Tidemark service of this version.`,
      { cause },
    );
  }
}

function bodyOf(given: CallOptions): RequestInit {
  if (given.json !== undefined) return { body: JSON.stringify(given.json) };
  // A stream can only be sent by fetch when it is declared as one-way.
  return given.body === undefined ? {} : { body: given.body, duplex: 'half' };
}

function headersOf(options: ClientOptions, given: CallOptions): Record<string, string> {
  return {
    ...(options.key === undefined ? {} : { authorization: `Bearer ${options.key}` }),
    ...(options.project === undefined ? {} : { 'tidemark-project': options.project }),
    ...(given.json === undefined ? {} : { 'content-type': 'application/json' }),
    ...given.headers,
  };
}

async function reach(target: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, init);
  } catch (cause) {
    const { origin } = new URL(target);
    throw new TidemarkError(
      'store-unavailable',
      `No Tidemark service answers at ${origin}; start one with "npm start", or name yours with --url.`,
      {
        cause,
      },
    );
  }
}

/** A problem document back into the error it came from. */
async function problemOf(response: Response): Promise<TidemarkError> {
  const text = await response.text();
  try {
    const parsed = problem.parse(JSON.parse(text));
    const name = parsed.type.slice(parsed.type.lastIndexOf('/') + 1);
    const code: ErrorCode = ERROR_CODES.find((known) => known === name) ?? 'internal';
    return new TidemarkError(code, parsed.detail, {
      details: { status: response.status, errors: parsed.errors ?? [] },
    });
  } catch {
    return new TidemarkError('internal', `The service answered ${response.status} ${response.statusText}.`);
  }
}
