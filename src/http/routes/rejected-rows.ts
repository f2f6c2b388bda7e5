import { z } from 'zod';
import { refusalPage, rejectedPage, rejectedQuery } from '../../../schemas/wire/logs.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import type { Rejection } from '../../domain/log/prepare/prepare-records.ts';
import { type Page, readRejectedRows } from '../../domain/log/read-batches.ts';
import {
  NEWEST_REFUSALS,
  REFUSAL_BYTES,
  REFUSAL_DAYS,
  readRefusals,
  readRefusedRows,
} from '../../domain/log/receive/refusals.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { viewRefusal, viewRejected } from '../views/logs.ts';

/** Rows that were not taken, of batches that were and of bodies that were refused for them: to be mended and sent again. */
export function rejectedRowRoutes(app: App): void {
  route(
    app,
    {
      id: 'listRejectedRows',
      method: 'get',
      path: '/v1/models/{model}/batches/{batch}/rejected',
      tag: 'logs',
      summary: 'List the rejected rows of a batch',
      scope: 'logs:read',
      params: z.strictObject({ model: addressedShape, batch: addressedShape }),
      query: rejectedQuery,
      answers: { 200: { description: 'The rows, with line and reason', schema: rejectedPage } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, format } = query;
      const after = readCursor(query.cursor, 0);
      return rejectedAnswer(
        await readRejectedRows(ctx, actor, { model: params.model, id: params.batch, limit, after }),
        format,
      );
    },
  );

  route(
    app,
    {
      id: 'listRefusals',
      method: 'get',
      path: '/v1/models/{model}/refusals',
      tag: 'logs',
      summary: 'List the bodies that bad rows refused, newest first',
      description: `Of a body that is refused for more than 100 rows the bad ones are kept for ${REFUSAL_DAYS} days, up to ${REFUSAL_BYTES} bytes; of a model the newest ${NEWEST_REFUSALS} such bodies.`,
      scope: 'logs:read',
      params: z.strictObject({ model: addressedShape }),
      answers: { 200: { description: 'The refused bodies', schema: refusalPage } },
    },
    async ({ ctx, actor, params }) => {
      const found = await readRefusals(ctx, actor, params.model);
      return { status: 200, body: { items: found.map(viewRefusal) } };
    },
  );

  route(
    app,
    {
      id: 'listRefusedRows',
      method: 'get',
      path: '/v1/models/{model}/refusals/{refusal}/rejected',
      tag: 'logs',
      summary: 'List the bad rows of a refused body',
      scope: 'logs:read',
      params: z.strictObject({ model: addressedShape, refusal: addressedShape }),
      query: rejectedQuery,
      answers: { 200: { description: 'The rows, with line and reason', schema: rejectedPage } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, format } = query;
      const after = readCursor(query.cursor, 0);
      const given = { model: params.model, id: params.refusal, limit, after };
      return rejectedAnswer(await readRefusedRows(ctx, actor, given), format);
    },
  );
}

function rejectedAnswer(page: Page<Rejection>, format: 'json' | 'ndjson') {
  const next = page.next === null ? null : writeCursor(page.next);
  if (format === 'json') return { status: 200, body: { items: page.items.map(viewRejected), next } } as const;
  // A record of a JSON list may have stood on many lines, of which JSON's own line ends are no part.
  const lines = page.items.flatMap((row) => (row.raw === null ? [] : `${row.raw.replaceAll(/\s*\n\s*/g, ' ')}\n`));
  const leftOut = page.items.length - lines.length;
  return new Response(lines.join(''), {
    headers: {
      'content-type': 'application/x-ndjson',
      ...(leftOut > 0 && { 'tidemark-left-out': String(leftOut) }),
      ...(next !== null && { 'tidemark-next': next }),
    },
  });
}
