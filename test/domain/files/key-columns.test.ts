import { describe, expect, it } from 'vitest';
import { heldOutline } from '../../../src/domain/files/column-outline.ts';
import { mayNameRows, namesRows } from '../../../src/domain/files/key-columns.ts';
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
