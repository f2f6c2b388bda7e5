import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from '../context.ts';
import type { Actor } from '../domain/access/actor.ts';
import { recalledActor } from '../domain/access/authenticate.ts';
import { acceptSmallBatch, type SmallBatchRequest } from '../domain/log/receive/accept-batch.ts';
import { mayShareBatch } from '../domain/log/receive/accept-together.ts';
import type { AcceptedBatch } from '../domain/log/receive/record-batch.ts';
import type { RequestMetrics } from '../domain/operations/request-metrics.ts';
import { encodingOfType } from './batch-body.ts';
import { noteRefusal, type ProblemAnswer, problemAnswer } from './problem-answer.ts';
import { smallBody } from './request.ts';
import type { Ahead } from './server.ts';
import { isIdempotencyKey } from './upload.ts';

/** Addresses that need no reading: a name without escapes, and no query. */
const ADDRESS = /^\/v1\/models\/([a-zA-Z0-9][a-zA-Z0-9._-]{0,99})\/(predictions|labels)$/;
const BEARER = /^Bearer (tmk_\S+)$/;

/** Headers that say more of a body, or ask for more, than is looked at here. */
const LEFT_TO_ROUTER = ['transfer-encoding', 'content-encoding', 'expect'] as const;

type Small = Omit<SmallBatchRequest, 'body'> & { readonly actor: Actor };

/**
 * Takes small bodies of records ahead of the router, whose way costs more than such a body itself: what is sent one by
 * one comes in its thousands a second. The answers are those of the route, which takes whatever is the least unusual,
 * and who was not let in a moment ago.
 */
export function smallBatches(ctx: Context, requests: RequestMetrics): Ahead {
  return (incoming, outgoing) => {
    const small = incoming.method === 'POST' ? readSmall(ctx, incoming) : null;
    if (small === null) return false;
    void answer(ctx, small, { incoming, outgoing, requests });
    return true;
  };
}

function readSmall(ctx: Context, { url = '', headers }: IncomingMessage): Small | null {
  const [, model, kind] = ADDRESS.exec(url) ?? [];
  if (model === undefined || (kind !== 'predictions' && kind !== 'labels')) return null;
  const length = headers['content-length'];
  if (length === undefined || !/^\d{1,5}$/.test(length) || LEFT_TO_ROUTER.some((name) => name in headers)) return null;
  const announced = Number(length);
  const encoding = encodingOfType(headers['content-type']);
  if ((encoding !== 'ndjson' && encoding !== 'json') || !mayShareBatch({ encoding, announced })) return null;
  const key = headers['idempotency-key'] ?? null;
  if (key !== null && !isIdempotencyKey(key)) return null;
  const actor = actorOf(ctx, headers);
  return actor === null ? null : { model, kind, encoding, announced, idempotencyKey: key, actor };
}

/** Null for who has to be looked up, and for who is to be told that he is not let in. */
function actorOf(ctx: Context, headers: IncomingMessage['headers']): Actor | null {
  const project = headers['tidemark-project'] ?? null;
  const { authorization } = headers;
  const key = authorization === undefined ? null : BEARER.exec(authorization)?.[1];
  if (key === undefined || Array.isArray(project)) return null;
  try {
    return recalledActor(ctx, { key, project });
  } catch {
    return null;
  }
}

type Exchange = {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly requests: RequestMetrics;
};

async function answer(ctx: Context, { actor, ...small }: Small, exchange: Exchange): Promise<void> {
  const { incoming, outgoing, requests } = exchange;
  const began = performance.now();
  const id = ctx.newId('req');
  let status = 200;
  try {
    const accepted = await acceptSmallBatch(ctx, actor, { ...small, body: () => smallBody(incoming) });
    const headers = { 'content-type': 'application/json', 'x-request-id': id };
    send(outgoing, { status, headers, body: textOf(accepted) });
  } catch (error) {
    await noteRefusal(ctx, { actor: { ...actor, requestId: id }, id }, error);
    const told = problemAnswer(error, { path: incoming.url ?? '', id, log: ctx.log });
    status = told.status;
    send(outgoing, told);
  }
  const route = `/v1/models/:model/${small.kind}`;
  requests.observe({ method: 'POST', route, status, seconds: (performance.now() - began) / 1000 });
}

const texts = new WeakMap<AcceptedBatch, string>();

/** Many that share a batch get the same answer. */
function textOf(accepted: AcceptedBatch): string {
  const text = texts.get(accepted) ?? JSON.stringify(accepted);
  texts.set(accepted, text);
  return text;
}

/** As they go with every answer of the app. */
const SAFE = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' };

function send(
  outgoing: ServerResponse,
  { status, headers, body }: Pick<ProblemAnswer, 'status' | 'headers' | 'body'>,
): void {
  if (outgoing.destroyed) return;
  outgoing.writeHead(status, { ...headers, ...SAFE, 'content-length': Buffer.byteLength(body) });
  outgoing.end(body);
}
