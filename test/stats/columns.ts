import type {
  CategoryColumn,
  Column,
  ColumnBatch,
  Field,
  NumberColumn,
  TimeColumn,
  VectorColumn,
} from '../../src/stats/column.ts';
import type { ProfilerOptions } from '../../src/stats/column-profiler.ts';
import type { TableProfile } from '../../src/stats/profile.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';

function validityOf(values: readonly unknown[]): Uint8Array | null {
  if (!values.includes(null)) return null;
  const valid = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i++) if (values[i] !== null) valid[i >> 3]! |= 1 << (i & 7);
  return valid;
}

/** A column of numbers; null is an absent value. */
export function numbers(values: readonly (number | null)[], type: NumberColumn['type'] = 'float64'): NumberColumn {
  return {
    kind: 'number',
    type,
    length: values.length,
    values: Float64Array.from(values, (v) => v ?? 0),
    valid: validityOf(values),
    exact: null,
  };
}

/** A column of whole numbers of any size. */
export function integers(values: readonly (bigint | null)[]): NumberColumn {
  return {
    ...numbers(
      values.map((v) => (v === null ? null : Number(v))),
      'int64',
    ),
    exact: BigInt64Array.from(values, (v) => v ?? 0n),
  };
}

export function texts(values: readonly (string | null)[], type: CategoryColumn['type'] = 'text'): CategoryColumn {
  const dictionary = type === 'boolean' ? ['false', 'true'] : [...new Set(values.filter((v) => v !== null))];
  const codes = new Map(dictionary.map((text, code) => [text, code]));
  return {
    kind: 'category',
    type,
    length: values.length,
    codes: Int32Array.from(values, (v) => (v === null ? -1 : codes.get(v)!)),
    dictionary,
  };
}

export function times(values: readonly (number | null)[], type: TimeColumn['type'] = 'timestamp'): TimeColumn {
  return {
    kind: 'time',
    type,
    length: values.length,
    values: Float64Array.from(values, (v) => v ?? 0),
    valid: validityOf(values),
  };
}

/** A column of vectors; null is an absent row. */
export function vectors(rows: readonly (readonly number[] | null)[], dimension: number): VectorColumn {
  return {
    kind: 'vector',
    type: `vector[${dimension}]`,
    length: rows.length,
    dimension,
    values: Float64Array.from(rows.flatMap((row) => row ?? Array.from({ length: dimension }, () => 0))),
    valid: validityOf(rows),
  };
}

/** The profile of one table, its columns given whole and cut into batches of `batchRows`. */
export function profileOf(
  columns: Readonly<Record<string, Column>>,
  options: ProfilerOptions & { batchRows?: number } = {},
): TableProfile {
  const fields: Field[] = Object.entries(columns).map(([name, column]) => ({ name, type: column.type }));
  const profiler = createTableProfiler(fields, options);
  const list = Object.values(columns);
  const rows = list[0]?.length ?? 0;
  const step = options.batchRows ?? 65_536;
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    const batch: ColumnBatch = { rows: to - from, columns: list.map((column) => sliceOf(column, from, to)) };
    profiler.add(batch);
  }
  return profiler.finish();
}

function sliceOf(column: Column, from: number, to: number): Column {
  if (column.kind === 'category') return { ...column, length: to - from, codes: column.codes.slice(from, to) };
  const has = (i: number): boolean => column.valid === null || (column.valid[i >> 3]! & (1 << (i & 7))) !== 0;
  if (column.kind === 'vector') {
    const { dimension, values } = column;
    const row = (i: number) => (has(i) ? Array.from(values.subarray(i * dimension, (i + 1) * dimension)) : null);
    return vectors(
      Array.from({ length: to - from }, (_, i) => row(from + i)),
      dimension,
    );
  }
  const rows = Array.from({ length: to - from }, (_, i) => (has(from + i) ? column.values[from + i]! : null));
  if (column.kind === 'time') return times(rows, column.type);
  const exact = column.exact?.slice(from, to) ?? null;
  return { ...numbers(rows, column.type), exact };
}
