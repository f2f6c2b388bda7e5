import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatenate, concatenateTogether } from '../../../src/formats/columns/concatenate-columns.ts';
import { openDictionary } from '../../../src/formats/columns/joined-dictionary.ts';
import { kernelModule } from '../../../src/formats/text/kernel-memory.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import type { CategoryColumn } from '../../../src/stats/column.ts';

/** A column whose texts are bytes, as readers of text give them. */
function encoded(values: readonly (string | null)[], before: readonly string[] = []): CategoryColumn {
  const dictionary = new TextDictionary();
  for (const text of before) dictionary.codeOf(text);
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.codeOf(value)));
  const texts = dictionary.encode();
  if (texts === null) throw new Error('no bytes');
  return { kind: 'category', type: 'text', length: codes.length, codes, encoded: texts, dictionary: [] };
}

const textOf = ({ codes, dictionary }: CategoryColumn): (string | null)[] =>
  Array.from(codes, (code) => (code < 0 ? null : dictionary[code]!));

/** What a dictionary for so many rows makes of the columns. */
function joined(columns: readonly CategoryColumn[], rows: number) {
  const dictionary = openDictionary(columns, { type: 'text', rows });
  const codes = columns.map((column) => {
    const target = new Int32Array(column.length).fill(-1);
    dictionary.take(column, target);
    return [...target];
  });
  return { codes, texts: dictionary.close() };
}

const MANY = 2 ** 20;

describe('a dictionary that others are joined in', () => {
  it('is the same by the compiled loops and without', () => {
    expect(kernelModule(), 'npm run build').not.toBeNull();
    const text = fc.oneof(
      fc.constantFrom('', 'a', 'b', 'value 1', 'value 22'),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    );
    const column = fc.tuple(fc.array(fc.option(text), { maxLength: 150 }), fc.array(text, { maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 5 }), (given) => {
        const columns = given.map(([values, before]) => encoded(values, before));
        const compiled = joined(columns, MANY);
        expect(compiled).toEqual(joined(columns, 1));
        const back = compiled.codes.map((codes) => codes.map((code) => (code < 0 ? null : compiled.texts[code])));
        expect(back).toEqual(given.map(([values]) => values));
      }),
    );
  });

  it('takes more texts than it has room for at first', () => {
    const columns = Array.from({ length: 5 }, (_, part) =>
      encoded(Array.from({ length: 20_000 }, (_row, i) => `${'long '.repeat(20)}${(part * 7_919 + i) % 60_000}`)),
    );
    const compiled = joined(columns, MANY);
    expect(compiled.texts).toHaveLength(
      new Set(columns.flatMap(({ encoded: texts, codes }) => Array.from(codes, texts!.textOf))).size,
    );
    expect(compiled).toEqual(joined(columns, 1));
  });

  it('goes on where the compiled loops do not: strings, and texts too long to be given at once', () => {
    const long = encoded(['x'.repeat(3_000_000), 'a']);
    const columns = [encoded(['b', 'é', 'b']), long, encoded(['a', null, 'b'])];
    const strings: CategoryColumn = { ...encoded(['q']), dictionary: ['a'] };
    delete (strings as { encoded?: unknown }).encoded;
    const compiled = joined([...columns, strings], MANY);
    expect(compiled).toEqual(joined([...columns, strings], 1));
    expect(compiled.codes).toEqual([[0, 1, 0], [2, 3], [3, -1, 0], [3]]);
  });
});

describe('columns that are concatenated together', () => {
  it('are those that they are apart, and have one list of texts', () => {
    const value = fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'ö'));
    const column = fc.array(fc.array(value, { maxLength: 10 }), { maxLength: 4 });
    fc.assert(
      fc.property(column, column, (...given) => {
        const columns = given.map((parts) => parts.map((values) => ({ rows: values.length, column: encoded(values) })));
        const together = concatenateTogether(columns);
        expect(together.map(textOf)).toEqual(given.map((parts) => parts.flat()));
        for (const [i, apart] of columns.entries()) {
          const alone = concatenate(apart, 'text');
          expect(alone.kind === 'category' && textOf(alone)).toEqual(textOf(together[i]!));
        }
        // Where they lie one behind the other and are nobody else's, codes are renamed in their place.
        const rooms = columns.map((parts) => Int32Array.from(parts.flatMap(({ column: { codes } }) => [...codes])));
        const adjoining = columns.map((parts, i) => {
          let at = 0;
          return parts.map(({ rows, column: part }) => {
            at += rows;
            return { rows, column: { ...part, codes: rooms[i]!.subarray(at - rows, at) } };
          });
        });
        const owned = concatenateTogether(adjoining, { owned: true });
        expect(owned.map(textOf)).toEqual(together.map(textOf));
        for (const [i, { codes }] of owned.entries()) if (codes.length > 0) expect(codes.buffer).toBe(rooms[i]!.buffer);
        const [first, second] = together;
        expect(first?.dictionary).toBe(second?.dictionary);
        expect(new Set(first?.dictionary).size).toBe(first?.dictionary.length);
      }),
    );
  });
});
