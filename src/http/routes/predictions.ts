import { z } from 'zod';
import {
  predictionPage,
  predictionsQuery,
  predictionView,
  selectionView,
  selectRequest,
} from '../../../schemas/wire/predictions.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import { type Export, exportPredictions } from '../../domain/prediction/export.ts';
import { readPrediction } from '../../domain/prediction/read-prediction.ts';
import { searchPredictions } from '../../domain/prediction/search.ts';
import { readSelected, selectPredictions } from '../../domain/prediction/select.ts';
import {
  type Order,
  type Position,
  readPosition,
  readSelection,
  writePosition,
} from '../../domain/prediction/selection.ts';
import type { PredictionFormat } from '../../domain/prediction/write-task.ts';
import { TidemarkError } from '../../errors.ts';
import { attachment, streamOf } from '../bytes.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { nodeOf } from '../request.ts';
import { type App, type RouteInput, route } from '../route.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { viewPrediction, viewSearch, viewSelection } from '../views/predictions.ts';

const modelParams = z.strictObject({ model: addressedShape });
const selectionParams = z.strictObject({ model: addressedShape, selection: addressedShape });
const predictionParams = z.strictObject({ model: addressedShape, prediction: addressedShape });

/** Logged predictions, found again. */
export function predictionRoutes(app: App): void {
  selectionRoutes(app);
  route(
    app,
    {
      id: 'listPredictions',
      method: 'get',
      path: '/v1/models/{model}/predictions',
      tag: 'logs',
      summary: 'Search logged predictions',
      description:
        'Settled predictions that fit every parameter, each with its latest label; repeats are left out. A page reads ' +
        'at most a million rows, or for five seconds: `scanned` says how much it was, and whether the page was cut ' +
        'short by it; `next` then goes on where it stopped. With `format` (or Accept: `application/x-ndjson`, ' +
        '`text/csv`, `application/vnd.apache.parquet`, `application/vnd.apache.arrow.stream`) the answer is one file ' +
        'of everything selected.',
      scope: 'logs:read',
      params: modelParams,
      query: predictionsQuery,
      answers: { 200: { description: 'The predictions', schema: predictionPage, files: Object.values(FORMATS) } },
    },
    async ({ c, ctx, actor, params, query }) => {
      const { limit, order, cursor } = query;
      const format = query.format ?? acceptedFormat(c.req.header('accept'));
      if (format !== 'json') {
        if (cursor !== undefined) throw new TidemarkError('bad-request', 'A file has no pages: leave "cursor" out.');
        return answerExport({ c, ctx, actor }, { model: params.model, selection: readSelection(query), format });
      }
      const page = await searchPredictions(ctx, actor, {
        model: params.model,
        selection: readSelection(query),
        newest: order === 'newest',
        after: positionOf(cursor, order),
        limit,
      });
      return {
        status: 200,
        body: viewSearch(page, page.next === null ? null : writeCursor(writePosition(page.next, order))),
      };
    },
  );

  route(
    app,
    {
      id: 'getPrediction',
      method: 'get',
      path: '/v1/models/{model}/predictions/{prediction}',
      tag: 'logs',
      summary: 'Show a prediction and all that is known of it',
      description:
        'What was sent, the batch that brought it, its label with those that it replaced, the windows that it lies in ' +
        'with their verdicts, and the data that its model version was trained on.',
      scope: 'logs:read',
      params: predictionParams,
      answers: { 200: { description: 'The prediction', schema: predictionView } },
    },
    async ({ ctx, actor, params }) => {
      const found = await readPrediction(ctx, actor, { model: params.model, id: params.prediction });
      const models = `${ctx.publicUrl()}/v1/models/${encodeURIComponent(params.model)}`;
      return { status: 200, body: viewPrediction(found, models) };
    },
  );
}

/** Logged predictions that become data. */
function selectionRoutes(app: App): void {
  route(
    app,
    {
      id: 'selectPredictions',
      method: 'post',
      path: '/v1/models/{model}/predictions/select',
      tag: 'logs',
      summary: 'Make logged predictions a version of a dataset',
      description:
        'A worker joins them with their latest labels and writes one Parquet file; the provenance holds the model, the ' +
        'selection and the batches. What was accepted before the call is taken. The same rows with the same labels ' +
        'give the same bytes, and so the same version.',
      scope: 'data:write',
      params: modelParams,
      body: selectRequest,
      idempotent: true,
      answers: {
        202: { description: 'It is being made; the address in Location says when it is done', schema: selectionView },
      },
    },
    async ({ c, ctx, actor, params, body }) => {
      const idempotencyKey = idempotencyKeyOf(c);
      const made = await selectPredictions(ctx, actor, { model: params.model, request: body, idempotencyKey });
      const view = viewSelection(made, ctx.publicUrl(), params.model);
      return { status: 202, body: view, headers: { location: view.links.self } };
    },
  );

  route(
    app,
    {
      id: 'getSelection',
      method: 'get',
      path: '/v1/models/{model}/selections/{selection}',
      tag: 'logs',
      summary: 'Say what became of a selection',
      scope: 'logs:read',
      params: selectionParams,
      answers: { 200: { description: 'The selection, with its version once it is done', schema: selectionView } },
    },
    async ({ ctx, actor, params }) => {
      const found = await readSelected(ctx, actor, { model: params.model, id: params.selection });
      return { status: 200, body: viewSelection(found, ctx.publicUrl(), params.model) };
    },
  );
}

async function answerExport(
  { c, ctx, actor }: Pick<RouteInput<undefined, undefined, undefined>, 'c' | 'ctx' | 'actor'>,
  wanted: Pick<Export, 'model' | 'selection' | 'format'>,
): Promise<Response> {
  const headers = {
    'content-type': FORMATS[wanted.format],
    'content-disposition': attachment(`${wanted.model}-predictions.${wanted.format}`),
  };
  // How long it is is known once it is made.
  if (c.req.method === 'HEAD') return new Response(null, { headers });
  const abandoned = (): boolean => nodeOf(c).outgoing?.destroyed === true;
  const { size, rows, bytes } = await exportPredictions(ctx, actor, { ...wanted, abandoned });
  const told = { ...headers, 'content-length': String(size), 'tidemark-rows': String(rows) };
  return new Response(await streamOf(c, bytes()), { headers: told });
}

const FORMATS: Readonly<Record<PredictionFormat, string>> = {
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
};

/** The first form that is asked for by its name; a page for whoever takes anything. */
function acceptedFormat(accept = ''): PredictionFormat | 'json' {
  for (const part of accept.toLowerCase().split(',')) {
    const type = part.split(';', 1)[0]?.trim();
    if (type === 'application/json') return 'json';
    for (const format of EXPORTS) if (FORMATS[format].startsWith(`${type};`) || FORMATS[format] === type) return format;
  }
  return 'json';
}

const EXPORTS = ['ndjson', 'csv', 'parquet', 'arrow'] as const;

function positionOf(cursor: string | undefined, order: Order): Position | null {
  if (cursor === undefined) return null;
  const position = readPosition(readCursor(cursor, ''), order);
  if (position !== null) return position;
  throw new TidemarkError(
    'bad-request',
    'This cursor is not one that a page in this order gave; begin again without it.',
  );
}
