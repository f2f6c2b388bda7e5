import type { CategoryColumn } from '../column.ts';
import type { Cells } from './cells.ts';
import type { JudgedBin } from './judgement.ts';

/** Categories with a bin of their own; the reference's rarer ones share the bin `other`. */
const LARGEST_CATEGORIES = 200;

/** Rows by text; nulls are left out. */
export function countTexts(column: CategoryColumn): Map<string, number> {
  const counts = new Float64Array(column.dictionary.length);
  const { codes, dictionary, length } = column;
  for (let i = 0; i < length; i++) {
    const code = codes[i]!;
    if (code >= 0) counts[code]!++;
  }
  const texts = new Map<string, number>();
  for (let code = 0; code < counts.length; code++) {
    if (counts[code] === 0) continue;
    const text = dictionary[code]!;
    texts.set(text, (texts.get(text) ?? 0) + counts[code]!);
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
 * the reference's rest, `unseen` for what the reference never held, and `missing`. Cost O(texts), and the sorting of
 * those that are as frequent as the 200th.
 */
export function categoryBins(counts: CategoryCounts): JudgedBin[] {
  const { reference, window } = counts;
  const known = new Set([...reference.keys(), ...counts.known]);
  const own = mostFrequent(known, reference);
  const none = { lower: null, upper: null };
  const bins: JudgedBin[] = own.map((text) => ({
    kind: 'value',
    label: text,
    ...none,
    reference: reference.get(text) ?? 0,
    window: window.get(text) ?? 0,
  }));
  const other = { reference: 0, window: 0 };
  let unseen = 0;
  for (const count of reference.values()) other.reference += count;
  for (const [text, count] of window) {
    if (known.has(text)) other.window += count;
    else unseen += count;
  }
  for (const bin of bins) {
    other.reference -= bin.reference;
    other.window -= bin.window;
  }
  if (known.size > own.length) bins.push({ kind: 'other', label: 'other', ...none, ...other });
  bins.push({ kind: 'unseen', label: 'unseen', ...none, reference: 0, window: unseen });
  const missing = { reference: counts.referenceNulls, window: counts.windowNulls };
  bins.push({ kind: 'missing', label: 'missing', ...none, ...missing });
  return bins;
}

/** The texts with a bin of their own, most frequent first, ties by text. */
function mostFrequent(texts: ReadonlySet<string>, counts: ReadonlyMap<string, number>): string[] {
  const found = Array.from(texts, (text) => ({ text, count: counts.get(text) ?? 0 }));
  const falling = Float64Array.from(found, ({ count }) => -count).sort();
  const least = -(falling[LARGEST_CATEGORIES - 1] ?? 0);
  return found
    .filter(({ count }) => count >= least)
    .sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1))
    .slice(0, LARGEST_CATEGORIES)
    .map(({ text }) => text);
}

/**
 * Every text of either side, and missing, as a cell of its own. Tests and their null laws need this: a cell made
 * of all that the reference happens to lack is empty there by construction, and would differ without any drift.
 */
export function categoryCells(counts: CategoryCounts): Cells {
  const { reference, window } = counts;
  const labels = [...reference.keys()];
  for (const text of window.keys()) if (!reference.has(text)) labels.push(text);
  labels.sort();
  return {
    labels: [...labels, 'missing'],
    r: [...labels.map((text) => reference.get(text) ?? 0), counts.referenceNulls],
    w: [...labels.map((text) => window.get(text) ?? 0), counts.windowNulls],
  };
}
