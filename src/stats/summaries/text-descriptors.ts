import type { CategoryColumn, NumberColumn } from '../column.ts';

/** Words that texts of the reference use, in lower case. */
export type Vocabulary = ReadonlySet<string>;

/** What is measured of a text. Shares are of its characters (code points), `out_of_vocabulary` of its words. */
export const TEXT_DESCRIPTORS = [
  'characters',
  'words',
  'out_of_vocabulary',
  'letters',
  'upper_case',
  'digits',
  'spaces',
  'punctuation',
  'non_ascii',
] as const;

export type TextDescriptor = (typeof TEXT_DESCRIPTORS)[number];

/** Words in memory while a vocabulary is built, as a multiple of those it keeps. */
const HELD = 4;
const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/**
 * The most frequent words of a column, at most `most` of them, each row counted. Whenever four times as many are held,
 * the rarest go, so that a word may be missing that came late and seldom. Cost O(characters of the dictionary).
 */
export function vocabularyOf(column: CategoryColumn, most = 50_000): Vocabulary {
  const rows = rowsByCode(column);
  const counts = new Map<string, number>();
  for (const [code, text] of column.dictionary.entries()) {
    if (rows[code] === 0) continue;
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + rows[code]!);
    if (counts.size > HELD * most) keepMostFrequent(counts, most);
  }
  keepMostFrequent(counts, most);
  return new Set(counts.keys());
}

function rowsByCode(column: CategoryColumn): Float64Array {
  const rows = new Float64Array(column.dictionary.length);
  for (let i = 0; i < column.length; i++) {
    const code = column.codes[i]!;
    if (code >= 0) rows[code]!++;
  }
  return rows;
}

function keepMostFrequent(counts: Map<string, number>, most: number): void {
  if (counts.size <= most) return;
  const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  for (const [word] of order.slice(most)) counts.delete(word);
}

/**
 * The descriptors of a column's texts as columns of numbers, which the measures for numbers take: drift of free text,
 * where nearly every value is different and no test on categories says anything. A text without words has no share
 * of unknown words, an empty one no shares at all (missing). Cost O(characters of the dictionary + rows).
 */
export function describeTexts(column: CategoryColumn, vocabulary: Vocabulary): Record<TextDescriptor, NumberColumn> {
  const described = column.dictionary.map((text) => describe(text, vocabulary));
  const columnOf = (name: TextDescriptor): NumberColumn => {
    const values = new Float64Array(column.length);
    const valid = new Uint8Array(Math.ceil(column.length / 8));
    for (let i = 0; i < column.length; i++) {
      const value = described[column.codes[i]!]?.[name];
      if (value === undefined || Number.isNaN(value)) continue;
      values[i] = value;
      valid[i >> 3]! |= 1 << (i & 7);
    }
    return { kind: 'number', type: 'float64', length: column.length, values, valid, exact: null };
  };
  // One column for each name of the list, which is all that the record may have.
  return Object.fromEntries(TEXT_DESCRIPTORS.map((name) => [name, columnOf(name)])) as Record<
    TextDescriptor,
    NumberColumn
  >;
}

/** NaN where a share is of nothing. */
function describe(text: string, vocabulary: Vocabulary): Record<TextDescriptor, number> {
  const words = wordsOf(text);
  const classes = countClasses(text);
  const { characters } = classes;
  return {
    characters,
    words: words.length,
    out_of_vocabulary: words.filter((word) => !vocabulary.has(word)).length / words.length,
    letters: classes.letters / characters,
    upper_case: classes.upper / characters,
    digits: classes.digits / characters,
    spaces: classes.spaces / characters,
    punctuation: classes.punctuation / characters,
    non_ascii: classes.nonAscii / characters,
  };
}

function countClasses(text: string) {
  const counts = { characters: 0, letters: 0, upper: 0, digits: 0, spaces: 0, punctuation: 0, nonAscii: 0 };
  for (const character of text) {
    counts.characters++;
    if (character > '\x7f') counts.nonAscii++;
    if (/\p{L}/u.test(character)) {
      counts.letters++;
      if (/\p{Lu}/u.test(character)) counts.upper++;
    } else if (/\p{N}/u.test(character)) counts.digits++;
    else if (/\s/u.test(character)) counts.spaces++;
    else if (/[\p{P}\p{S}]/u.test(character)) counts.punctuation++;
  }
  return counts;
}
