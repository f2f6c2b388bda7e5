import { z } from 'zod';
import {
  acceptedBatchView,
  batchesQuery,
  batchPage,
  batchView,
  conflictPage,
  conflictsQuery,
  countsView,
  logQuery,
  watermarkRequest,
  watermarkView,
} from '../../../schemas/wire/logs.ts';
import { labelRows, predictionRows } from '../../../schemas/wire/records.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import { readBatches, readBatchRow, readCounts } from '../../domain/log/read-batches.ts';
import { acceptBatch } from '../../domain/log/receive/accept-batch.ts';
import { csvWritingOf } from '../../domain/log/receive/csv-writing.ts';
import { setWatermark } from '../../domain/log/settle/watermark.ts';
import { readConflicts } from '../../domain/prediction/read-conflicts.ts';
import { contentEncodingOf, RECORD_TYPES, recordEncodingOf } from '../batch-body.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { announcedBytes, bodyStream, passingBody } from '../request.ts';
import { type App, route } from '../route.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { viewBatch, viewCounts } from '../views/logs.ts';

const INGESTION = `The answer comes when the rows are durable. One bad row refuses the body unless ?partial=true. With an Idempotency-Key a repetition gets the first answer; without one, a batch sent again is taken and all its rows are counted as repeats once it is settled. Small requests that arrive together share a batch, each answered for its own rows; a table of many rows becomes several. When more arrives than may be in flight, the answer is 429 with Retry-After.

The same rows may be sent in any of these forms, also as gzip or zstd by Content-Encoding:

- **NDJSON**: one JSON record a line. **JSON**: a list of records, also as \`{"records": […]}\`.
- **JSON columns**: \`{"columns": {"prediction_id": ["p1", "p2"], "timestamp": […], "prediction": […], "features": {"age": [41, 37]}}}\`: a list of equal length for each column, null where a row has no value.
- **CSV**: a header, then the rows. A cell of a column that is text in the training data is the text it spells (\`01\` stays \`01\`); empty cells are missing. \`decimal\`, \`thousands\` and \`dates\` say how its numbers and dates are written.
- **Parquet** and **Arrow IPC** (stream or file). Times need a zone.

In columns and tables \`prediction_id\`, \`timestamp\`, \`model_version\`, \`prediction\`, \`label\`, \`segment\`, \`score\`, \`scores.<class>\`, \`features.<name>\` and \`tags.<name>\` are the parts of the record; every other column is the feature of that name.`;

const modelParams = z.strictObject({ model: addressedShape });
const batchParams = z.strictObject({ model: addressedShape, batch: addressedShape });

/** Predictions and labels in, and what became of them. */
export function logRoutes(app: App): void {
  ingestionRoute(app, 'predictions');
  ingestionRoute(app, 'labels');
  batchRoutes(app);
  conflictRoutes(app);
  accountRoutes(app);
}

function ingestionRoute(app: App, kind: 'predictions' | 'labels'): void {
  route(
    app,
    {
      id: kind === 'labels' ? 'logLabels' : 'logPredictions',
      method: 'post',
      path: `/v1/models/{model}/${kind}`,
      tag: 'logs',
      summary: `Log ${kind}`,
      description: INGESTION,
      scope: 'logs:write',
      params: modelParams,
      query: logQuery,
      raw: {
        mediaTypes: RECORD_TYPES,
        description: `The ${kind}`,
        json: kind === 'labels' ? labelRows : predictionRows,
      },
      idempotent: true,
      answers: { 200: { description: 'Accepted and durable', schema: acceptedBatchView } },
    },
    async ({ c, ctx, actor, params, query }) => {
      const contentEncoding = contentEncodingOf(c);
      const encoding = recordEncodingOf(c);
      const answer = await acceptBatch(ctx, actor, {
        model: params.model,
        kind,
        encoding,
        contentEncoding,
        epochUnit: query.timestamp_unit ?? null,
        csv: csvWritingOf(query, encoding),
        partial: query.partial === 'true',
        idempotencyKey: idempotencyKeyOf(c) ?? null,
        announced: announcedBytes(c),
        // What inflates a chunk still reads it when it asks for the next.
        source: contentEncoding === 'identity' ? passingBody(c) : bodyStream(c),
      });
      return { status: 200, body: answer, headers: answer.replayed ? { 'idempotent-replayed': 'true' } : {} };
    },
  );
}

