import type { CategoryColumn } from '../column.ts';

/** Rows of both sides by text; nulls are left out. Every text that either side has is there once, in some order. */
export type PairedTexts = {
  readonly texts: readonly string[];
  readonly r: Float64Array;
  readonly w: Float64Array;
};

/** Rows by text; nulls are left out. */
export function countTexts(column: CategoryColumn): Map<string, number> {
  const { dictionary } = column;
  const counts = countCodes(column);
  const texts = new Map<string, number>();
  for (let code = 0; code < counts.length; code++) {
    if (counts[code] === 0) continue;
    const text = dictionary[code]!;
    texts.set(text, (texts.get(text) ?? 0) + counts[code]!);
  }
  return texts;
}

function countCodes({ codes, dictionary, length }: CategoryColumn): Float64Array {
  const counts = new Float64Array(dictionary.length);
  for (let i = 0; i < length; i++) {
    const code = codes[i]!;
    if (code >= 0) counts[code]!++;
  }
  return counts;
}

/** Both sides of a column. Where they have one list of different texts, no text has to be looked at. Cost O(rows). */
export function countTogether(reference: CategoryColumn, window: CategoryColumn): PairedTexts {
  const { dictionary } = reference;
  if (reference.distinct !== true || window.dictionary !== dictionary) {
    return pairTexts(countTexts(reference), countTexts(window));
  }
  const [r, w] = [countCodes(reference), countCodes(window)];
  return withoutUnused({ texts: dictionary, r, w });
}

function withoutUnused(paired: PairedTexts): PairedTexts {
  const { texts, r, w } = paired;
  const used = texts.map((_, k) => k).filter((k) => r[k]! + w[k]! > 0);
  if (used.length === texts.length) return paired;
  return {
    texts: used.map((k) => texts[k]!),
    r: Float64Array.from(used, (k) => r[k]!),
    w: Float64Array.from(used, (k) => w[k]!),
  };
}

/** The counts of two sides as one list. Cost O(texts). */
export function pairTexts(reference: ReadonlyMap<string, number>, window: ReadonlyMap<string, number>): PairedTexts {
  const texts = [...reference.keys()];
  for (const text of window.keys()) if (!reference.has(text)) texts.push(text);
  return {
    texts,
    r: Float64Array.from(texts, (text) => reference.get(text) ?? 0),
    w: Float64Array.from(texts, (text) => window.get(text) ?? 0),
  };
}
