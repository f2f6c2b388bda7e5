import type { ArrowView } from '../../formats/arrow/arrow.ts';
import { cellText } from '../../formats/columns/column-conversion.ts';
import type { Column } from '../../stats/column.ts';
import { type ComponentValue, vectorValues } from '../../stats/vector-text.ts';

/** A value as JSON says it. NaN, infinities and integers beyond 2^53 are texts, exact; a vector is a list. */
export type Value = string | number | boolean | null | readonly ComponentValue[];

/** A logged prediction as it was sent, without what is known of it besides. */
export type LoggedRow = {
  readonly predictionId: string;
  readonly timestamp: string | null;
  readonly modelVersion: string | null;
  readonly segment: string | null;
  readonly prediction: Value;
  /** One number, or one for each class; null when none was sent. */
  readonly scores: Value | Readonly<Record<string, Value>>;
  readonly features: Readonly<Record<string, Value>>;
  readonly tags: Readonly<Record<string, Value>>;
};

export function isVector(value: unknown): value is readonly ComponentValue[] {
  return Array.isArray(value);
}

/** True for scores by class. */
export function isGroup(value: LoggedRow['scores']): value is Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null && !isVector(value);
}

/** The row as a record again. A feature that has no value in it is null where other rows of its batch have one. */
export function loggedRow(view: ArrowView, row: number): LoggedRow {
  const fixed = new Map<string, Value>();
  const groups: Record<'feature' | 'score' | 'tag', Record<string, Value>> = { feature: {}, score: {}, tag: {} };
  for (const [i, { name }] of view.fields.entries()) {
    const value = valueAt(view.column(i), row);
    const [, group, inner] = /^(feature|score|tag)\.(.*)$/s.exec(name) ?? [];
    if (group === 'feature' || group === 'score' || group === 'tag') set(groups[group], inner ?? '', value);
    else fixed.set(name, value);
  }
  const text = (name: string): string | null => {
    const value = fixed.get(name) ?? null;
    return value === null ? null : String(value);
  };
  const score = fixed.get('score') ?? null;
  // That is how a segment is kept.
  const { segment, ...tags } = groups.tag;
  return {
    predictionId: text('prediction_id') ?? '',
    timestamp: text('timestamp'),
    modelVersion: text('model_version'),
    segment: segment === undefined || segment === null ? null : String(segment),
    prediction: fixed.get('prediction') ?? null,
    // A batch may hold rows of both forms.
    scores: score === null && Object.keys(groups.score).length > 0 ? groups.score : score,
    features: groups.feature,
    tags,
  };
}

/** A name that is `__proto__` is a name like any other. */
function set(group: Record<string, Value>, name: string, value: Value): void {
  Object.defineProperty(group, name, { value, enumerable: true, configurable: true, writable: true });
}

function valueAt(column: Column, row: number): Value {
  const text = cellText(column, row);
  if (text === null || column.kind === 'time' || column.type === 'text') return text;
  if (column.kind === 'category') return text === 'true';
  if (column.kind === 'vector') return vectorValues(column, row);
  const exact = column.exact?.[row];
  const value = column.values[row] ?? 0;
  return Number.isFinite(value) && (exact === undefined || Number.isSafeInteger(Number(exact))) ? value : text;
}
