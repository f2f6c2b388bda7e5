import { z } from 'zod';
import { previewRequest } from '../../../schemas/wire/monitors.ts';
import { previewView } from '../../../schemas/wire/previews.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import { previewMonitor } from '../../domain/alert/preview.ts';
import { type App, route } from '../route.ts';
import { viewPreview } from '../views/previews.ts';

const WORDS =
  'Judges the newest closed windows of what is logged as this configuration would, and answers how often an alert would have fired, when and for what, with what is wrong with the configuration. Nothing is written. It takes up to a minute; `complete` is false when that was not enough, and then fewer `windows` help.';

/** What a configuration would have done. */
export function previewRoutes(app: App): void {
  route(
    app,
    {
      id: 'previewMonitorChange',
      method: 'post',
      path: '/v1/models/{model}/monitors/{monitor}/preview',
      tag: 'monitors',
      summary: 'Try a change of a monitor on history',
      description: `${WORDS} The body is that of a change; an empty one tries the monitor as it is.`,
      scope: 'monitors:read',
      params: z.strictObject({ model: addressedShape, monitor: addressedShape }),
      body: previewRequest,
      answers: { 200: { description: 'What it would have done', schema: previewView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewPreview(await previewMonitor(ctx, actor, { ...params, change: body })),
    }),
  );

  route(
    app,
    {
      id: 'previewMonitor',
      method: 'post',
      path: '/v1/models/{model}/preview',
      tag: 'monitors',
      summary: 'Try a new monitor on history',
      description: `${WORDS} The body is that of a new monitor, without its name.`,
      scope: 'monitors:read',
      params: z.strictObject({ model: addressedShape }),
      body: previewRequest,
      answers: { 200: { description: 'What it would have done', schema: previewView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewPreview(await previewMonitor(ctx, actor, { model: params.model, monitor: null, change: body })),
    }),
  );
}
