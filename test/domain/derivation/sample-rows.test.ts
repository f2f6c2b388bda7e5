import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupSplit } from '../../../src/domain/derivation/group-split.ts';
import { keepCount, keepShare } from '../../../src/domain/derivation/sample-rows.ts';
import { RowSelection } from '../../../src/formats/columns/row-selection.ts';
import { numbers, texts } from '../../stats/columns.ts';

const selectionOf = (bits: readonly boolean[]): RowSelection => {
  const selection = new RowSelection();
  selection.add(Uint8Array.from(bits, Number));
  return selection;
};
const rowsOf = (selection: RowSelection): number[] => [...selection.within(0, selection.rows)];

describe('a sample', () => {
  const tables = fc.array(fc.array(fc.boolean(), { maxLength: 60 }), { minLength: 1, maxLength: 3 });
  const seed = fc.nat();

  it('has as many rows as wanted, of those that may be taken, and its complement the others', () => {
    fc.assert(
      fc.property(tables, seed, fc.nat({ max: 80 }), (bits, s, wanted) => {
        const [chosen, others] = [bits.map(selectionOf), bits.map(selectionOf)];
        keepCount(chosen, wanted, s);
        keepCount(others, wanted, s, true);
        const all = bits.flat().filter(Boolean).length;
        const count = (list: readonly RowSelection[]) => list.reduce((sum, selection) => sum + selection.count, 0);
        expect(count(chosen)).toBe(Math.min(wanted, all));
        bits.forEach((table, i) => {
          const both = [...rowsOf(chosen[i]!), ...rowsOf(others[i]!)].sort((a, b) => a - b);
          expect(both).toEqual(table.flatMap((taken, row) => (taken ? [row] : [])));
        });
      }),
    );
  });

  it('takes every row equally often over the seeds', () => {
    const times = Array.from({ length: 10 }, () => 0);
    for (let s = 0; s < 5000; s++) {
      const selection = selectionOf(Array.from({ length: 10 }, () => true));
      keepCount([selection], 3, s);
      for (const row of rowsOf(selection)) times[row]!++;
    }
    // 1500 each; four standard deviations are 130.
    for (const count of times) expect(Math.abs(count - 1500)).toBeLessThan(130);
  });

  it('of a share is near it, and the same for the same seed', () => {
    const share = (s: number) => {
      const selection = selectionOf(Array.from({ length: 10_000 }, () => true));
      keepShare([selection], 0.3, s);
      return rowsOf(selection);
    };
    expect(Math.abs(share(1).length - 3000)).toBeLessThan(200);
    expect(share(1)).toEqual(share(1));
    expect(share(1)).not.toEqual(share(2));
  });
});

describe('a split by groups', () => {
  const split = { share: 0.5, seed: 7, by: 'x' };

  it('has all rows of a value in one part, whatever type holds it', () => {
    const column = texts(Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? null : `g${i % 40}`)));
    const test = (part: 'train' | 'test') =>
      groupSplit({ ...split, part }, [{ name: 'x', type: 'text' }]).test({ rows: 300, columns: [column] });
    const [train, rest] = [test('train'), test('test')];
    const seen = new Map<string, number>();
    for (let i = 0; i < 300; i++) {
      expect(train[i]! + rest[i]!).toBe(1);
      const value = i % 7 === 0 ? 'null' : `g${i % 40}`;
      expect(seen.get(value) ?? train[i]).toBe(train[i]);
      seen.set(value, train[i]!);
    }
    expect(new Set(seen.values())).toEqual(new Set([0, 1]));
    const number = groupSplit({ ...split, part: 'train' }, [{ name: 'x', type: 'float64' }]);
    const [zero, minus] = number.test({ rows: 2, columns: [numbers([0, -0])] });
    expect(zero).toBe(minus);
  });

  it('refuses a column that is not there', () => {
    expect(() => groupSplit({ ...split, part: 'train' }, [])).toThrow('no column "x" to split by');
  });
});
