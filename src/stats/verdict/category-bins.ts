import type { Cells } from './cells.ts';
import type { JudgedBin } from './judgement.ts';
import type { PairedTexts } from './paired-texts.ts';

/** Categories with a bin of their own; the reference's rarer ones share the bin `other`. */
const LARGEST_CATEGORIES = 200;

export type CategoryCounts = {
  readonly paired: PairedTexts;
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
  const { paired } = counts;
  const listed = listedTexts(counts);
  const own = mostFrequent(listed);
  const none = { lower: null, upper: null };
  const bins: JudgedBin[] = own.map(({ text, k, reference }) => {
    return { kind: 'value', label: text, ...none, reference, window: k < 0 ? 0 : paired.w[k]! };
  });
  const other = { reference: 0, window: 0 };
  for (const { k, reference } of listed) {
    other.reference += reference;
    other.window += k < 0 ? 0 : paired.w[k]!;
  }
  const unseen = paired.w.reduce((sum, count) => sum + count, 0) - other.window;
  for (const bin of bins) {
    other.reference -= bin.reference;
    other.window -= bin.window;
  }
  if (listed.length > own.length) bins.push({ kind: 'other', label: 'other', ...none, ...other });
  bins.push({ kind: 'unseen', label: 'unseen', ...none, reference: 0, window: unseen });
  const missing = { reference: counts.referenceNulls, window: counts.windowNulls };
  bins.push({ kind: 'missing', label: 'missing', ...none, ...missing });
  return bins;
}

/** A text of the reference: its place among the paired, -1 where it has no row on either side, and its rows there. */
type Listed = { readonly text: string; readonly k: number; readonly reference: number };

/** The texts that the reference is known to hold. */
function listedTexts({ paired: { texts, r }, known }: CategoryCounts): Listed[] {
  const without = new Set(known);
  const listed: Listed[] = [];
  for (let k = 0; k < texts.length; k++) {
    // Those that are known and are not met in the reference have a place all the same.
    const isKnown = without.size > 0 && without.delete(texts[k]!);
    if (r[k]! > 0 || isKnown) listed.push({ text: texts[k]!, k, reference: r[k]! });
  }
  for (const text of without) listed.push({ text, k: -1, reference: 0 });
  return listed;
}

/** The texts with a bin of their own, most frequent first, ties by text. */
function mostFrequent(listed: readonly Listed[]): Listed[] {
  const falling = Float64Array.from(listed, ({ reference }) => -reference).sort();
  const least = -(falling[LARGEST_CATEGORIES - 1] ?? 0);
  return listed
    .filter(({ reference }) => reference >= least)
    .sort((a, b) => b.reference - a.reference || (a.text < b.text ? -1 : 1))
    .slice(0, LARGEST_CATEGORIES);
}

/**
 * Every text of either side, and missing, as a cell of its own. Tests and their null laws need this: a cell made
 * of all that the reference happens to lack is empty there by construction, and would differ without any drift.
 */
export function categoryCells(counts: CategoryCounts): Cells {
  const { texts, r, w } = counts.paired;
  const order = Uint32Array.from(texts, (_, k) => k).sort((a, b) => (texts[a]! < texts[b]! ? -1 : 1));
  return {
    labels: [...Array.from(order, (k) => texts[k]!), 'missing'],
    r: [...Array.from(order, (k) => r[k]!), counts.referenceNulls],
    w: [...Array.from(order, (k) => w[k]!), counts.windowNulls],
  };
}
