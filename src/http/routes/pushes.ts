import { datasetParams } from '../../../schemas/wire/datasets.ts';
import { pushObjectView, pushParams, pushView } from '../../../schemas/wire/pushes.ts';
import { pageOf, pageShape } from '../../../schemas/wire/shapes.ts';
import { type PushPosition, readPush, readPushes, readPushObjects } from '../../domain/push/read.ts';
import { foreignCursor, readCursor, writeCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { viewPush, viewPushObject } from '../views/pushes.ts';

/** What was pushed with the `dvc` command, by whom, and what became of it. */
export function pushRoutes(app: App): void {
  route(
    app,
    {
      id: 'listPushes',
      method: 'get',
      path: '/v1/datasets/{dataset}/pushes',
      tag: 'dvc',
      summary: 'List pushes with dvc, newest first',
      scope: 'data:read',
      params: datasetParams,
      query: pageShape,
      answers: { 200: { description: 'Pushes, those that run too', schema: pageOf(pushView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor } = query;
      const before = positionOf(readCursor(cursor, ''));
      const rows = await readPushes(ctx, actor, { dataset: params.dataset, before, limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1]?.session : undefined;
      const next = last === undefined ? null : writeCursor(`${last.startedAt.toISOString()} ${last.id}`);
      const items = rows.slice(0, limit).map((details) => viewPush(ctx.publicUrl(), details));
      return { status: 200, body: { items, next } };
    },
  );

  route(
    app,
    {
      id: 'getPush',
      method: 'get',
      path: '/v1/datasets/{dataset}/pushes/{push}',
      tag: 'dvc',
      summary: 'View a push',
      scope: 'data:read',
      params: pushParams,
      answers: { 200: { description: 'The push', schema: pushView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewPush(ctx.publicUrl(), await readPush(ctx, actor, params)),
    }),
  );

  route(
    app,
    {
      id: 'listPushObjects',
      method: 'get',
      path: '/v1/datasets/{dataset}/pushes/{push}/objects',
      tag: 'dvc',
      summary: 'List what was sent in a push',
      description: 'Kept for 30 days after it settled.',
      scope: 'data:read',
      params: pushParams,
      query: pageShape,
      answers: { 200: { description: 'Objects in the order in which they came', schema: pageOf(pushObjectView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor } = query;
      const after = Number(readCursor(cursor, '0'));
      if (!Number.isSafeInteger(after)) throw foreignCursor();
      const rows = await readPushObjects(ctx, actor, { ...params, after, limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const next = last === undefined ? null : writeCursor(String(last.id));
      return { status: 200, body: { items: rows.slice(0, limit).map(viewPushObject), next } };
    },
  );
}

/** A place in the list, as `writeCursor` was given it. */
function positionOf(text: string): PushPosition | null {
  if (text === '') return null;
  const [at = '', id = ''] = text.split(' ');
  const startedAt = new Date(at);
  if (Number.isNaN(startedAt.getTime()) || id === '') throw foreignCursor();
  return { startedAt, id };
}
