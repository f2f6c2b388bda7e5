import { z } from 'zod';
import { silenceQuery, silenceRequest, silenceView } from '../../../schemas/wire/alerts.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import { createSilence, readSilences, stopSilence } from '../../domain/alert/silences.ts';
import { type App, route } from '../route.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { viewSilence } from '../views/alerts.ts';

const tag = 'alerts';

/** Times in which alerts are told to nobody. */
export function silenceRoutes(app: App): void {
  route(
    app,
    {
      id: 'createSilence',
      method: 'post',
      path: '/v1/silences',
      tag,
      summary: 'Have nobody told of alerts that match, for a time',
      description: 'They go on, stand in the lists, and are told once the time is over, if they still fire.',
      scope: 'alerts:write',
      body: silenceRequest,
      idempotent: true,
      answers: { 201: { description: 'The silence', schema: silenceView } },
    },
    async ({ c, ctx, actor, body }) => {
      const { matchers, starts_at, ends_at, recurring, comment } = body;
      const startsAt = starts_at === undefined ? undefined : new Date(starts_at);
      const idempotencyKey = idempotencyKeyOf(c);
      const given = { matchers, startsAt, endsAt: new Date(ends_at), recurring, comment, idempotencyKey };
      return { status: 201, body: viewSilence(await createSilence(ctx, actor, given), ctx.now()) };
    },
  );
  route(
    app,
    {
      id: 'listSilences',
      method: 'get',
      path: '/v1/silences',
      tag,
      summary: 'List silences that hold or will hold, the one that ends last first',
      scope: 'monitors:read',
      query: silenceQuery,
      answers: { 200: { description: 'The silences', schema: z.strictObject({ items: z.array(silenceView) }) } },
    },
    async ({ ctx, actor, query }) => {
      const rows = await readSilences(ctx, actor, { ended: query.ended === 'true' });
      return { status: 200, body: { items: rows.map((row) => viewSilence(row, ctx.now())) } };
    },
  );
  route(
    app,
    {
      id: 'endSilence',
      method: 'delete',
      path: '/v1/silences/{id}',
      tag,
      summary: 'End a silence now',
      description: 'It stays in the list of those that are over.',
      scope: 'alerts:write',
      params: z.strictObject({ id: addressedShape }),
      answers: { 200: { description: 'The silence as it is now', schema: silenceView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewSilence(await stopSilence(ctx, actor, params.id), ctx.now()),
    }),
  );
}
