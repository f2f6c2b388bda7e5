import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnHold } from '../../../src/formats/columns/column-hold.ts';
import { concatenate } from '../../../src/formats/columns/concatenate-columns.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import type { CategoryColumn, Column } from '../../../src/stats/column.ts';
import { numbers, texts } from '../../stats/columns.ts';

const textsOf = ({ codes, dictionary }: CategoryColumn) => Array.from(codes, (code) => dictionary[code] ?? null);

/** Texts by a dictionary that goes on from batch to batch, as readers have it. */
function encodedTexts(words: readonly (string | null)[], dictionary: TextDictionary): CategoryColumn {
  const codes = Int32Array.from(words, (word) => (word === null ? -1 : dictionary.codeOf(word)));
  const encoded = dictionary.encode();
  if (encoded === null) throw new Error('an ordinary dictionary is encoded');
  return { kind: 'category', type: 'text', length: words.length, codes, encoded, dictionary: dictionary.snapshot() };
}

/** What a reader does with a batch that it hands out in passing. */
function writeOver(column: Column): void {
  if (column.kind === 'category') column.codes.fill(0);
  else {
    column.values.fill(7);
    column.valid?.fill(0);
    if (column.kind === 'number') column.exact?.fill(7n);
  }
}

describe('a column that is held', () => {
  it('has the numbers of all batches, which were written over, in one array', () => {
    const batches = fc.array(fc.array(fc.option(fc.double()), { maxLength: 20 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(batches, (rows) => {
        const hold = new ColumnHold(rows.flat().length);
        const held = rows.map((values) => {
          const column = numbers(values);
          const kept = hold.add(column);
          writeOver(column);
          return { rows: values.length, column: kept };
        });
        const found = concatenate(held, 'float64', { owned: true });
        expect(found).toEqual(concatenate([{ rows: rows.flat().length, column: numbers(rows.flat()) }], 'float64'));
        if (found.kind !== 'number' || held[0]?.column.kind !== 'number') throw new Error('numbers are numbers');
        expect(found.values.buffer).toBe(held[0].column.values.buffer);
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('has the integers that a double does not hold', () => {
    const big = 2n ** 60n + 1n;
    const column: Column = {
      ...{ kind: 'number', type: 'int64', length: 2, valid: null },
      values: Float64Array.of(1, Number(big)),
      exact: BigInt64Array.of(1n, big),
    };
    const held = new ColumnHold(2).add(column);
    writeOver(column);
    expect(held).toMatchObject({ values: Float64Array.of(1, Number(big)), exact: BigInt64Array.of(1n, big) });
  });

  it('has the texts of its batches, whatever becomes of their dictionary', () => {
    const words = fc.array(fc.option(fc.string({ unit: 'grapheme' })), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(words, { maxLength: 6 }), (batches) => {
        const dictionary = new TextDictionary();
        const hold = new ColumnHold(0);
        const held = batches.map((batch) => {
          const column = encodedTexts(batch, dictionary);
          const kept = hold.add(column);
          writeOver(column);
          return kept as CategoryColumn;
        });
        for (const [i, batch] of batches.entries()) expect(textsOf(held[i]!)).toEqual(batch);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it('holds a dictionary once that is the same in the next batch', () => {
    const dictionary = new TextDictionary();
    const hold = new ColumnHold(0);
    const [first, second, third] = [['a', 'b'], ['b', 'a'], ['c']].map(
      (batch) => hold.add(encodedTexts(batch, dictionary)) as CategoryColumn,
    );
    expect(second!.encoded).toBe(first!.encoded);
    expect(textsOf(third!)).toEqual(['c']);
    expect(textsOf(first!)).toEqual(['a', 'b']);
  });

  it('has booleans, and texts that are strings', () => {
    const yes: CategoryColumn = {
      ...{ kind: 'category', type: 'boolean', length: 2 },
      codes: Int32Array.of(1, -1),
      dictionary: ['false', 'true'],
    };
    expect(textsOf(new ColumnHold(0).add(yes) as CategoryColumn)).toEqual(['true', null]);
    expect(textsOf(new ColumnHold(0).add(texts(['x', null, 'y'])) as CategoryColumn)).toEqual(['x', null, 'y']);
  });
});
