import type { Dispatcher } from 'undici';
import { isTidemarkError } from '../errors.ts';
import { type AddressRule, addressRule } from './address.ts';
import { type Resolve, systemResolve } from './connect.ts';
import { Connection, type KeptConnections } from './connection.ts';
import { inspectPlace } from './inspect.ts';
import { readTarget, type Target } from './target.ts';

type Delivery = {
  readonly url: string;
  /** POST when absent. */
  readonly method?: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact text that was signed. */
  readonly body: string | null;
  /** Bytes of the answer that are read. Default 16 KiB. */
  readonly maxAnswer?: number;
  /**
   * Connections to this receiver that may be used again. Only for what may be heard twice: where the receiver hangs up on
   * one of them, the request is made once more on a new one.
   */
  readonly connections?: KeptConnections | undefined;
};

/**
 * What became of one try. `delivered`: any 2xx. `refused`: 410, the receiver wants no more. `blocked`: the
 * address may not be reached. `retryable`: everything else, redirects included.
 */
export type DeliveryResult = {
  readonly outcome: 'delivered' | 'retryable' | 'refused' | 'blocked';
  readonly status: number | null;
  readonly error: string | null;
  /** The beginning of the answer, as text that a database takes. */
  readonly response: string | null;
  /** The answer has more than was read of it. */
  readonly truncated: boolean;
  readonly location: string | null;
  /** There was a connection, so that the receiver may have acted on the request whatever came of it. */
  readonly reached: boolean;
  readonly milliseconds: number;
  /** Seconds that the receiver asked to be left alone. */
  readonly retryAfter: number | null;
};

export type WebhookSender = {
  /** Makes one try. Whatever the receiver does is told in the result and never thrown. */
  readonly deliver: (delivery: Delivery) => Promise<DeliveryResult>;
  /**
   * Judges a URL before it is stored, by its form and by what its name means now. A name that cannot be
   * resolved at this moment passes if it needs no exception: deliveries judge it again.
   * @throws TidemarkError `invalid-body` or `blocked-address`.
   */
  readonly inspect: (url: string) => Promise<void>;
};

export type SenderOptions = {
  /** `address[/bits][:port]` of private receivers that may be reached. */
  readonly allow: readonly string[];
  /** Reads a `Retry-After` that is a date. */
  readonly now?: () => Date;
  /** Whole time of a try, answer included. Default 15 s. */
  readonly deadlineMilliseconds?: number;
  readonly resolve?: Resolve;
  readonly ca?: string;
};

const DEADLINE = 15_000;
const MAX_ANSWER = 16 * 1024;
const MAX_LOCATION = 2048;

/** Opens the way out. Each try has its own connection unless it was given ones to use again: nothing is shared by itself. */
export function createWebhookSender(options: SenderOptions): WebhookSender {
  const rule = addressRule(options.allow);
  const resolve = options.resolve ?? systemResolve;
  return {
    deliver: async (delivery) => {
      const started = performance.now();
      const result = await attempt(delivery, { ...options, rule, resolve });
      return { ...result, milliseconds: Math.round(performance.now() - started) };
    },
    inspect: async (url) => inspectPlace(readTarget(url, rule), { rule, resolve }),
  };
}

type Outcome = Omit<DeliveryResult, 'milliseconds'>;
type Way = SenderOptions & { rule: AddressRule; resolve: Resolve };

async function attempt(delivery: Delivery, way: Way): Promise<Outcome> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), way.deadlineMilliseconds ?? DEADLINE);
  try {
    const target = readTarget(delivery.url, way.rule);
    const by = { target, deadline: deadline.signal, now: way.now };
    const { rule, resolve, ca } = way;
    const open = () => new Connection(target, { rule, resolve, ca, kept: delivery.connections !== undefined });
    const kept = delivery.connections?.take(target.url.origin) ?? null;
    const made = await exchange(kept ?? open(), delivery, by);
    // The receiver hung up on a connection that was kept, as it may at any time: that says nothing of this request.
    const stale = kept !== null && made.broken && !made.connected && !deadline.signal.aborted;
    return (stale ? await exchange(open(), delivery, by) : made).outcome;
  } catch (error) {
    return { ...failure(error, false), ...NO_ANSWER, status: null, reached: false };
  } finally {
    clearTimeout(timer);
  }
}

