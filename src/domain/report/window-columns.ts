import { decodeArrow } from '../../formats/arrow/arrow.ts';
import { type ColumnPart, concatenate } from '../../formats/columns/concatenate-columns.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import type { Violation } from '../../formats/prediction/record-types.ts';
import { keptViolations, storedViolations, withoutRows } from '../../formats/prediction/violated-rows.ts';
import { type Column, type ColumnType, isVectorType, kindOf, type VectorType } from '../../stats/column.ts';
import { VectorSample } from '../../stats/sampling/vector-sample.ts';
import { nullsOf } from '../../stats/verdict/samples.ts';
import { type LocalBatch, localBatchBytes } from '../log/arrange/local-batch.ts';
import { isRepeat } from '../log/settle/repeats.ts';

/** A batch of predictions as a compute child gets it. */
export type BatchFile = { readonly file: LocalBatch; readonly repeats: Uint8Array | null };

/** `[start, end)` of event time, in milliseconds since 1970. */
export type Span = { readonly start: number; readonly end: number };

/** A logged column, and the type of what it is compared with. */
export type LoggedColumn = { readonly logged: string; readonly type: ColumnType };

export type WindowColumns = {
  /** Rows taken of each batch: those of the window that repeat no earlier one. */
  readonly rows: readonly number[];
  /** In the order wanted; null where no batch has such a column. */
  readonly columns: readonly (Column | null)[];
  /** What those rows of each batch broke; null where its object does not keep it. */
  readonly violations: readonly (readonly Violation[] | null)[];
  /** Names of the tags that they have, the segment among them, in order. */
  readonly tags: readonly string[];
};

/**
 * The rows of a window, or of several, as columns, batch after batch in the order given; of vectors as many random ones
 * as a comparison looks at, whose rows are no other column's.
 * @throws TidemarkError `unreadable-data`.
 */
export async function windowColumns(
  batches: readonly BatchFile[],
  spans: readonly Span[],
  wanted: readonly LoggedColumn[],
): Promise<WindowColumns> {
  const taken = wanted.map(({ type }) => (isVectorType(type) ? takingVectors(type) : takingParts(type)));
  const rows: number[] = [];
  const violations: (readonly Violation[] | null)[] = [];
  const tags = new Set<string>();
  for (const batch of batches) {
    const read = await readRows(batch, spans, wanted);
    rows.push(read.rows);
    violations.push(read.violations);
    for (const tag of read.rows > 0 ? read.tags : []) tags.add(tag);
    read.columns.forEach((column, i) => {
      if (read.rows > 0) taken[i]?.add(read.rows, column);
    });
  }
  return { rows, columns: taken.map(({ finish }) => finish()), violations, tags: [...tags].sort() };
}

async function readRows(batch: BatchFile, spans: readonly Span[], wanted: readonly LoggedColumn[]) {
  const { fields, batch: decoded, metadata } = decodeArrow(localBatchBytes(batch.file));
  const positions = new Map(fields.map((field, i) => [field.name, i]));
  const at = (name: string): Column | null => decoded.columns[positions.get(name) ?? -1] ?? null;
  const kept = rowsInside(at('timestamp'), batch.repeats, spans);
  const present = wanted.map(({ logged }) => at(logged));
  const found = present.filter((column) => column !== null);
  const selected = selectRows({ rows: decoded.rows, columns: found }, kept).columns;
  let next = 0;
  const stored = storedViolations(metadata, decoded.rows);
  return {
    rows: kept.length,
    columns: present.map((column) => (column === null ? null : (selected[next++] ?? null))),
    violations: stored && withoutRows(keptViolations(stored, kept)),
    tags: fields.map(({ name }) => name).filter((name) => name.startsWith('tag.')),
  };
}

/** Positions of the rows that lie in one of the spans and repeat no earlier one. */
function rowsInside(timestamps: Column | null, repeats: Uint8Array | null, spans: readonly Span[]): Int32Array {
  if (timestamps === null || timestamps.kind === 'category') return new Int32Array(0);
  const kept = new Int32Array(timestamps.length);
  let count = 0;
  for (let row = 0; row < timestamps.length; row++) {
    const time = timestamps.values[row] ?? Number.NaN;
    const inside = spans.some(({ start, end }) => time >= start && time < end);
    if (inside && !isRepeat(repeats, row)) kept[count++] = row;
  }
  return kept.subarray(0, count);
}

/** A column that is read batch by batch; null where no batch has it. */
type Taking = { readonly add: (rows: number, column: Column | null) => void; readonly finish: () => Column | null };

function takingParts(type: ColumnType): Taking {
  const parts: ColumnPart[] = [];
  return { add: (rows, column) => parts.push({ rows, column }), finish: () => unite(parts, type) };
}

/**
 * Vectors that no batch has went missing: batches leave the column out where it would be many bytes of nothing. Where what
 * came is something else the column is that, and cannot be compared.
 */
function takingVectors(type: VectorType): Taking {
  const sample = new VectorSample(type);
  let rowsSeen = 0;
  let alike = false;
  let other: Column | null = null;
  return {
    add: (rows, column) => {
      sample.add(rows, column);
      rowsSeen += rows;
      if (column === null || nullsOf(column) === column.length) return;
      if (column.type === type) alike = true;
      else other ??= column;
    },
    finish: () => (rowsSeen > 0 ? ((alike ? null : other) ?? sample.finish()) : null),
  };
}

/** Takes the type it is compared with where any part has its kind; else it keeps its own, and cannot be compared. */
function unite(parts: readonly ColumnPart[], type: ColumnType): Column | null {
  const columns = parts.flatMap(({ column }) => (column === null ? [] : [column]));
  const [first] = columns;
  if (first === undefined) return null;
  const alike = columns.some((column) => column.kind === kindOf(type));
  return concatenate(parts, alike ? type : first.type);
}
