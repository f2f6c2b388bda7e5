import { z } from 'zod';
import { addressedShape, count, instantShape, nameShape } from './shapes.ts';

const STARTS = ['dataset', 'model', 'report', 'alert', 'run'] as const;

export const lineageQuery = z
  .strictObject({
    dataset: nameShape.optional(),
    ref: addressedShape.optional().meta({ description: 'The version of `dataset`; `latest` when absent' }),
    model: nameShape.optional(),
    version: addressedShape.optional().meta({ description: 'The version of `model`; the one in service when absent' }),
    report: addressedShape.optional(),
    alert: addressedShape.optional(),
    run: addressedShape.optional(),
    direction: z.enum(['up', 'down', 'both']).default('both'),
    depth: count(50, 12),
    limit: count(1000, 200).meta({ description: 'Nodes in all' }),
  })
  .refine((query) => STARTS.filter((name) => query[name] !== undefined).length === 1, {
    message: `needs exactly one of ${STARTS.map((name) => `"${name}"`).join(', ')}`,
    path: ['dataset'],
  })
  .refine((query) => query.ref === undefined || query.dataset !== undefined, {
    message: 'belongs to "dataset"',
    path: ['ref'],
  })
  .refine((query) => query.version === undefined || query.model !== undefined, {
    message: 'belongs to "model"',
    path: ['version'],
  });

const nodeView = z.strictObject({
  id: z.string().meta({ description: 'Its name in `edges` of this answer' }),
  kind: z.enum(['dataset_version', 'model_version', 'window', 'alert', 'run']),
  title: z.string(),
  dataset: z.string().optional(),
  ref: z.string().optional(),
  oid: z.string().optional(),
  model: z.string().optional(),
  version: z.string().optional(),
  monitor: z.string().optional(),
  start: instantShape.optional(),
  end: instantShape.optional(),
  report: z.string().optional(),
  alert: z.string().optional(),
  run: z.string().optional(),
  state: z.string().optional().meta({ description: 'Of an alert or a run its state, of a window its verdict' }),
  at: instantShape,
  href: z.string().optional(),
});

export const lineageView = z
  .strictObject({
    start: z.string(),
    nodes: z.array(nodeView),
    edges: z.array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        relation: z.string().meta({
          description: 'derived, trained, watched, judged, raised, started or produced: what `from` did to `to`',
        }),
      }),
    ),
    truncated: z.boolean().meta({ description: 'There is more than the depth or the limit let through' }),
  })
  .meta({ id: 'Lineage' });
