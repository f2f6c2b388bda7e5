import { z } from 'zod';
import { lintView } from './lints.ts';
import { windowVerdict } from './monitors.ts';
import { instantShape } from './shapes.ts';

const previewedWindow = z.strictObject({
  start: instantShape,
  end: instantShape,
  rows: z.int(),
  verdict: windowVerdict,
  why: z.string(),
  drifted_columns: z.array(z.string()),
});

const previewedAlert = z.strictObject({
  /** Start of the first window that drifted. */
  from: instantShape,
  /** End of the window that made it fire. */
  fired_at: instantShape,
  /** End of the window that would have resolved it; null when none has. */
  resolved_at: instantShape.nullable(),
  /** Columns that drifted, those in most windows first. */
  columns: z.array(z.string()),
});

export const previewView = z
  .strictObject({
    /** One paragraph of plain text. */
    why: z.string(),
    /** Event time that the log has come to; null where nothing is logged. */
    watermark: instantShape.nullable(),
    /** Windows that end by this point count as closed: the watermark less the lateness. */
    closed_through: instantShape.nullable(),
    /** False when time ran out before all windows were judged: the oldest ones are in it. */
    complete: z.boolean(),
    alerts: z.array(previewedAlert),
    verdicts: z.record(windowVerdict, z.int()),
    columns: z.array(z.strictObject({ name: z.string(), drifted: z.int() })),
    windows: z.array(previewedWindow),
    lints: z.array(lintView),
  })
  .meta({ id: 'Preview' });