function batchRoutes(app: App): void {
  route(
    app,
    {
      id: 'listBatches',
      method: 'get',
      path: '/v1/models/{model}/batches',
      tag: 'logs',
      summary: 'List batches, newest first',
      scope: 'logs:read',
      params: modelParams,
      query: batchesQuery,
      answers: { 200: { description: 'The batches', schema: batchPage } },
    },
    async ({ ctx, actor, params, query }) => {
      const { kind = null, limit } = query;
      const before = query.cursor === undefined ? null : readCursor(query.cursor, 0);
      const page = await readBatches(ctx, actor, { model: params.model, kind, limit, before });
      return { status: 200, body: { items: page.items.map(viewBatch), next: nextOf(page) } };
    },
  );

  route(
    app,
    {
      id: 'getBatch',
      method: 'get',
      path: '/v1/models/{model}/batches/{batch}',
      tag: 'logs',
      summary: 'Show a batch',
      description: 'Once it is settled, its counts include repeats of earlier batches and are final.',
      scope: 'logs:read',
      params: batchParams,
      answers: { 200: { description: 'The batch', schema: batchView } },
    },
    async ({ ctx, actor, params }) => {
      const batch = await readBatchRow(ctx, actor, { model: params.model, id: params.batch });
      return { status: 200, body: viewBatch(batch) };
    },
  );
}

function conflictRoutes(app: App): void {
  route(
    app,
    {
      id: 'listConflicts',
      method: 'get',
      path: '/v1/models/{model}/batches/{batch}/conflicts',
      tag: 'logs',
      summary: 'List the rows of a batch that repeat an id with other content',
      description: 'The prediction that was accepted first stands; the batch counts these as `conflicts`.',
      scope: 'logs:read',
      params: batchParams,
      query: conflictsQuery,
      answers: { 200: { description: 'The rows, with what differs', schema: conflictPage } },
    },
    async ({ ctx, actor, params, query }) => {
      const after = readCursor(query.cursor, -1);
      const page = await readConflicts(ctx, actor, {
        model: params.model,
        id: params.batch,
        limit: query.limit,
        after,
      });
      const items = page.items.map(({ predictionId, ...rest }) => ({ prediction_id: predictionId, ...rest }));
      return { status: 200, body: { items, next: nextOf(page) } };
    },
  );
}

const nextOf = ({ next }: { next: number | null }): string | null => (next === null ? null : writeCursor(next));

function accountRoutes(app: App): void {
  route(
    app,
    {
      id: 'getLogCounts',
      method: 'get',
      path: '/v1/models/{model}/counts',
      tag: 'logs',
      summary: 'Account for every row sent',
      scope: 'logs:read',
      params: modelParams,
      answers: { 200: { description: 'The counts', schema: countsView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewCounts(await readCounts(ctx, actor, params.model)),
    }),
  );

  route(
    app,
    {
      id: 'setWatermark',
      method: 'post',
      path: '/v1/models/{model}/watermark',
      tag: 'logs',
      summary: 'Say that no earlier event will come',
      description:
        'Windows that end before it (and before the allowed lateness) close. It goes back only with `lower`: windows that have closed stay so, and a row that comes for one makes a revision of it.',
      scope: 'logs:write',
      params: modelParams,
      body: watermarkRequest,
      answers: { 200: { description: 'The watermark in force', schema: watermarkView } },
    },
    async ({ ctx, actor, params, body }) => {
      const { through, lower = false } = body;
      const watermark = await setWatermark(ctx, actor, { model: params.model, through: new Date(through), lower });
      return { status: 200, body: { watermark: watermark.toISOString() } };
    },
  );
}