const NO_ANSWER = { response: null, truncated: false, retryAfter: null, location: null } as const;

type Exchange = {
  readonly outcome: Outcome;
  /** It ended before an answer began. */
  readonly broken: boolean;
  /** It was connected for this request. */
  readonly connected: boolean;
};

/** One request and its answer. The connection is kept where it may be and nothing of the answer is left on it; else ended. */
async function exchange(
  connection: Connection,
  delivery: Delivery,
  by: { readonly target: Target; readonly deadline: AbortSignal; readonly now: (() => Date) | undefined },
): Promise<Exchange> {
  const before = connection.connected;
  let status: number | null = null;
  let whole = false;
  const ended = (outcome: Omit<Outcome, 'status' | 'reached'>): Exchange => ({
    outcome: { ...outcome, status, reached: connection.connected > 0 },
    broken: status === null,
    connected: connection.connected > before,
  });
  try {
    const answer = await connection.request(requestOf(delivery, by.target, by.deadline));
    status = answer.statusCode;
    const { location } = answer.headers;
    const read = await readAnswer(answer.body, delivery.maxAnswer ?? MAX_ANSWER);
    whole = !read.truncated;
    const wait = retryAfter(answer.headers['retry-after'], by.now?.() ?? new Date());
    const where = typeof location === 'string' ? location.slice(0, MAX_LOCATION) : null;
    return ended({ ...judge(status), ...read, retryAfter: wait, location: where });
  } catch (error) {
    return ended({ ...failure(error, by.deadline.aborted), ...NO_ANSWER });
  } finally {
    if (whole && delivery.connections !== undefined) delivery.connections.give(connection);
    else await connection.end();
  }
}

function requestOf(delivery: Delivery, target: Target, signal: AbortSignal) {
  return {
    path: `${target.url.pathname}${target.url.search}`,
    method: delivery.method ?? 'POST',
    headers: { ...delivery.headers, 'user-agent': 'Tidemark-Webhooks' },
    body: delivery.body,
    signal,
  };
}

type Judged = Pick<Outcome, 'outcome' | 'error'>;

function judge(status: number): Judged {
  if (status >= 200 && status < 300) return { outcome: 'delivered', error: null };
  if (status === 410) return { outcome: 'refused', error: 'The receiver is gone (410).' };
  const redirect = status >= 300 && status < 400;
  const error = redirect ? `Redirects are not followed (${status}).` : `The receiver answered ${status}.`;
  return { outcome: 'retryable', error };
}

/** Leaving the loop destroys the stream, and with it the connection of a receiver that never ends. */
async function readAnswer(body: AsyncIterable<Buffer>, max: number): Promise<{ response: string; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= max) break;
  }
  // PostgreSQL's text takes every character but NUL.
  const response = Buffer.concat(chunks).subarray(0, max).toString('utf8').replaceAll('\u0000', '\ufffd');
  return { response, truncated: size >= max };
}

/** Seconds from a `Retry-After` of either form; null when there is none that can be read. */
function retryAfter(header: string | string[] | undefined, now: Date): number | null {
  if (typeof header !== 'string') return null;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const until = header.endsWith('GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(until) ? null : Math.max(0, Math.ceil((until - now.getTime()) / 1000));
}

function failure(error: unknown, late: boolean): Judged {
  if (late) return { outcome: 'retryable', error: 'The receiver did not answer in time.' };
  if (isTidemarkError(error)) return { outcome: 'blocked', error: error.message };
  return { outcome: 'retryable', error: describe(error) };
}

/** A code where there is one: texts of connection errors hold addresses of the inner network. */
function describe(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = first instanceof Error && 'code' in first ? String(first.code) : 'failed';
  return `The connection did not succeed (${code}).`;
}
