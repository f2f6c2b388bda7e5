import { z } from 'zod';
import {
  monitorChange,
  monitorDetail,
  monitorPut,
  monitorRevisionView,
  monitorsRequest,
  monitorView,
} from '../../../schemas/wire/monitors.ts';
import { addressedShape, pageOf, pageShape } from '../../../schemas/wire/shapes.ts';
import { deleteMonitor } from '../../domain/alert/delete-monitor.ts';
import { changeMonitor } from '../../domain/monitor/change.ts';
import { createMonitor, createMonitors } from '../../domain/monitor/create.ts';
import { putMonitor } from '../../domain/monitor/put.ts';
import { readModelMonitors, readMonitor, readMonitors, readRevisions } from '../../domain/monitor/read.ts';
import { TidemarkError } from '../../errors.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { viewLinted, viewMonitor, viewRevision } from '../views/monitors.ts';

const modelParams = z.strictObject({ model: addressedShape });
const monitorParams = z.strictObject({ model: addressedShape, monitor: addressedShape });

const madeView = z.union([monitorDetail, z.strictObject({ items: z.array(monitorDetail) })]);

/** Monitors and their configurations. */
export function monitorRoutes(app: App): void {
  listRoutes(app);
  configurationRoutes(app);
  replacementRoutes(app);
}

function listRoutes(app: App): void {
  route(
    app,
    {
      id: 'listAllMonitors',
      method: 'get',
      path: '/v1/monitors',
      tag: 'monitors',
      summary: 'List monitors',
      scope: 'monitors:read',
      query: pageShape,
      answers: { 200: { description: 'Monitors by model and name', schema: pageOf(monitorView) } },
    },
    async ({ ctx, actor, query }) => {
      const { limit, cursor } = query;
      const found = await readMonitors(ctx, actor, { after: afterOf(cursor), limit: limit + 1 });
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1)?.monitor : undefined;
      const next = last === undefined ? null : writeCursor(`${last.model}/${last.name}`);
      return { status: 200, body: { items: items.map(viewMonitor), next } };
    },
  );

  route(
    app,
    {
      id: 'listMonitors',
      method: 'get',
      path: '/v1/models/{model}/monitors',
      tag: 'monitors',
      summary: "List a model's monitors",
      scope: 'monitors:read',
      params: modelParams,
      answers: { 200: { description: 'Monitors by name', schema: z.strictObject({ items: z.array(monitorView) }) } },
    },
    async ({ ctx, actor, params }) => {
      const found = await readModelMonitors(ctx, actor, params.model);
      return { status: 200, body: { items: found.map(viewMonitor) } };
    },
  );

  route(
    app,
    {
      id: 'createMonitors',
      method: 'post',
      path: '/v1/models/{model}/monitors',
      tag: 'monitors',
      summary: 'Make a monitor, or several',
      description:
        'A list makes several, all or none of them. A name alone is enough: windows of a day against the version the model was trained on. All that was logged before is judged too. `lints` says what is wrong with the configuration. Repeating it answers 200 with the monitor that exists.',
      scope: 'monitors:write',
      params: modelParams,
      body: monitorsRequest,
      answers: {
        200: { description: 'It exists, or all of the list do', schema: madeView },
        201: { description: 'It was made, or some of the list were', schema: madeView },
      },
    },
    async ({ ctx, actor, params, body }) => {
      if (Array.isArray(body)) {
        const { monitors, created } = await createMonitors(ctx, actor, { ...params, monitors: body });
        return { status: created > 0 ? 201 : 200, body: { items: monitors.map(viewLinted) } };
      }
      const made = await createMonitor(ctx, actor, { model: params.model, ...body });
      return { status: made.created ? 201 : 200, body: viewLinted(made), headers: tagOf(made.newest) };
    },
  );
}

/** Names hold no slash, so one parts them. */
function afterOf(cursor: string | undefined): { model: string; name: string } | null {
  const [model = '', name = ''] = readCursor(cursor, '').split('/');
  return cursor === undefined ? null : { model, name };
}

const tagOf = (revision: number): Record<string, string> => ({ etag: `"${revision}"` });

