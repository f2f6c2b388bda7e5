import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { type NumberLoops, PLAIN_LOOPS } from '../../../src/stats/summaries/number-loops.ts';
import { compareColumn } from '../../../src/stats/verdict/compare-column.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgeColumn, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';
import { numbers, profileOf, texts, times, vectors } from '../columns.ts';
import { filled, sample } from '../samples.ts';

const { POSITIVE_INFINITY: inf, NaN: nan } = Number;

function compared(
  reference: Column | null,
  window: Column | null,
  said: Partial<JudgeColumn> = {},
  policy: Partial<JudgePolicy> = {},
) {
  const profile = profileOf({ x: reference ?? window ?? numbers([]) }).columns[0]!;
  return compareColumn(
    { name: 'x', role: 'feature', profile, reference, window, ...said },
    { ...DEFAULT_POLICY, ...policy },
  );
}

const bell = (n: number, said: { shift?: number; offset?: number } = {}): number[] =>
  Array.from(sample({ n, kind: 'normal', ...said }));
const measures = ({ findings }: ReturnType<typeof compared>) => findings.map(({ measure }) => measure);
const pOf = ({ findings }: ReturnType<typeof compared>, measure: MeasureName) =>
  findings.find((one) => one.measure === measure)!.p!;
const some = numbers(bell(60));

describe('a column that cannot be compared', () => {
  const none = { cells: 0, p: null, decidedBy: null, bins: [], findings: [], insufficient: null, fewValues: null };
  const noRows = { rows: 0, nulls: 0, nan: 0, unseen: 0, below: 0, above: 0 };

  it('is one that a side does not have', () => {
    expect(compared(null, numbers([1, null]))).toEqual({
      ...none,
      kind: 'number',
      incomparable: 'The reference has no such column.',
      usable: { reference: 0, window: 0 },
      counts: { reference: noRows, window: { ...noRows, rows: 2, nulls: 1 } },
    });
    expect(compared(texts(['a', null, null]), null)).toMatchObject({
      ...none,
      kind: 'category',
      incomparable: 'The window has no such column.',
      counts: { reference: { rows: 3, nulls: 2 }, window: noRows },
    });
    expect(compared(null, null).incomparable).toBe('The reference has no such column.');
  });

  it('is one of other kinds, of vectors of other lengths, or of points in time', () => {
    const reason = (reference: Column, window: Column) => compared(reference, window).incomparable;
    expect(reason(some, texts(['a']))).toBe('The reference holds float64, the window text.');
    expect(reason(vectors([[1, 2]], 2), vectors([[1, 2, 3]], 3))).toBe(
      'The reference holds vector[2], the window vector[3].',
    );
    expect(reason(texts(['a']), some)).toBe('The reference holds text, the window float64.');
    expect(reason(vectors([[1, 2]], 2), some)).toBe('The reference holds vector[2], the window float64.');
    const moves = 'Points in time move on by themselves; they are not compared.';
    for (const other of [times([1, 2]), some, texts(['a'])]) {
      expect(reason(times([1]), other)).toBe(moves);
      expect(reason(other, times([1]))).toBe(moves);
    }
    expect(compared(vectors(filled(60, [1, 2]), 2), vectors(filled(60, [1, 2]), 2))).toMatchObject({
      kind: 'vector',
      incomparable: null,
    });
  });

  it('is one that predictions began without, while it is wholly missing', () => {
    const gone = numbers([null, null]);
    const never =
      'No prediction has held it so far. If the model does not use it, name it in the roles: as the label, or under ignore.';
    expect(compared(some, gone, { unlogged: true }).incomparable).toBe(never);
    expect(compared(some, gone, { unlogged: false }).incomparable).toBeNull();
    expect(compared(some, gone).incomparable).toBeNull();
    expect(compared(some, numbers([null, 1]), { unlogged: true }).incomparable).toBeNull();
  });

  it('is one of texts of which nearly every one is different', () => {
    const ids = (different: number, rows: number) =>
      texts(Array.from({ length: rows }, (_, i) => `id-${i % different}`));
    const nearly = 'Nearly every value is different, as in a column of identifiers or free text.';
    const reason = (different: number, rows: number) => compared(ids(different, rows), ids(3, 60)).incomparable;
    expect(reason(101, 201)).toBe(nearly);
    expect(reason(101, 202)).toBeNull();
    expect(reason(100, 100)).toBeNull();
    // Of the rows with a text alone.
    const holes = texts([...Array.from({ length: 101 }, (_, i) => `id-${i}`), ...filled(400, null)]);
    expect(compared(holes, ids(3, 60)).incomparable).toBe(nearly);
    const language = texts(Array.from({ length: 120 }, (_, i) => `the house number ${i} is green`));
    expect(compared(language, language)).toMatchObject({ incomparable: null, kind: 'category' });
    expect(compared(language, language, {}, { method: 'judge@2' }).incomparable).toBe(nearly);
  });

  it('is too small where a side has few rows', () => {
    const few = (side: string) => `The ${side} has 40 rows; at least 50 are needed on each side.`;
    for (const [full, short] of [
      [some, numbers(bell(40))],
      [texts(filled(60, 'a')), texts(filled(40, 'a'))],
    ] as const) {
      expect(compared(full, short).insufficient).toBe(few('window'));
      expect(compared(short, full).insufficient).toBe(few('reference'));
      expect(compared(full, full).insufficient).toBeNull();
    }
  });

  it('is too small where a side has no rows, which is no fault of its kind', () => {
    const empty = { incomparable: null, findings: [] };
    expect(compared(some, numbers([]))).toMatchObject({ ...empty, insufficient: 'The window has no rows.' });
    expect(compared(numbers([]), some)).toMatchObject({ ...empty, insufficient: 'The reference has no rows.' });
    expect(compared(numbers([]), numbers([])).insufficient).toBe('The window has no rows.');
  });
});

