import type { CategoryColumn } from '../column.ts';
import type { Cells } from './findings.ts';
import type { JudgedBin } from './judgement.ts';

/** Categories with a bin of their own; the reference's rarer ones share the bin `other`. */
const LARGEST_CATEGORIES = 200;

/** Rows by text; nulls are left out. */
export function countTexts(column: CategoryColumn): Map<string, number> {
  const counts = new Float64Array(column.dictionary.length);
  for (let i = 0; i < column.length; i++) {
    const code = column.codes[i]!;
    if (code >= 0) counts[code]!++;
  }
  const texts = new Map<string, number>();
  for (let code = 0; code < counts.length; code++) {
    const text = column.dictionary[code]!;
    if (counts[code]! > 0) texts.set(text, (texts.get(text) ?? 0) + counts[code]!);
  }
  return texts;
}

export type CategoryCounts = {
  readonly reference: ReadonlyMap<string, number>;
  readonly window: ReadonlyMap<string, number>;
  readonly referenceNulls: number;
  readonly windowNulls: number;
  /** Texts that the whole reference is known to hold, whether or not its sample does. */
  readonly known: Iterable<string>;
};

/**
 * Both samples by the reference's categories, most frequent first: up to 200 of their own, then `other` for
 * the reference's rest, `unseen` for what the reference never held, and `missing`.
 */
export function categoryBins(counts: CategoryCounts): JudgedBin[] {
  const { reference, window } = counts;
  const known = new Set([...reference.keys(), ...counts.known]);
  const order = [...known].sort((a, b) => (reference.get(b) ?? 0) - (reference.get(a) ?? 0) || (a < b ? -1 : 1));
  const own = order.slice(0, LARGEST_CATEGORIES);
  const none = { lower: null, upper: null };
  const bins: JudgedBin[] = own.map((text) => ({
    kind: 'value',
    label: text,
    ...none,
    reference: reference.get(text) ?? 0,
    window: window.get(text) ?? 0,
  }));
  const other = { reference: 0, window: 0 };
  for (const text of order.slice(LARGEST_CATEGORIES)) {
    other.reference += reference.get(text) ?? 0;
    other.window += window.get(text) ?? 0;
  }
  let unseen = 0;
  for (const [text, count] of window) if (!known.has(text)) unseen += count;
  if (order.length > own.length) bins.push({ kind: 'other', label: 'other', ...none, ...other });
  bins.push({ kind: 'unseen', label: 'unseen', ...none, reference: 0, window: unseen });
  const missing = { reference: counts.referenceNulls, window: counts.windowNulls };
  bins.push({ kind: 'missing', label: 'missing', ...none, ...missing });
  return bins;
}

/**
 * Every text of either side, and missing, as a cell of its own. Tests and their null laws need this: a cell made
 * of all that the reference happens to lack is empty there by construction, and would differ without any drift.
 */
export function categoryCells(counts: CategoryCounts): Cells {
  const { reference, window } = counts;
  const labels = [...new Set([...reference.keys(), ...window.keys()])].sort();
  return {
    labels: [...labels, 'missing'],
    r: [...labels.map((text) => reference.get(text) ?? 0), counts.referenceNulls],
    w: [...labels.map((text) => window.get(text) ?? 0), counts.windowNulls],
  };
}
