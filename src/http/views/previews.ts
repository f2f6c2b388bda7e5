import type { z } from 'zod';
import type { previewView } from '../../../schemas/wire/previews.ts';
import type { Preview } from '../../domain/alert/preview.ts';

const iso = (time: number): string => new Date(time).toISOString();

export function viewPreview(preview: Preview): z.infer<typeof previewView> {
  const { windows, alerts, columns, lints, complete, why, watermark, closedThrough } = preview;
  const count = (wanted: string): number => windows.filter(({ verdict }) => verdict === wanted).length;
  return {
    why,
    watermark: watermark?.toISOString() ?? null,
    closed_through: closedThrough?.toISOString() ?? null,
    complete,
    alerts: alerts.map(({ from, firedAt, resolvedAt, columns: names }) => ({
      from: iso(from),
      fired_at: iso(firedAt),
      resolved_at: resolvedAt === null ? null : iso(resolvedAt),
      columns: [...names],
    })),
    verdicts: {
      drift: count('drift'),
      no_drift: count('no_drift'),
      insufficient_data: count('insufficient_data'),
      no_data: count('no_data'),
      error: count('error'),
    },
    columns: [...columns],
    windows: windows.map(({ start, end, rows, verdict, why: reason, driftedColumns }) => ({
      start: iso(start),
      end: iso(end),
      rows,
      verdict,
      why: reason,
      drifted_columns: [...driftedColumns],
    })),
    lints: [...lints],
  };
}
