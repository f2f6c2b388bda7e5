import { z } from 'zod';
import { addressedShape, pageOf } from '../../../schemas/wire/shapes.ts';
import {
  issuedWebhookView,
  messageDetail,
  messageQuery,
  messageView,
  redeliveryRequest,
  redeliveryView,
  rotationRequest,
  webhookChange,
  webhookRequest,
  webhookView,
} from '../../../schemas/wire/webhooks.ts';
import {
  changeEndpoint,
  createEndpoint,
  readEndpoint,
  readEndpoints,
  removeEndpoint,
  rotateSecret,
} from '../../domain/webhook/endpoints.ts';
import { readMessage, readMessages, redeliverMessage, redeliverMessages } from '../../domain/webhook/messages.ts';
import { testEndpoint } from '../../domain/webhook/test-endpoint.ts';
import { readIdCursor, writeIdCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { viewEndpoint, viewIssued, viewMessage, viewMessageDetail } from '../views/webhooks.ts';

const idParam = z.strictObject({ id: addressedShape });
const tag = 'webhooks';

/** Receivers of events, the messages to them and every try. */
export function webhookRoutes(app: App): void {
  endpointRoutes(app);
  deliveryRoutes(app);
  messageRoutes(app);
}

function endpointRoutes(app: App): void {
  route(
    app,
    {
      id: 'createWebhook',
      method: 'post',
      path: '/v1/webhooks',
      tag,
      summary: 'Register a receiver',
      description:
        'The answer shows its secret, once (and to a repetition with the same Idempotency-Key). Deliveries are signed as Standard Webhooks 1.0.0 says.',
      scope: 'webhooks:write',
      body: webhookRequest,
      idempotent: true,
      answers: { 201: { description: 'The receiver with its secret', schema: issuedWebhookView } },
    },
    async ({ c, ctx, actor, body }) => {
      const idempotencyKey = idempotencyKeyOf(c);
      const issued = await createEndpoint(ctx, actor, {
        url: body.url,
        target: body.target,
        signature: body.signature,
        secret: body.secret,
        ...wishesOf(body),
        idempotencyKey,
      });
      return { status: 201, body: viewIssued(ctx, issued) };
    },
  );
  route(
    app,
    {
      id: 'listWebhooks',
      method: 'get',
      path: '/v1/webhooks',
      tag,
      summary: 'List receivers',
      scope: 'webhooks:read',
      answers: { 200: { description: 'The receivers', schema: z.strictObject({ items: z.array(webhookView) }) } },
    },
    async ({ ctx, actor }) => ({
      status: 200,
      body: { items: (await readEndpoints(ctx, actor)).map((row) => viewEndpoint(ctx, row)) },
    }),
  );
  route(
    app,
    {
      id: 'getWebhook',
      method: 'get',
      path: '/v1/webhooks/{id}',
      tag,
      summary: 'One receiver',
      scope: 'webhooks:read',
      params: idParam,
      answers: { 200: { description: 'The receiver', schema: webhookView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewEndpoint(ctx, await readEndpoint(ctx, actor, params.id)),
    }),
  );
  route(
    app,
    {
      id: 'updateWebhook',
      method: 'patch',
      path: '/v1/webhooks/{id}',
      tag,
      summary: 'Enable, disable or describe a receiver, or choose its events and limits',
      scope: 'webhooks:write',
      params: idParam,
      body: webhookChange,
      answers: { 200: { description: 'The receiver as it is now', schema: webhookView } },
    },
    async ({ ctx, actor, params, body }) => {
      const { state, target } = body;
      const endpoint = await changeEndpoint(ctx, actor, { id: params.id, state, target, ...wishesOf(body) });
      return { status: 200, body: viewEndpoint(ctx, endpoint) };
    },
  );
  route(
    app,
    {
      id: 'deleteWebhook',
      method: 'delete',
      path: '/v1/webhooks/{id}',
      tag,
      summary: 'Remove a receiver with the record of its deliveries',
      scope: 'webhooks:write',
      params: idParam,
      answers: { 204: { description: 'Removed', schema: null } },
    },
    async ({ ctx, actor, params }) => {
      await removeEndpoint(ctx, actor, params.id);
      return { status: 204, body: null };
    },
  );
}

/** The members of a request that a registration and a change have in common. */
function wishesOf(body: z.output<typeof webhookChange> | z.output<typeof webhookRequest>) {
  const { description, events, matchers, max_in_flight: maxInFlight, rate_per_minute: ratePerMinute } = body;
  return { description, events, matchers, maxInFlight, ratePerMinute, digestSeconds: body.digest_seconds };
}

function deliveryRoutes(app: App): void {
  route(
    app,
    {
      id: 'rotateWebhookSecret',
      method: 'post',
      path: '/v1/webhooks/{id}/rotate-secret',
      tag,
      summary: 'Give a receiver another secret',
      description:
        'The former one signs beside it for `overlap_seconds` (a day when absent), so that the receiver can change over; with 0 every former one ends at once. The answer shows the new secret, once (and to a repetition with the same Idempotency-Key).',
      scope: 'webhooks:write',
      params: idParam,
      body: rotationRequest,
      idempotent: true,
      answers: { 200: { description: 'The receiver with its new secret', schema: issuedWebhookView } },
    },
    async ({ c, ctx, actor, params, body }) => {
      const { overlap_seconds: overlapSeconds, signature, secret } = body;
      const idempotencyKey = idempotencyKeyOf(c);
      const asked = { id: params.id, overlapSeconds, signature, secret, idempotencyKey };
      return { status: 200, body: viewIssued(ctx, await rotateSecret(ctx, actor, asked)) };
    },
  );
  route(
    app,
    {
      id: 'redeliverMessages',
      method: 'post',
      path: '/v1/webhooks/{id}/redeliver',
      tag,
      summary: 'Try many messages again, now',
      description:
        'Those that failed or were discarded, of a span of time or all of them, the oldest first and at most 10,000 in one call. Each keeps its id.',
      scope: 'webhooks:write',
      params: idParam,
      body: redeliveryRequest,
      answers: { 202: { description: 'How many will be tried', schema: redeliveryView } },
    },
    async ({ ctx, actor, params, body }) => {
      const { since, until, states } = body;
      const range = {
        since: since === undefined ? null : new Date(since),
        until: until === undefined ? null : new Date(until),
        ...(states === undefined ? {} : { states }),
      };
      return { status: 202, body: await redeliverMessages(ctx, actor, { endpoint: params.id, ...range }) };
    },
  );
  route(
    app,
    {
      id: 'testWebhook',
      method: 'post',
      path: '/v1/webhooks/{id}/test',
      tag,
      summary: 'Send a test event',
      description: 'A webhook.test takes the very path of every other message; look at it under /v1/messages/{id}.',
      scope: 'webhooks:write',
      params: idParam,
      answers: {
        202: { description: 'It will be sent', schema: z.strictObject({ message: z.string() }).meta({ id: 'Test' }) },
      },
    },
    async ({ ctx, actor, params }) => {
      const message = await testEndpoint(ctx, actor, params.id);
      return { status: 202, body: { message }, headers: { location: `${ctx.publicUrl()}/v1/messages/${message}` } };
    },
  );
}

function messageRoutes(app: App): void {
  route(
    app,
    {
      id: 'listMessages',
      method: 'get',
      path: '/v1/webhooks/{id}/messages',
      tag,
      summary: 'Messages to a receiver, newest first',
      scope: 'webhooks:read',
      params: idParam,
      query: messageQuery,
      answers: { 200: { description: 'A page of messages', schema: pageOf(messageView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { items, next } = await readMessages(ctx, actor, {
        ...query,
        endpoint: params.id,
        cursor: readIdCursor(query.cursor, 'msg'),
      });
      return { status: 200, body: { items: items.map(viewMessage), next: writeIdCursor(next) } };
    },
  );
  route(
    app,
    {
      id: 'getMessage',
      method: 'get',
      path: '/v1/messages/{id}',
      tag,
      summary: 'A message with every try to deliver it',
      scope: 'webhooks:read',
      params: idParam,
      answers: { 200: { description: 'The message', schema: messageDetail } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewMessageDetail(await readMessage(ctx, actor, params.id)),
    }),
  );
  route(
    app,
    {
      id: 'redeliverMessage',
      method: 'post',
      path: '/v1/messages/{id}/redeliver',
      tag,
      summary: 'Try a message again, now',
      description: 'Its id stays the same, so that a receiver that had it knows it again.',
      scope: 'webhooks:write',
      params: idParam,
      answers: { 202: { description: 'It will be tried', schema: messageDetail } },
    },
    async ({ ctx, actor, params }) => ({
      status: 202,
      body: viewMessageDetail(await redeliverMessage(ctx, actor, params.id)),
    }),
  );
}
