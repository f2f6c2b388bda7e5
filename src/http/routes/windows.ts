import { z } from 'zod';
import { columnSeriesView, heatmapView } from '../../../schemas/wire/heatmaps.ts';
import { reportView, windowDetail, windowView } from '../../../schemas/wire/monitors.ts';
import { performanceSeriesView } from '../../../schemas/wire/performance.ts';
import { replayView } from '../../../schemas/wire/replays.ts';
import { addressedShape, instantShape, pageOf, pageShape } from '../../../schemas/wire/shapes.ts';
import { explanationView } from '../../../schemas/wire/slices.ts';
import { readColumnSeries, readHeatmap, readReport, readWindowReport } from '../../domain/monitor/read-reports.ts';
import { readWindow, readWindows, retryWindow } from '../../domain/monitor/read-windows.ts';
import { explainReport } from '../../domain/report/explain-report.ts';
import { replayReport } from '../../domain/report/replay.ts';
import { foreignCursor, readCursor, writeCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import {
  viewCell,
  viewEstimate,
  viewExplanation,
  viewHeatmap,
  viewPerformance,
  viewReplay,
  viewReport,
  viewWindow,
} from '../views/monitors.ts';

const BASE = '/v1/models/{model}/monitors/{monitor}';

const instant = instantShape.transform((text) => new Date(text)).pipe(z.date());
const monitorParams = z.strictObject({ model: addressedShape, monitor: addressedShape });
const windowParams = monitorParams.extend({ start: instant.meta({ type: 'string', format: 'date-time' }) });
const reportParams = z.strictObject({ report: addressedShape });

const order = z.enum(['oldest', 'newest']).default('oldest').meta({ description: 'Which windows come first.' });
const seriesQuery = z.strictObject({
  limit: pageShape.shape.limit,
  before: instant
    .optional()
    .meta({ type: 'string', format: 'date-time', description: 'Only windows that start before.' }),
});

/** Windows, their reports, and what is drawn from them. */
export function windowRoutes(app: App): void {
  windowListRoutes(app);
  windowReportRoutes(app);
  seriesRoutes(app);
}

function windowListRoutes(app: App): void {
  route(
    app,
    {
      id: 'listWindows',
      method: 'get',
      path: `${BASE}/windows`,
      tag: 'windows',
      summary: "List a monitor's windows",
      scope: 'monitors:read',
      params: monitorParams,
      query: pageShape.extend({ order }),
      answers: { 200: { description: 'Windows in order of time', schema: pageOf(windowView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const newest = query.order === 'newest';
      const after = positionOf(query.cursor);
      // One more than the page says whether there is another; the cursor is that one's start.
      const span = newest
        ? { from: null, to: after === null ? null : new Date(after.getTime() + 1) }
        : { from: after, to: null };
      const found = await readWindows(ctx, actor, { ...params, ...span, newest, limit: query.limit + 1 });
      const next = found[query.limit]?.window.start.toISOString();
      return {
        status: 200,
        body: {
          items: found.slice(0, query.limit).map(viewWindow),
          next: next === undefined ? null : writeCursor(next),
        },
      };
    },
  );

  route(
    app,
    {
      id: 'getWindow',
      method: 'get',
      path: `${BASE}/windows/{start}`,
      tag: 'windows',
      summary: 'Show a window and its reports',
      description:
        '`not_judged_because` answers why a window has no verdict on drift and what it would take: what there is, what is needed, and what to do.',
      scope: 'monitors:read',
      params: windowParams,
      answers: { 200: { description: 'The window', schema: windowDetail } },
    },
    async ({ ctx, actor, params }) => {
      const { reports, notJudged, ...detail } = await readWindow(ctx, actor, params);
      const summaries = reports.map(({ createdAt, ...report }) => ({ ...report, created_at: createdAt.toISOString() }));
      return { status: 200, body: { ...viewWindow(detail), not_judged_because: [...notJudged], reports: summaries } };
    },
  );

  route(
    app,
    {
      id: 'judgeWindow',
      method: 'post',
      path: `${BASE}/windows/{start}/judge`,
      tag: 'windows',
      summary: 'Judge a failed window again',
      scope: 'monitors:write',
      params: windowParams,
      answers: { 202: { description: 'It will be judged', schema: null } },
    },
    async ({ ctx, actor, params }) => {
      await retryWindow(ctx, actor, params);
      return { status: 202, body: null };
    },
  );
}

function positionOf(cursor: string | undefined): Date | null {
  if (cursor === undefined) return null;
  const position = new Date(readCursor(cursor, ''));
  if (!Number.isNaN(position.getTime())) return position;
  throw foreignCursor();
}

function windowReportRoutes(app: App): void {
  route(
    app,
    {
      id: 'getWindowReport',
      method: 'get',
      path: `${BASE}/windows/{start}/report`,
      tag: 'windows',
      summary: "Show a window's report",
      scope: 'monitors:read',
      params: windowParams,
      query: z.strictObject({
        revision: z
          .string()
          .regex(/^\d{1,9}$/, 'must be the number of a revision')
          .transform(Number)
          .optional()
          .meta({ type: 'integer', minimum: 0, maximum: 999_999_999 }),
      }),
      answers: { 200: { description: 'The report of that revision, else the newest', schema: reportView } },
    },
    async ({ ctx, actor, params, query }) => {
      const found = await readWindowReport(ctx, actor, { ...params, revision: query.revision ?? null });
      return { status: 200, body: viewReport(found) };
    },
  );

  route(
    app,
    {
      id: 'getReport',
      method: 'get',
      path: '/v1/reports/{report}',
      tag: 'windows',
      summary: 'Show a report',
      scope: 'monitors:read',
      params: reportParams,
      answers: { 200: { description: 'The report', schema: reportView } },
    },
    async ({ ctx, actor, params }) => ({ status: 200, body: viewReport(await readReport(ctx, actor, params.report)) }),
  );

  route(
    app,
    {
      id: 'replayReport',
      method: 'post',
      path: '/v1/reports/{report}/replay',
      tag: 'windows',
      summary: 'Compute a report again from its bytes',
      description:
        'Reads the reference and the batches anew, verified, and compares every number with the stored ones. Where a method has changed since the report was made, `methods_changed` says from which to which.',
      scope: 'monitors:read',
      params: reportParams,
      answers: { 200: { description: 'Whether it agrees, and where not', schema: replayView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewReplay(await replayReport(ctx, actor, params.report)),
    }),
  );

  route(
    app,
    {
      id: 'explainReport',
      method: 'get',
      path: '/v1/reports/{report}/slices',
      tag: 'windows',
      summary: 'Say which rows carry the drift',
      description:
        'Reads the reference and the batches anew and looks for the few conditions on one or two columns without whose rows most of the drift is gone: a group that became more frequent, or in which something moved.',
      scope: 'monitors:read',
      params: reportParams,
      answers: { 200: { description: 'The slices, the best first', schema: explanationView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewExplanation(await explainReport(ctx, actor, params.report)),
    }),
  );
}

function seriesRoutes(app: App): void {
  route(
    app,
    {
      id: 'getHeatmap',
      method: 'get',
      path: `${BASE}/heatmap`,
      tag: 'windows',
      summary: 'Windows by columns',
      scope: 'monitors:read',
      params: monitorParams,
      query: seriesQuery,
      answers: { 200: { description: 'The newest windows, in order of time', schema: heatmapView } },
    },
    async ({ ctx, actor, params, query }) => {
      const given = { ...params, before: query.before ?? null, limit: query.limit };
      return { status: 200, body: viewHeatmap(await readHeatmap(ctx, actor, given)) };
    },
  );

  route(
    app,
    {
      id: 'getColumnSeries',
      method: 'get',
      path: `${BASE}/columns/{column*}/series`,
      tag: 'windows',
      summary: 'One column over time',
      scope: 'monitors:read',
      params: monitorParams.extend({ column: addressedShape }),
      query: seriesQuery,
      answers: {
        200: { description: 'The newest windows that judged it, in order of time', schema: columnSeriesView },
      },
    },
    async ({ ctx, actor, params, query }) => {
      const given = { ...params, before: query.before ?? null, limit: query.limit };
      const items = (await readColumnSeries(ctx, actor, given)).map(({ window, verdict }) => ({
        ...viewCell(verdict),
        start: window.start.toISOString(),
        end: window.end.toISOString(),
        revision: window.revision,
        rows: window.rows,
        report: verdict.reportId,
        p: verdict.p,
        q: verdict.q,
        why: verdict.why,
      }));
      return { status: 200, body: { column: params.column, items } };
    },
  );

  route(
    app,
    {
      id: 'getPerformanceSeries',
      method: 'get',
      path: `${BASE}/performance`,
      tag: 'windows',
      summary: 'Performance over time',
      description:
        'How well the model did in each window by the labels that have come, judged against its reference, and beside it what was estimated without them.',
      scope: 'monitors:read',
      params: monitorParams,
      query: seriesQuery,
      answers: {
        200: { description: 'The newest windows with labels measured, in order', schema: performanceSeriesView },
      },
    },
    async ({ ctx, actor, params, query }) => {
      const page = { from: null, to: query.before ?? null, limit: query.limit, newest: true };
      const found = (await readWindows(ctx, actor, { ...params, ...page })).reverse();
      const items = found.flatMap((detail) => {
        const { window, performance } = detail;
        if (performance === null) return [];
        return {
          start: window.start.toISOString(),
          end: window.end.toISOString(),
          computed_at: performance.computedAt.toISOString(),
          ...viewPerformance(performance),
          estimate: viewEstimate(detail),
        };
      });
      return { status: 200, body: { items } };
    },
  );
}
