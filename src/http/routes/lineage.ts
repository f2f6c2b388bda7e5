import type { z } from 'zod';
import { lineageQuery, lineageView } from '../../../schemas/wire/lineage.ts';
import { type LineageStart, readLineage } from '../../domain/lineage/read-lineage.ts';
import { type App, route } from '../route.ts';
import { viewLineage } from '../views/lineage.ts';

/** Where things come from and what they led to. */
export function lineageRoutes(app: App): void {
  route(
    app,
    {
      id: 'getLineage',
      method: 'get',
      path: '/v1/lineage',
      tag: 'versions',
      summary: 'What led to something, and what it led to',
      description:
        'Nodes and edges from dataset version to model version, window, alert, run and the dataset version it made. ' +
        'Ancestors and descendants of the start alone; windows are those that fed an alert.',
      scope: 'data:read',
      query: lineageQuery,
      answers: { 200: { description: 'The lineage', schema: lineageView } },
    },
    async ({ ctx, actor, query }) => {
      const { direction, depth, limit } = query;
      const lineage = await readLineage(ctx, actor, { start: startOf(query), direction, depth, limit });
      return { status: 200, body: viewLineage(ctx.publicUrl(), lineage) };
    },
  );
}

/** The shape lets exactly one of them through. */
function startOf(query: z.output<typeof lineageQuery>): LineageStart {
  const { dataset, ref, model, version, report, alert, run } = query;
  if (dataset !== undefined) return { kind: 'dataset_version', dataset, ref: ref ?? 'latest' };
  if (model !== undefined) return { kind: 'model_version', model, version };
  if (report !== undefined) return { kind: 'report', id: report };
  return alert === undefined ? { kind: 'run', id: run ?? '' } : { kind: 'alert', id: alert };
}
