import { describe, expect, it } from 'vitest';
import { heldOutline } from '../../../src/domain/files/column-outline.ts';
import { keptNameRows, mayNameRows, namesRows } from '../../../src/domain/files/key-columns.ts';
import type { Column, Field } from '../../../src/stats/column.ts';
import { createTableProfiler } from '../../../src/stats/table-profiler.ts';

const ROWS = 5_000;

function numbers(numberAt: (i: number) => number, type: 'int64' | 'float64' = 'int64'): Column {
  const values = Float64Array.from({ length: ROWS }, (_, i) => numberAt(i));
  return { kind: 'number', type, length: ROWS, values, valid: null, exact: null };
}

/** With a list of its own for so many texts. */
function texts(different: number, textOf: (code: number) => string): Column {
  const codes = Int32Array.from({ length: ROWS }, (_, i) => i % different);
  const dictionary = Array.from({ length: different }, (_, code) => textOf(code));
  return { kind: 'category', type: 'text', length: ROWS, codes, dictionary };
}

function looked(...parts: readonly Column[]) {
  const field: Field = { name: 'x', type: parts[0]!.type };
  const held = parts.map((part) => ({ rows: part.length, held: part }));
  const profiler = createTableProfiler([field]);
  for (const part of parts) profiler.add({ rows: part.length, columns: [part] });
  const profile = profiler.finish().columns[0]!;
  return {
    may: mayNameRows(heldOutline(field, held), held),
    does: namesRows({ reference: profile, current: profile }),
  };
}

describe('a column that names rows', () => {
  it('may do so as far as a look at its values tells', () => {
    expect(looked(numbers((i) => i))).toEqual({ may: true, does: true });
    expect(looked(numbers((i) => i * 7 - 9))).toEqual({ may: true, does: true });
    expect(looked(texts(ROWS, (code) => `row-${code}`))).toEqual({ may: true, does: true });
    expect(
      looked(
        texts(ROWS, (code) => `a-${code}`),
        texts(ROWS, (code) => `b-${code}`),
      ),
    ).toEqual({ may: true, does: true });
  });

  it('is told from one whose values repeat, which needs no profile for that', () => {
    expect(looked(numbers((i) => i % 100))).toEqual({ may: false, does: false });
    expect(looked(texts(10, String))).toEqual({ may: false, does: false });
  });

  it('may turn out to be none after all', () => {
    // As far apart as ids are, and few.
    expect(looked(numbers((i) => (i % 10) * 1e6))).toEqual({ may: true, does: false });
    // Alike in both parts.
    expect(looked(texts(ROWS, String), texts(ROWS, String))).toEqual({ may: true, does: false });
  });

  it('has neither fractions nor rows without a value', () => {
    expect(looked(numbers((i) => i, 'float64'))).toEqual({ may: false, does: false });
    const gaps = { ...texts(ROWS, String), codes: Int32Array.from({ length: ROWS }, (_, i) => i - 1) } as Column;
    expect(looked(gaps)).toEqual({ may: false, does: false });
  });
});

describe('a column whose values were only counted', () => {
  /** As its parts have them, told by a profile, and by what was counted and where they lie. */
  function told(...parts: readonly Column[]) {
    const field: Field = { name: 'x', type: parts[0]!.type };
    const [full, counted] = [undefined, true].map((only) => {
      const profiler = createTableProfiler([field], { ...(only && { counted: only }) });
      for (const part of parts) profiler.add({ rows: part.length, columns: [part] });
      return profiler.finish().columns[0]!;
    });
    const kept = parts.map((held) => ({ rows: held.length, file: null, held }));
    const side = { column: counted!, kept, counted: true };
    return {
      full: namesRows({ reference: full!, current: full! }),
      counted: keptNameRows(side, side),
      // As long as that tells, nobody looks at the rows.
      unread: keptNameRows({ ...side, kept: [] }, { ...side, kept: [] }),
    };
  }
  const ids = (prefix: string, different = ROWS) => texts(different, (code) => `${prefix}-${code}`);
  const sentences = (prefix: string) => texts(ROWS, (code) => `a sentence of ${prefix} and so many words ${code}`);

  it('names rows if it did so by its profile, and its rows are looked at only where that does not tell', () => {
    const names = { full: true, counted: true };
    const repeats = { full: false, counted: false, unread: false };
    expect(told(ids('a'), ids('b'), ids('c'), ids('d'))).toEqual({ ...names, unread: true });
    // Few rows, and one text that comes again, which the number of them does not show.
    expect(told(ids('a'))).toEqual({ ...names, unread: false });
    expect(told(ids('a', ROWS - 1))).toEqual({ ...names, unread: false });
    expect(told(ids('a'), ids('b'), ids('c'), ids('d', ROWS - 1))).toEqual({ ...names, unread: false });
    // Texts of few rows are counted exactly.
    const small = (column: Column): Column => ({ ...column, length: 3_000 });
    expect(told(small(ids('a', 2_999)))).toEqual(repeats);
    expect(told(small(ids('a')))).toEqual({ ...names, unread: false });
    expect(told(ids('a'), ids('a'), ids('b'), ids('c'))).toEqual(repeats);
    expect(told(ids('a', 10), ids('b'), ids('c'), ids('d'))).toEqual(repeats);
    expect(told(sentences('a'), sentences('b'), sentences('c'), sentences('d'))).toEqual(repeats);
  });

  it('is told by whole numbers as well', () => {
    const repeats = { full: false, counted: false, unread: false };
    const counting = (from: number) => numbers((i) => from + i);
    // As long as they may name rows they are counted as for a profile.
    expect(told(counting(0), counting(ROWS))).toEqual({ full: true, counted: true, unread: true });
    expect(told(numbers((i) => i % 100))).toEqual(repeats);
    expect(told(counting(0), counting(0))).toEqual(repeats);
    // As far apart as names are, and few.
    expect(told(numbers((i) => (i % 10) * 1e6))).toEqual(repeats);
    expect(told(numbers((i) => i, 'float64'))).toEqual(repeats);
    // What came first repeats, and is too little to tell of all: the rows are looked at.
    const few = { ...numbers((i) => i % 2), length: 100 } as Column;
    const more = [counting(2), counting(2 + ROWS), counting(2 + 2 * ROWS), counting(2 + 3 * ROWS)];
    expect(told(few, ...more)).toEqual(repeats);
  });
});
