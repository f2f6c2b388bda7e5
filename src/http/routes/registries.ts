import { z } from 'zod';
import {
  issuedRegistryView,
  registryAnswer,
  registryEventQuery,
  registryEventView,
  registryNotice,
  registryRequest,
  registryView,
} from '../../../schemas/wire/registries.ts';
import { addressedShape, pageOf } from '../../../schemas/wire/shapes.ts';
import { checkDelivery, followRegistry } from '../../domain/promotion/follow-registry.ts';
import {
  createRegistry,
  readRegistries,
  readRegistry,
  readRegistryEvents,
  removeRegistry,
} from '../../domain/promotion/registries.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type HttpContext, readBody } from '../request.ts';
import { type App, parsePart, route } from '../route.ts';
import { parseStrictJson } from '../strict-json.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { viewAnswer, viewEvent, viewRegistry } from '../views/registries.ts';

const tag = 'retraining';
const registryParam = z.strictObject({ registry: addressedShape });

/** What a registry says is a few names; its webhooks for other events may hold more. */
const MAX_NOTICE = 64 * 1024;

/** Model registries whose alias says which version is in service. */
export function registryRoutes(app: App): void {
  createRoute(app);
  readRoutes(app);
  noticeRoute(app);
}

function createRoute(app: App): void {
  route(
    app,
    {
      id: 'createRegistry',
      method: 'post',
      path: '/v1/registries',
      tag,
      summary: 'Let a model registry promote',
      description:
        'The answer shows where its webhook is to be sent and the secret that it has to sign with, once (and to a repetition with the same Idempotency-Key).',
      scope: 'retraining:write',
      body: registryRequest,
      idempotent: true,
      answers: { 201: { description: 'The registry with its secret', schema: issuedRegistryView } },
    },
    async ({ c, ctx, actor, body }) => {
      const { version_prefix: versionPrefix, ...given } = body;
      const idempotencyKey = idempotencyKeyOf(c);
      const { registry, secret } = await createRegistry(ctx, actor, { ...given, versionPrefix, idempotencyKey });
      return { status: 201, body: { ...viewRegistry(ctx, registry), secret } };
    },
  );
}

function readRoutes(app: App): void {
  route(
    app,
    {
      id: 'listRegistries',
      method: 'get',
      path: '/v1/registries',
      tag,
      summary: 'List model registries',
      scope: 'retraining:read',
      answers: { 200: { description: 'The registries', schema: z.strictObject({ items: z.array(registryView) }) } },
    },
    async ({ ctx, actor }) => ({
      status: 200,
      body: { items: (await readRegistries(ctx, actor)).map((row) => viewRegistry(ctx, row)) },
    }),
  );
  route(
    app,
    {
      id: 'getRegistry',
      method: 'get',
      path: '/v1/registries/{registry}',
      tag,
      summary: 'One model registry',
      scope: 'retraining:read',
      params: registryParam,
      answers: { 200: { description: 'The registry', schema: registryView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewRegistry(ctx, await readRegistry(ctx, actor, params.registry)),
    }),
  );
  route(
    app,
    {
      id: 'deleteRegistry',
      method: 'delete',
      path: '/v1/registries/{registry}',
      tag,
      summary: 'Remove a model registry with what it has said',
      description: 'What it has promoted stays in service.',
      scope: 'retraining:write',
      params: registryParam,
      answers: { 204: { description: 'Removed', schema: null } },
    },
    async ({ ctx, actor, params }) => {
      await removeRegistry(ctx, actor, params.registry);
      return { status: 204, body: null };
    },
  );
  route(
    app,
    {
      id: 'listRegistryEvents',
      method: 'get',
      path: '/v1/registries/{registry}/events',
      tag,
      summary: 'What a model registry has said and what came of it, newest first',
      scope: 'retraining:read',
      params: registryParam,
      query: registryEventQuery,
      answers: { 200: { description: 'A page of events', schema: pageOf(registryEventView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const before = query.cursor === undefined ? null : readCursor(query.cursor, 0);
      const { items, next } = await readRegistryEvents(ctx, actor, { ...params, limit: query.limit, before });
      return { status: 200, body: { items: items.map(viewEvent), next: next === null ? null : writeCursor(next) } };
    },
  );
}

function noticeRoute(app: App): void {
  route(
    app,
    {
      id: 'receiveRegistryEvent',
      method: 'post',
      path: '/v1/registries/{registry}/events',
      tag,
      summary: "Take what a model registry's webhook says",
      description:
        'For MLflow: signed by X-MLflow-Signature over X-MLflow-Delivery-Id, X-MLflow-Timestamp and the body. A version that gets the alias is promoted; a delivery that comes again is answered as it was the first time, and whatever else the registry says is ignored.',
      scope: 'public',
      params: registryParam,
      raw: { mediaTypes: [], description: 'The event', json: registryNotice },
      answers: {
        200: { description: 'What came of it', schema: registryAnswer },
        202: { description: 'The version is not known yet and is waited for', schema: registryAnswer },
      },
    },
    async ({ c, ctx, params }) => {
      const body = await textOf(c);
      const id = c.req.header('x-mlflow-delivery-id') ?? null;
      const timestamp = c.req.header('x-mlflow-timestamp') ?? null;
      const signature = c.req.header('x-mlflow-signature') ?? null;
      await checkDelivery(ctx, { ...params, id, timestamp, signature, body });
      const notice = parsePart(registryNotice, parseStrictJson(body), 'body');
      const taken = await followRegistry(ctx, { ...params, id: id ?? '', body, notice });
      return { status: taken.outcome === 'waiting' ? 202 : 200, body: viewAnswer(taken) };
    },
  );
}

/** The body as it was signed. What is no UTF-8 has no signature that would be right. */
async function textOf(c: HttpContext): Promise<string> {
  return Buffer.from(await readBody(c, MAX_NOTICE)).toString('utf8');
}
