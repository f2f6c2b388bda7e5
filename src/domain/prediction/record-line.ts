import { cellText } from '../../formats/columns/column-conversion.ts';
import type { Column } from '../../stats/column.ts';
import { isGroup, type LoggedRow, type Value } from './logged-row.ts';

/**
 * A prediction as a line of NDJSON that can be logged again, with its latest label; what has no value is left out.
 */
export function recordLine(found: LoggedRow, label: Column | null, row: number): string {
  const record: Record<string, unknown> = {
    prediction_id: found.predictionId,
    timestamp: found.timestamp,
    model_version: found.modelVersion,
    segment: found.segment,
    prediction: found.prediction,
    scores: isGroup(found.scores) ? present(found.scores) : found.scores,
    features: present(found.features),
    tags: present(found.tags),
    label: label === null ? null : cellText(label, row),
  };
  const kept = Object.entries(record).filter(([, value]) => value !== null);
  return `${JSON.stringify(Object.fromEntries(kept))}\n`;
}

/** Null when nothing is left. */
function present(group: Readonly<Record<string, Value>>): Record<string, Value> | null {
  const kept = Object.entries(group).filter(([, value]) => value !== null);
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
