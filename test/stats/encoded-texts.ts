import type { CategoryColumn } from '../../src/stats/column.ts';

/** What a reader may leave behind a list. */
const BEHIND = 8;

/** The same column with its list in UTF-8, as a reader may hand it over: whoever has the bytes asks for no texts. */
export function encodedTexts(column: CategoryColumn): CategoryColumn {
  const parts = column.dictionary.map((text) => Buffer.from(text));
  const offsets = new Int32Array(parts.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  const bytes = Buffer.concat([...parts, Buffer.alloc(BEHIND)]);
  const textOf = (code: number) => bytes.toString('utf8', offsets[code], offsets[code + 1]);
  return { ...column, dictionary: [], encoded: { count: parts.length, bytes, offsets, textOf } };
}

/** The same with the two words that each text is counted by, where all of them are ASCII. */
export function wordedTexts(column: CategoryColumn): CategoryColumn {
  const isAscii = column.dictionary.every((text) => Buffer.byteLength(text) === text.length);
  const words = isAscii ? Int32Array.from(column.dictionary.flatMap(wordsOf)) : null;
  return { ...column, dictionary: [], encoded: { ...encodedTexts(column).encoded!, words: () => words } };
}

function wordsOf(text: string): [number, number] {
  return Array.from(Buffer.from(text)).reduce<[number, number]>(
    ([a, b], code) => {
      const turned = Math.imul(b ^ code, 0xcc9e2d51);
      return [Math.imul(a ^ code, 0x01000193), (turned << 13) | (turned >>> 19)];
    },
    [0x811c9dc5, 0x2545f491 ^ text.length],
  );
}
