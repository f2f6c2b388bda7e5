import type { z } from 'zod';
import type { taskShape } from '../../../schemas/wire/models.ts';

/** What kind of answer a model gives: as it was declared, else as its labels and predictions show. Pure. */

export type Task = z.infer<typeof taskShape>;

export type TaskEvidence = {
  readonly labels: readonly string[];
  readonly predictions: readonly (string | null)[];
  /** Rows name the query that they answer. */
  readonly ranked: boolean;
};

/** More different whole numbers than this are amounts, not codes of classes. */
const MOST_CODES = 20;

/**
 * The declared task, unless it is "other". Then: rows with queries are a ranking; two labels at most are binary;
 * labels that are not all numbers are classes, as are a few whole numbers that the predictions keep to; other
 * numbers are a regression. "other" still, where nothing is labelled.
 */
export function findTask(declared: Task, { labels, predictions, ranked }: TaskEvidence): Task {
  if (declared !== 'other') return declared;
  if (ranked) return 'ranking';
  if (labels.length === 0) return 'other';
  const seen = new Set(labels);
  const kept = predictions.every((predicted) => predicted === null || seen.has(predicted));
  if (seen.size <= 2 && (kept || [...seen].every((label) => !isNumber(label)))) return 'binary';
  if (![...seen].every(isNumber)) return 'multiclass';
  const codes = seen.size <= MOST_CODES && [...seen].every((label) => Number.isInteger(Number(label)));
  return codes && kept ? 'multiclass' : 'regression';
}

/** A text that is written like a finite number. */
function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
