import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ColumnSpill, readSpilled } from '../../../src/formats/columns/column-spill.ts';
import { concatenate } from '../../../src/formats/columns/concatenate-columns.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import type { CategoryColumn, Column } from '../../../src/stats/column.ts';
import { numbers, texts, vectors } from '../../stats/columns.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-spill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const nextFile = () => join(folder, String(files++));

const textsOf = ({ codes, dictionary }: CategoryColumn) => Array.from(codes, (code) => dictionary[code] ?? null);

/** What is in a column, whatever it is held in. */
function contentOf(column: Column) {
  if (column.kind === 'category') return { type: column.type, texts: textsOf(column) };
  const { type, values, valid } = column;
  return { type, values: [...values], valid, exact: column.kind === 'number' ? column.exact : null };
}

describe('a file of columns', () => {
  it('gives back every kind of column, batch by batch', () => {
    const row = fc.tuple(
      fc.double(),
      fc.option(fc.string({ unit: 'grapheme' })),
      fc.boolean(),
      fc.option(fc.tuple(fc.double(), fc.double())),
    );
    fc.assert(
      fc.property(fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 6 }), (batches) => {
        const spill = new ColumnSpill(nextFile());
        const given = batches.map((rows): Column[] => [
          numbers(rows.map(([number]) => number)),
          texts(rows.map(([, text]) => text)),
          {
            kind: 'category',
            type: 'boolean',
            length: rows.length,
            codes: Int32Array.from(rows, ([, , yes]) => (yes ? 1 : 0)),
            dictionary: ['false', 'true'],
          },
          vectors(
            rows.map(([, , , vector]) => vector),
            2,
          ),
        ]);
        const parts = given.map((columns, i) => spill.add({ rows: batches[i]?.length ?? 0, columns }));
        spill.close();
        for (const k of [2, 0, 3, 1]) {
          const read = readSpilled(parts.map((part) => part[k]!));
          expect(read.map(contentOf)).toEqual(given.map((columns) => contentOf(columns[k]!)));
        }
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  it('keeps what has no value, times, and integers beyond 2^53', () => {
    const columns: Column[] = [
      {
        kind: 'number',
        type: 'int64',
        length: 3,
        values: Float64Array.of(1, 0, 2 ** 60),
        valid: Uint8Array.of(0b101),
        exact: BigInt64Array.of(1n, 0n, 2n ** 60n + 1n),
      },
      { kind: 'time', type: 'timestamp', length: 3, values: Float64Array.of(1.5, -2, 0), valid: Uint8Array.of(0b11) },
    ];
    const spill = new ColumnSpill(nextFile());
    const parts = spill.add({ rows: 3, columns });
    spill.close();
    expect(readSpilled(parts)).toEqual(columns);
    // Where something else was before.
    expect(readSpilled(parts, (length) => new Float64Array(length + 5).fill(7))).toEqual(columns);
  });

  it('gives back numbers that need no copy to be one column', () => {
    const value = fc.option(fc.double());
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 20 }), { minLength: 1, maxLength: 6 }), (batches) => {
        const spill = new ColumnSpill(nextFile());
        const kept = batches.flatMap((rows) => spill.add({ rows: rows.length, columns: [numbers(rows)] }));
        spill.close();
        const read = readSpilled(kept);
        const parts = read.map((column, i) => ({ rows: batches[i]!.length, column }));
        const whole = concatenate(parts, 'float64', { owned: true });
        expect(contentOf(whole)).toEqual(contentOf(concatenate(parts, 'float64')));
        const [first] = read;
        if (first?.kind !== 'number' || whole.kind !== 'number') throw new Error('no numbers');
        expect(whole.values.buffer).toBe(first.values.buffer);
        // One that a file lacks lies nowhere.
        const lacking = [...parts, { rows: 2, column: null }];
        expect(contentOf(concatenate(lacking, 'float64', { owned: true }))).toEqual(
          contentOf(concatenate(lacking, 'float64')),
        );
      }),
      { seed: 13, numRuns: 60 },
    );
  });

  it('does not mind that a batch is changed once it was taken', () => {
    const column = numbers([1, 2, 3]);
    const spill = new ColumnSpill(nextFile());
    const [part] = spill.add({ rows: 3, columns: [column] });
    if (column.kind === 'number') column.values.fill(9);
    spill.close();
    expect(readSpilled([part!]).map(contentOf)).toMatchObject([{ values: [1, 2, 3] }]);
  });

  it('takes texts as bytes, and writes a dictionary once while it stays the same', () => {
    const dictionary = new TextDictionary();
    const batch = (values: readonly string[]): Column => {
      const codes = Int32Array.from(values, (value) => dictionary.codeOf(value));
      const encoded = dictionary.encode();
      if (encoded === null) throw new Error('no bytes');
      return { kind: 'category', type: 'text', length: codes.length, codes, encoded, dictionary: [] };
    };
    const spill = new ColumnSpill(nextFile());
    const parts = [['ä', 'b'], ['b', 'ä'], ['c']].flatMap((values) =>
      spill.add({ rows: values.length, columns: [batch(values)] }),
    );
    spill.close();
    const [first, second, third] = parts.map(({ column }) => ('codes' in column ? column.texts : null));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    const read = readSpilled(parts).map((column) => (column.kind === 'category' ? textsOf(column) : []));
    expect(read).toEqual([['ä', 'b'], ['b', 'ä'], ['c']]);
  });

  it('writes more buffers than one call takes', () => {
    const columns = Array.from({ length: 3_000 }, (_, i) => numbers([i, -i]));
    const spill = new ColumnSpill(nextFile());
    const parts = spill.add({ rows: 2, columns });
    spill.close();
    expect(readSpilled(parts.slice(2_990)).map(contentOf)).toEqual(columns.slice(2_990).map(contentOf));
  });
});