function configurationRoutes(app: App): void {
  route(
    app,
    {
      id: 'getMonitor',
      method: 'get',
      path: '/v1/models/{model}/monitors/{monitor}',
      tag: 'monitors',
      summary: 'Show a monitor',
      scope: 'monitors:read',
      params: monitorParams,
      answers: { 200: { description: 'The monitor; its ETag is its newest revision', schema: monitorDetail } },
    },
    async ({ ctx, actor, params }) => {
      const found = await readMonitor(ctx, actor, params);
      return { status: 200, body: viewLinted(found), headers: tagOf(found.newest) };
    },
  );

  route(
    app,
    {
      id: 'updateMonitor',
      method: 'patch',
      path: '/v1/models/{model}/monitors/{monitor}',
      tag: 'monitors',
      summary: 'Change a monitor',
      description:
        'Makes a new revision of its configuration, in force for windows that start at or after `effective_from` (event time; by default the watermark). Windows that closed from there on are judged again, and what is scheduled for later is changed alike. With `If-Match` a change made on an older revision is refused.',
      scope: 'monitors:write',
      params: monitorParams,
      body: monitorChange,
      answers: { 200: { description: 'The monitor as it is now', schema: monitorDetail } },
    },
    async ({ c, ctx, actor, params, body }) => {
      const onRevision = expectedRevision(c.req.header('if-match'));
      const changed = await changeMonitor(ctx, actor, { ...params, change: body, onRevision });
      return { status: 200, body: viewLinted(changed), headers: tagOf(changed.newest) };
    },
  );

  route(
    app,
    {
      id: 'listMonitorRevisions',
      method: 'get',
      path: '/v1/models/{model}/monitors/{monitor}/revisions',
      tag: 'monitors',
      summary: "List a monitor's configurations",
      scope: 'monitors:read',
      params: monitorParams,
      answers: {
        200: { description: 'Newest first', schema: z.strictObject({ items: z.array(monitorRevisionView) }) },
      },
    },
    async ({ ctx, actor, params }) => {
      const found = await readRevisions(ctx, actor, params);
      return { status: 200, body: { items: found.map(viewRevision) } };
    },
  );
}

function replacementRoutes(app: App): void {
  route(
    app,
    {
      id: 'putMonitor',
      method: 'put',
      path: '/v1/models/{model}/monitors/{monitor}',
      tag: 'monitors',
      summary: 'Make a monitor what is asked for',
      description:
        'Makes it, or changes it to what the body says, with the standard for what it does not say, from its watermark on and in the place of what is scheduled. Repeating it changes nothing. With `If-Match` a change made on an older revision is refused.',
      scope: 'monitors:write',
      params: monitorParams,
      body: monitorPut,
      answers: {
        200: { description: 'The monitor as it is now', schema: monitorDetail },
        201: { description: 'It was made', schema: monitorDetail },
      },
    },
    async ({ c, ctx, actor, params, body }) => {
      const onRevision = expectedRevision(c.req.header('if-match'));
      const put = await putMonitor(ctx, actor, { ...params, wanted: body, onRevision });
      return { status: put.created ? 201 : 200, body: viewLinted(put), headers: tagOf(put.newest) };
    },
  );

  route(
    app,
    {
      id: 'deleteMonitor',
      method: 'delete',
      path: '/v1/models/{model}/monitors/{monitor}',
      tag: 'monitors',
      summary: 'Delete a monitor',
      description:
        'It judges nothing any more, and its name is free. Its reports stay: they are read and replayed by their ids, and keep what they were computed from. Refused while an alert of it is open, an enabled policy starts from it, or another monitor is compared with its windows.',
      scope: 'monitors:write',
      params: monitorParams,
      answers: { 204: { description: 'It is gone', schema: null } },
    },
    async ({ ctx, actor, params }) => {
      await deleteMonitor(ctx, actor, params);
      return { status: 204, body: null };
    },
  );
}

function expectedRevision(header: string | undefined): number | undefined {
  if (header === undefined || header === '*') return undefined;
  const [, digits] = /^"(\d{1,9})"$/.exec(header) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new TidemarkError('precondition-failed', 'The If-Match header is not the ETag of a revision of this monitor.');
}
