import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { sliceShift } from '../../../src/stats/table/slice-shift.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import { numbers, profileOf, texts } from '../columns.ts';

const MARKETS = ['small', 'middle', 'large'];

type Rows = {
  readonly market: (string | null)[];
  readonly shop: string[];
  readonly price: (number | null)[];
  readonly age: number[];
};

/** `moved`: by how many deviations prices are higher in the small market, `all` everywhere. */
function rowsOf(random: Uniform, count: number, { moved = 0, all = 0, share = 0.03 } = {}): Rows {
  const market = Array.from({ length: count }, () =>
    random() < share ? 'small' : MARKETS[1 + Math.floor(2 * random())]!,
  );
  return {
    market,
    shop: Array.from({ length: count }, () => `s${Math.floor(4 * random())}`),
    price: market.map((name) =>
      random() < 0.02 ? null : normalDeviate(random) + all + (name === 'small' ? moved : 0),
    ),
    age: Array.from({ length: count }, () => Math.floor(20 + 50 * random())),
  };
}

const pairOf = (reference: Rows, window: Rows): TablePair => [
  { name: 'market', reference: texts(reference.market), window: texts(window.market) },
  { name: 'shop', reference: texts(reference.shop), window: texts(window.shop) },
  { name: 'price', reference: numbers(reference.price), window: numbers(window.price) },
  { name: 'age', reference: numbers(reference.age), window: numbers(window.age) },
];

describe('the shift of a slice', () => {
  const random = xoshiro128(3);
  const reference = rowsOf(random, 8000);

  it('finds what moved in 3 % of the rows, and says where', () => {
    const found = sliceShift(pairOf(reference, rowsOf(random, 1000, { moved: 2 })));
    expect(found).toMatchObject({ column: 'market', value: 'small', moved: 'price', looked: 14 });
    expect(found?.p).toBeLessThan(1e-4);
    // Two deviations are that much in ranks: Φ(2/√2) - 1/2.
    expect(found?.shift).toBeCloseTo(0.42, 1);
    expect(found?.m).toBeLessThan(45);
  });

  it('names the smaller of two values that are all there are, whichever moved', () => {
    const two = ({ market, ...rest }: Rows): Rows => ({
      ...rest,
      market: market.map((name) => (name === 'small' ? name : 'other')),
    });
    // Rounding tells the two apart, one way or the other.
    for (let seed = 0; seed < 12; seed++) {
      const own = xoshiro128(seed);
      const before = two(rowsOf(own, 2000, { share: 0.3 }));
      const after = two(rowsOf(own, 500, { share: 0.3, ...(seed % 2 === 0 ? { moved: 1 } : { moved: -1, all: 1 }) }));
      const found = sliceShift(pairOf(before, after));
      expect(found).toMatchObject({ column: 'market', value: 'small', moved: 'price' });
    }
  });

  it('takes what moves all rows alike for no drift of a slice', () => {
    expect(sliceShift(pairOf(reference, rowsOf(random, 1000, { all: 1.5 })))?.p).toBeGreaterThan(0.05);
    // More rows of a slice are a change of the column that tells it.
    expect(sliceShift(pairOf(reference, rowsOf(random, 1000, { share: 0.2 })))?.p).toBeGreaterThan(0.05);
  });

  it('has no smaller p without drift than chance gives', () => {
    const small = rowsOf(random, 2000, { share: 0.1 });
    const tables = 400;
    let [below, far] = [0, 0];
    for (let i = 0; i < tables; i++) {
      const p = sliceShift(pairOf(small, rowsOf(random, 300, { share: 0.1 })))?.p ?? 0;
      if (p < 0.1) below++;
      if (p < 0.01) far++;
    }
    expect(below / tables).toBeLessThan(0.1 + 2 * Math.sqrt((0.1 * 0.9) / tables));
    expect(far / tables).toBeLessThan(0.01 + 2 * Math.sqrt((0.01 * 0.99) / tables));
  });

  it('is nothing without slices, numbers or rows', () => {
    const pair = pairOf(reference, rowsOf(random, 1000));
    expect(sliceShift(pair.slice(2))).toBeNull();
    expect(sliceShift(pair.slice(0, 2))).toBeNull();
    expect(sliceShift(pairOf(reference, rowsOf(random, 19)))).toBeNull();
    const gone = { ...reference, market: reference.market.map(() => null), shop: reference.shop.map(() => 'one') };
    // Rows that nothing tells apart have no others to be held against.
    expect(sliceShift(pairOf(gone, gone))).toBeNull();
  });

  it('is drift of the table beyond its own share, and named', () => {
    const columns = (rows: Rows) => ({
      market: texts(rows.market),
      shop: texts(rows.shop),
      price: numbers(rows.price),
      age: numbers(rows.age),
    });
    const window = columns(rowsOf(random, 1000, { moved: 2 }));
    const known = columns(reference);
    const profile = profileOf(known);
    const input = profile.columns.map((column) => {
      const name = column.name as keyof typeof known;
      return { name, role: 'feature' as const, profile: column, reference: known[name], window: window[name] };
    });
    expect(judge({ columns: input }).dataset.verdict).toBe('no_drift');
    const found = judge({ columns: input, policy: { tableMeasures: ['slice_shift/mean-rank@1'] } });
    expect(found.dataset).toMatchObject({ verdict: 'drift', reasons: ['whole_rows'] });
    expect(found.dataset.why).toContain('price where market is small');
    expect(found.table?.[0]).toMatchObject({ drift: true, parameters: { column: 'market', slice: 'small' } });
    // Its q is below alpha where p is below a fifth of it.
    const { p, q } = found.table?.[0] ?? {};
    expect(q).toBeCloseTo((p ?? 1) * 5, 12);
  });
});
