import { describe, expect, it } from 'vitest';
import { InlineTexts } from '../../../src/formats/parquet/inline-texts.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

/** Texts of at most 12 bytes as DuckDB lays them out: 16 bytes each, length first, then the text and zeros. */
function laidOut(texts: readonly string[]) {
  const bytes = new Uint8Array(16 * texts.length);
  const words = new Int32Array(bytes.buffer);
  for (const [i, text] of texts.entries()) {
    const encoded = new TextEncoder().encode(text);
    words[4 * i] = encoded.length;
    bytes.set(encoded, 16 * i + 4);
  }
  return { bytes, words };
}

/** The texts back from their codes. */
function readBack(batches: readonly (readonly string[])[], inline: InlineTexts): string[] {
  const dictionary = new TextDictionary();
  return batches.flatMap((texts) => {
    const { bytes, words } = laidOut(texts);
    const codes = texts.map((_, i) => inline.code(words, bytes, 4 * i, dictionary));
    const known = dictionary.snapshot();
    const back = codes.map((code) => known[code]!);
    if (dictionary.startBatch()) inline.forgetTexts();
    inline.startBatch();
    return back;
  });
}

describe('InlineTexts', () => {
  it('finds each text, also where several fall on one place, are empty, or differ in their last byte', () => {
    const random = xoshiro128(1);
    const odd = ['', '\0', '\0\0', 'ä', 'value 12345a', 'value 12345b', '99', '9'];
    const draw = (values: number) => () => odd[Math.floor(40 * random())] ?? `v${Math.floor(values * random())}`;
    const few = Array.from({ length: 20_000 }, draw(300));
    const many = Array.from({ length: 20_000 }, draw(30_000));
    // After the second batch the dictionary is too large to be carried along, and its codes mean other texts.
    expect(readBack([few, many, few], new InlineTexts())).toEqual([...few, ...many, ...few]);
  });

  it('is given up for a column of new texts, and kept for one of few', () => {
    const [few, many] = [new InlineTexts(), new InlineTexts()];
    readBack([Array.from({ length: 1_000 }, (_, i) => `v${i % 10}`)], few);
    readBack([Array.from({ length: 1_000 }, (_, i) => `v${i}`)], many);
    expect([few.useful, many.useful]).toEqual([true, false]);
  });
});
