import { z } from 'zod';
import { windowVerdict } from './monitors.ts';
import { instantShape } from './shapes.ts';

/** What columns did over windows. */

const cellView = z.strictObject({
  verdict: z.string(),
  measure: z.string().nullable(),
  effect: z.number().nullable(),
  limit: z.number().nullable(),
  /** Effect over limit: 1 is where it begins to matter. */
  ratio: z.number().nullable(),
});

export const heatmapView = z
  .strictObject({
    windows: z.array(
      z.strictObject({
        start: instantShape,
        end: instantShape,
        revision: z.int(),
        verdict: windowVerdict.nullable(),
        rows: z.int(),
        report: z.string().nullable(),
      }),
    ),
    columns: z.array(z.strictObject({ name: z.string(), role: z.string() })),
    /** `cells[c][w]` belongs to `columns[c]` and `windows[w]`; null where nothing was judged. */
    cells: z.array(z.array(cellView.nullable())),
  })
  .meta({ id: 'Heatmap' });

export const columnSeriesView = z
  .strictObject({
    column: z.string(),
    items: z.array(
      cellView.extend({
        start: instantShape,
        end: instantShape,
        revision: z.int(),
        rows: z.int(),
        report: z.string(),
        p: z.number().nullable(),
        q: z.number().nullable(),
        why: z.string(),
      }),
    ),
  })
  .meta({ id: 'ColumnSeries' });
