import type { KnownEvent } from '../../../schemas/wire/events.ts';
import type { TargetKind } from '../../../schemas/wire/targets.ts';
import type { Context } from '../../context.ts';
import type { Adapter, Answer, Call, Outcome, Request } from '../../webhook/adapters/adapter.ts';
import type { DeliveryResult } from '../../webhook/send.ts';
import { type SigningKey, signatureHeaders } from '../../webhook/sign.ts';
import { HIDDEN, hide, secretsOf } from './redact.ts';
import type { OpenTarget } from './target.ts';

/** What one try came to, whatever was called how. */
export type Made = {
  readonly outcome: DeliveryResult['outcome'] | 'unknown' | 'rejected';
  readonly status: number | null;
  readonly error: string | null;
  readonly response: string | null;
  readonly milliseconds: number;
  readonly retryAfter: number | null;
  /** The last request, without what is secret in it. */
  readonly request: unknown;
  readonly external: NonNullable<Outcome['external']> | null;
  readonly renewAfter: number | null;
  /** A request that must not be repeated may have been heard. */
  readonly uncertain: boolean;
};

export type Conversation = {
  readonly adapter: Adapter<TargetKind>;
  readonly opened: OpenTarget;
  readonly event: KnownEvent;
  readonly body: string;
  readonly messageId: string;
  readonly keys: readonly SigningKey[];
  readonly uncertain: boolean;
  /** Keeps that a request which must not be repeated is about to be made. */
  readonly mark: () => Promise<void>;
};

/** Far more than any adapter asks for. */
const MAX_STEPS = 12;

/** What a look may find, at most; what is kept of an answer is less. */
const LOOK = 1024 * 1024;
const KEPT = 16 * 1024;

/** Calls another system as its adapter says, request by request, until the adapter has an outcome. */
export async function converse(ctx: Pick<Context, 'send' | 'now'>, given: Conversation): Promise<Made> {
  const { adapter, opened, event, body, messageId, uncertain: before } = given;
  const call: Call<TargetKind> = { ...opened, event, body, messageId, at: ctx.now(), uncertain: before };
  const answers: Answer[] = [];
  const talk = new Talk(given);
  for (let i = 0; i < MAX_STEPS; i++) {
    const step = adapter.step(call, answers);
    if ('outcome' in step) return talk.end(step.outcome);
    const risky = step.request.decisive && !adapter.repeatable;
    if (risky) await given.mark();
    const result = await talk.make(ctx, step.request);
    const failed = failureOf(result, { risky, decisive: step.request.decisive });
    if (failed !== null) return talk.end(failed);
    answers.push({ status: result.status ?? 0, location: result.location, body: result.response ?? '' });
  }
  throw new Error(`the adapter of ${opened.target.kind} came to no end`);
}

/** What is said of a result that has no answer which the adapter could read; null when it has one. */
function failureOf(
  result: DeliveryResult,
  request: { readonly risky: boolean; readonly decisive: boolean },
): Outcome | Pick<Made, 'outcome' | 'error'> | null {
  if (result.outcome === 'blocked') return { outcome: 'blocked', error: result.error };
  // The status says it all, even if the rest of the answer was lost.
  if (result.status !== null && request.decisive) return null;
  if (result.status !== null && result.response !== null && !result.truncated) return null;
  if (result.status !== null) return { outcome: 'retryable', error: 'The answer was cut short or too long.' };
  return { outcome: request.risky && result.reached ? 'unknown' : 'retryable', error: result.error };
}

/** What was said so far: the last request and its result, and what is not known. */
class Talk {
  readonly #given: Conversation;
  readonly #secrets: readonly string[];
  #milliseconds = 0;
  #last: { readonly request: Request; readonly result: DeliveryResult } | null = null;

  constructor(given: Conversation) {
    this.#given = given;
    this.#secrets = secretsOf({ credentials: given.opened.target.credentials, event: given.event });
  }

  async make(ctx: Pick<Context, 'send' | 'now'>, asked: Request): Promise<DeliveryResult> {
    const { adapter, opened, messageId, keys } = this.#given;
    const at = ctx.now();
    const request = (await adapter.authorize?.(asked, { target: opened.target, at })) ?? asked;
    const signed = { id: messageId, at, body: request.body ?? '' };
    const signature = adapter.signed === true ? signatureHeaders(signed, keys) : {};
    const { method, url, body } = request;
    const headers = { ...request.headers, ...signature };
    const result = await ctx.send.deliver({ method, url, body, headers, maxAnswer: request.decisive ? KEPT : LOOK });
    this.#milliseconds += result.milliseconds;
    this.#last = { request: { ...request, headers }, result };
    return result;
  }

  end(outcome: Outcome | Pick<Made, 'outcome' | 'error'>): Made {
    const { request, result } = this.#last ?? {};
    const shown = (text: string): string => hide(text, this.#secrets);
    return {
      outcome: outcome.outcome,
      error: outcome.error === null ? null : shown(outcome.error),
      status: result?.status ?? null,
      response: result?.response == null ? null : this.#shownAnswer(shown(result.response), result.truncated),
      milliseconds: this.#milliseconds,
      retryAfter: result?.retryAfter ?? null,
      request: request === undefined ? null : this.#shown(request, shown),
      external: ('external' in outcome ? outcome.external : undefined) ?? null,
      renewAfter: ('renewAfter' in outcome ? outcome.renewAfter : undefined) ?? null,
      uncertain: this.#isUncertain(outcome.outcome, request),
    };
  }

  /** Where an answer was cut, so may be a secret in it, which then nobody recognises. */
  #shownAnswer(text: string, truncated: boolean): string {
    const longest = Math.max(0, ...this.#secrets.map(({ length }) => length));
    return (truncated ? text.slice(0, Math.max(0, text.length - longest)) : text).slice(0, KEPT);
  }

  #shown({ method, url, headers }: Request, shown: (text: string) => string): unknown {
    const address = this.#given.adapter.secretUrl === true ? `${new URL(url).origin}/…` : shown(url);
    const plain = Object.entries(headers).map(([name, value]) => [
      name,
      name === 'authorization' ? HIDDEN : shown(value),
    ]);
    return { method, url: address, headers: Object.fromEntries(plain) };
  }

  /** A look that finds nothing out leaves open what was open. */
  #isUncertain(outcome: Made['outcome'], request: Request | undefined): boolean {
    if (outcome === 'delivered') return false;
    if (outcome === 'unknown') return true;
    return request?.decisive === true ? false : this.#given.uncertain;
  }
}
