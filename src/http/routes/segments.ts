import { z } from 'zod';
import { segmentSeriesView } from '../../../schemas/wire/segments.ts';
import { addressedShape, instantShape, pageShape } from '../../../schemas/wire/shapes.ts';
import { readSegmentSeries, type SegmentSeries } from '../../domain/monitor/read-segments.ts';
import { type App, route } from '../route.ts';

const instant = instantShape.transform((text) => new Date(text)).pipe(z.date());

/** The segments of a monitor's windows. */
export function segmentRoutes(app: App): void {
  route(
    app,
    {
      id: 'getSegmentSeries',
      method: 'get',
      path: '/v1/models/{model}/monitors/{monitor}/segments',
      tag: 'windows',
      summary: 'Windows by segments',
      description: 'What became of each segment that the configuration asks for, in the newest judged windows.',
      scope: 'monitors:read',
      params: z.strictObject({ model: addressedShape, monitor: addressedShape }),
      query: z.strictObject({
        limit: pageShape.shape.limit,
        before: instant
          .optional()
          .meta({ type: 'string', format: 'date-time', description: 'Only windows that begin before this time' }),
      }),
      answers: { 200: { description: 'The newest windows, in order of time', schema: segmentSeriesView } },
    },
    async ({ ctx, actor, params, query }) => {
      const found = await readSegmentSeries(ctx, actor, {
        ...params,
        before: query.before ?? null,
        limit: query.limit,
      });
      return { status: 200, body: viewSegments(found) };
    },
  );
}

const viewSegments = ({ windows, segments }: SegmentSeries): z.infer<typeof segmentSeriesView> => ({
  windows: windows.map(({ start, report }) => ({ start: start.toISOString(), report })),
  segments: segments.map(({ by, value, verdicts }) => ({
    by,
    value,
    verdicts: verdicts.map(
      (row) =>
        row && {
          verdict: row.verdict,
          rows: row.rows,
          reference_rows: row.referenceRows,
          // `judge-window` alone writes it, as a list of names.
          drifted_columns: row.drifted as string[],
          why: row.why,
        },
    ),
  })),
});