describe('two columns of numbers', () => {
  it('have findings in their order, what is only shown first, and the rows that lie outside', () => {
    const reference = numbers([...bell(60), inf, nan, null]);
    const window = numbers([...bell(50, { offset: 500 }), -inf, 99, nan, nan, null, null, null]);
    const found = compared(reference, window);
    expect(measures(found)).toEqual([
      'ks/two-sided@1',
      'combined_ranks/cauchy@1',
      'wasserstein/reference-std@1',
      'psi/reference-edges@1',
      'js_distance/base2/reference-edges@2',
      'missing_share/difference@1',
    ]);
    const outside = (from: -1 | 1) => {
      const [least, most] = [Math.min(...bell(60)), Math.max(...bell(60))];
      return bell(50, { offset: 500 }).filter((v) => (from < 0 ? v < least : v > most)).length;
    };
    expect(found).toMatchObject({
      kind: 'number',
      incomparable: null,
      insufficient: null,
      fewValues: null,
      usable: { reference: 61, window: 52 },
      cells: 0,
      counts: {
        reference: { rows: 63, nulls: 1, nan: 1, unseen: 0, below: 0, above: 1 },
        window: { rows: 57, nulls: 3, nan: 2, unseen: 0, below: outside(-1) + 1, above: outside(1) + 1 },
      },
    });
  });

  it('are decided by the missing share as well where either side misses any', () => {
    const full = numbers(bell(80));
    const holes = numbers([...bell(75), ...filled(5, null)]);
    const decided = (reference: Column, window: Column) => {
      const found = compared(reference, window);
      const [ranks, missing] = [pOf(found, 'combined_ranks/cauchy@1'), pOf(found, 'missing_share/difference@1')];
      return [found.p, ranks, missing] as const;
    };
    const [p, ranks] = decided(full, numbers(bell(80, { offset: 300 })));
    expect(p).toBe(ranks);
    for (const [reference, window] of [
      [full, holes],
      [holes, full],
    ] as const) {
      const [both, rank, missing] = decided(reference, window);
      expect(both).toBe(Math.min(1, 2 * Math.min(rank, missing)));
      expect(missing).toBeLessThan(1);
    }
  });

  it('are taken as categories where they are codes', () => {
    const found = compared(numbers(filled(60, 3)), numbers([...filled(50, 3), ...filled(10, 7)]), { asCategory: true });
    expect(found).toMatchObject({ kind: 'category', cells: 2, counts: { window: { rows: 60, unseen: 10 } } });
  });

  it('have no bins but one where the reference was no column of numbers', () => {
    const profile = profileOf({ x: texts(['a']) }).columns[0]!;
    const found = compared(texts(filled(60, null)), some, { profile });
    expect(found.bins.map(({ kind }) => kind)).toEqual(['above', 'missing']);
    expect(found.counts).toMatchObject({
      reference: { rows: 60, nulls: 60, below: 0, above: 0 },
      window: { below: 0, above: 60 },
    });
    const nothing = numbers(filled(60, null));
    expect(compared(nothing, some).bins.map(({ kind }) => kind)).toEqual(['above', 'missing']);
  });
});

