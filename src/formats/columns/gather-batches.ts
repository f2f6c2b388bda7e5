/** Many small batches → fewer large ones. */
import type {
  CategoryColumn,
  Column,
  ColumnBatch,
  Field,
  NumberColumn,
  TimeColumn,
  VectorColumn,
} from '../../stats/column.ts';
import { isValid } from '../../stats/column.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import { CodeSink, type ColumnSink, columnSink, type ValueSink } from './column-sink.ts';
import { VectorSink } from './vector-sink.ts';

/** The same rows in batches of at least `rows`, the last one apart; a batch that is large enough passes as it is. */
export async function* gatherBatches(
  fields: readonly Field[],
  batches: AsyncIterable<ColumnBatch>,
  rows: number,
): AsyncGenerator<ColumnBatch> {
  let waiting: ColumnBatch[] = [];
  let count = 0;
  for await (const batch of batches) {
    waiting.push(batch);
    count += batch.rows;
    if (count < rows) continue;
    yield joined(fields, waiting, count);
    waiting = [];
    count = 0;
  }
  if (count > 0) yield joined(fields, waiting, count);
}

/** The rows of all batches as one. */
export function joined(fields: readonly Field[], batches: readonly ColumnBatch[], rows: number): ColumnBatch {
  const [only] = batches;
  if (only !== undefined && batches.length === 1) return only;
  const columns = fields.map(({ type }, i) => {
    const sink = columnSink(type, rows, new TextDictionary());
    let at = 0;
    for (const batch of batches) {
      append(batch.columns[i]!, sink, at);
      at += batch.rows;
    }
    return sink.finish(rows);
  });
  return { rows, columns };
}

function append(column: Column, sink: ColumnSink, at: number): void {
  if (sink instanceof CodeSink) {
    if (column.kind === 'category') appendCodes(column, sink, at);
  } else if (sink instanceof VectorSink) {
    if (column.kind === 'vector') appendVectors(column, sink, at);
  } else if (column.kind === 'number' || column.kind === 'time') appendValues(column, sink, at);
}

function appendCodes({ codes, dictionary, type }: CategoryColumn, sink: CodeSink, at: number): void {
  if (type === 'boolean') {
    sink.codes.set(codes, at);
    return;
  }
  const renamed = new Int32Array(dictionary.length).fill(-1);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    if (code < 0) continue;
    // Texts that no row has are left behind.
    if (renamed[code]! < 0) renamed[code] = sink.dictionary.codeOf(dictionary[code]!);
    sink.codes[at + row] = renamed[code]!;
  }
}

function appendVectors(column: VectorColumn, sink: VectorSink, at: number): void {
  sink.values.set(column.values, at * sink.dimension);
  if (column.valid === null) return;
  for (let row = 0; row < column.length; row++) if (!isValid(column.valid, row)) sink.setNull(at + row);
}

function appendValues(column: NumberColumn | TimeColumn, sink: ValueSink, at: number): void {
  sink.values.set(column.values, at);
  const exact = column.kind === 'number' ? column.exact : null;
  if (exact !== null) {
    for (let row = 0; row < column.length; row++) {
      if (!Number.isSafeInteger(column.values[row])) sink.setExact(at + row, exact[row]!);
    }
  }
  if (column.valid === null) return;
  for (let row = 0; row < column.length; row++) if (!isValid(column.valid, row)) sink.setNull(at + row);
}
