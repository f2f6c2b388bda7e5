import type { z } from 'zod';
import type { selectionQuery } from '../../../schemas/wire/predictions.ts';
import { labelText } from '../log/settle/label-text.ts';
import { type Condition, readCondition } from './condition.ts';

/** `corrected`: another label came after the first. */
type LabelState = 'labelled' | 'unlabelled' | 'corrected';

/** Which logged predictions are meant; null: no bound. */
export type Selection = {
  /** `[from, to)` of event time. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly modelVersion: string | null;
  readonly segment: string | null;
  readonly batchId: number | null;
  readonly where: Condition | null;
  readonly labels: LabelState | null;
  /** The latest label, as text. */
  readonly label: string | null;
};

/** A selection as it crosses a border, and as it is kept. */
export type SelectionText = z.output<typeof selectionQuery>;

/** @throws TidemarkError `invalid-body` for a condition that cannot be read. */
export function readSelection(text: SelectionText): Selection {
  return {
    from: text.from === undefined ? null : new Date(text.from),
    to: text.to === undefined ? null : new Date(text.to),
    modelVersion: text.model_version ?? null,
    segment: text.segment ?? null,
    batchId: text.batch === undefined ? null : Number(text.batch),
    where: text.where === undefined ? null : readCondition(text.where),
    labels: text.labels ?? null,
    label: text.label === undefined ? null : labelText(text.label),
  };
}

/** A row of the log by the order of settlement. */
export type Position = { readonly sequence: number; readonly row: number };

export type Order = 'newest' | 'oldest';

/** A position as text, with the way that its reader goes. */
export const writePosition = ({ sequence, row }: Position, order: Order): string => `${order} ${sequence} ${row}`;

/** Null for a text that is none, or goes the other way. */
export function readPosition(text: string, order: Order): Position | null {
  const found = /^(newest|oldest) (\d{1,15}) (\d{1,9})$/.exec(text);
  return found === null || found[1] !== order ? null : { sequence: Number(found[2]), row: Number(found[3]) };
}