describe('two columns of texts', () => {
  const dealt = (a: number, b: number, missing: number, other: string | null = null) =>
    texts([...filled(a, 'a'), ...filled(b, 'b'), ...filled(missing, null), ...(other === null ? [] : [other])]);

  it('have every text of either side as a cell, and what the reference lacks as unseen', () => {
    const found = compared(dealt(40, 30, 10), dealt(30, 30, 20, 'new'));
    expect(found).toMatchObject({
      kind: 'category',
      incomparable: null,
      usable: { reference: 70, window: 61 },
      cells: 4,
      counts: {
        reference: { rows: 80, nulls: 10, nan: 0, unseen: 0, below: 0, above: 0 },
        window: { rows: 81, nulls: 20, nan: 0, unseen: 1, below: 0, above: 0 },
      },
    });
    expect(found.bins.map(({ label }) => label)).toEqual(['a', 'b', 'unseen', 'missing']);
    // The last of the chi-squares decides; that of the missing share is one of its cells.
    expect(measures(found).slice(0, 2)).toEqual(['chi_square/contingency@1', 'chi_square/dealt@1']);
    expect(found.decidedBy).toBe('chi_square/dealt@1');
    expect(found.p).toBe(pOf(found, 'chi_square/dealt@1'));
    expect(found.findings.at(-1)).toMatchObject({ measure: 'missing_share/difference@1', p: null });
    expect(measures(found).slice(2, -1)).toEqual([
      'psi/reference-edges@1',
      'js_distance/base2/reference-edges@2',
      'l_infinity/shares@2',
      'unseen_share/difference@1',
    ]);
  });

  it('are decided by the missing share alone where few have a text', () => {
    const found = compared(dealt(40, 30, 10), dealt(10, 5, 60));
    expect(found.fewValues).toMatch(/^The window has 15 values/);
    expect(found.decidedBy).toBe('missing_share/difference@1');
    expect(found.findings.at(-1)?.p).toBe(found.p);
  });

  it('know a text that the profile lists and the sample lacks', () => {
    const profile = profileOf({ x: dealt(40, 30, 0, 'rare') }).columns[0]!;
    const found = compared(dealt(40, 30, 0), dealt(40, 30, 0, 'rare'), { profile });
    expect(found.counts.window.unseen).toBe(0);
    expect(compared(dealt(40, 30, 0), dealt(40, 30, 0, 'rare')).counts.window.unseen).toBe(1);
  });
});

describe('a reference all of whose rows are given', () => {
  it('needs no profile: its bins and texts follow from them', () => {
    const wide = numbers([...bell(300), null, nan, -inf]);
    const few = texts(Array.from({ length: 300 }, (_, i) => (i % 40 === 0 ? null : `v${(i * i) % 7}`)));
    const pairs: readonly (readonly [Column, Column])[] = [
      [wide, numbers([...bell(200, { shift: 1 }), inf])],
      [numbers([3, 3, 1, 2]), numbers([2, 9])],
      [few, texts(Array.from({ length: 90 }, (_, i) => `v${i % 9}`))],
      [texts([null, null]), some],
      [numbers([null, nan]), some],
    ];
    for (const [reference, window] of pairs) {
      const kind = reference.kind === 'category' ? 'category' : 'number';
      const column = { name: 'x', role: 'feature', profile: { kind }, reference, window } as const;
      expect(compareColumn(column, DEFAULT_POLICY)).toEqual(compared(reference, window));
    }
    const codes = numbers(Array.from({ length: 200 }, (_, i) => i % 6));
    const column = {
      name: 'x',
      role: 'feature',
      profile: { kind: 'number' },
      reference: codes,
      window: codes,
    } as const;
    expect(compareColumn({ ...column, asCategory: true }, DEFAULT_POLICY)).toEqual(
      compared(codes, codes, { asCategory: true }),
    );
  });
});

describe('what a column is compared by', () => {
  const UNSEEN = 'unseen_share/difference@1';

  it('is the share of unseen values where it has texts, of which a boolean has two', () => {
    const flags = (type: 'text' | 'boolean') =>
      compared(
        texts([...filled(40, 'true'), ...filled(30, 'false')], type),
        texts([...filled(20, 'true'), ...filled(60, 'false')], type),
      );
    expect(measures(flags('text'))).toContain(UNSEEN);
    expect(measures(flags('boolean'))).not.toContain(UNSEEN);
    expect(measures(flags('boolean'))).toEqual(measures(flags('text')).filter((name) => name !== UNSEEN));
  });

  it('are the bins of the profile, which may know more rows', () => {
    const whole = profileOf({ x: numbers([...bell(60), ...filled(40, 9), ...filled(40, -9)]) }).columns[0]!;
    if (whole.kind !== 'number') throw new Error('a profile of numbers');
    const edges = compared(some, some, { profile: whole }).bins.flatMap(({ kind, lower }) =>
      kind === 'range' ? [lower] : [],
    );
    expect(edges).toEqual(whole.bins!.edges.slice(0, -1));
    expect(edges[0]).toBe(-9);
  });

  it('does not depend on how many texts the window has', () => {
    const few = texts(Array.from({ length: 120 }, (_, i) => `v${i % 10}`));
    const many = texts(Array.from({ length: 300 }, (_, i) => `w${i}`));
    expect(compared(few, many).incomparable).toBeNull();
    expect(compared(many, few).incomparable).not.toBeNull();
  });

  it.each([
    [true, 1],
    [false, 2],
  ])('is a reference that is sorted once where what was taken lasts (%s)', (lasting, times) => {
    const reference = numbers(bell(70));
    let taken = 0;
    const take: NumberLoops['take'] = (column) => {
      if (column === reference) taken++;
      return PLAIN_LOOPS.take(column);
    };
    const profile = profileOf({ x: reference }).columns[0]!;
    for (const shift of [1, 2]) {
      const window = numbers(bell(60, { shift }));
      const column = { name: 'x', role: 'feature', profile, reference, window } as const;
      expect(compareColumn(column, DEFAULT_POLICY, { ...PLAIN_LOOPS, lasting, take })).toEqual(
        compared(numbers(bell(70)), window),
      );
    }
    expect(taken).toBe(times);
  });
});
