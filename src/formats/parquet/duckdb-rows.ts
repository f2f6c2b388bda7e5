/** DuckDB's chunks → rows. */
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { CodeSink, type ColumnSink } from '../columns/column-sink.ts';
import { VectorSink } from '../columns/vector-sink.ts';
import type { RowSource, Rows } from './batches.ts';
import type { ParquetColumn } from './columns.ts';
import { readBigints, readBooleans, readDoubles, readTexts, readVectors } from './duckdb-vectors.ts';
import { InlineTexts } from './inline-texts.ts';

/** Columns of texts whose short ones are looked up at once: each takes 160 KiB. */
const INLINE_COLUMNS = 64;

/** The rows of chunks that hold these columns. */
export function duckdbRows(chunks: AsyncIterable<DuckDBDataChunk>, columns: readonly ParquetColumn[]): RowSource {
  const inline = inlineTexts(columns);
  async function* rows(): AsyncGenerator<Rows> {
    for await (const chunk of chunks) {
      const read = (i: number, sink: ColumnSink, at: number): void => {
        readColumn(chunk, { i, column: columns[i]!, inline: inline.get(i) ?? null }, sink, at);
      };
      yield { count: chunk.rowCount, read };
    }
  }
  return {
    rows: rows(),
    forgetTexts: (i) => inline.get(i)?.forgetTexts(),
    startBatch: () => {
      for (const texts of inline.values()) texts.startBatch();
    },
  };
}

function inlineTexts(columns: readonly ParquetColumn[]): ReadonlyMap<number, InlineTexts> {
  const texts = columns.flatMap(({ type }, i) => (type === 'text' ? [i] : []));
  return new Map(texts.slice(0, INLINE_COLUMNS).map((i) => [i, new InlineTexts()]));
}

type OneColumn = { readonly i: number; readonly column: ParquetColumn; readonly inline: InlineTexts | null };

function readColumn(chunk: DuckDBDataChunk, { i, column, inline }: OneColumn, sink: ColumnSink, at: number): void {
  const vector = chunk.getColumnVector(i);
  if (sink instanceof CodeSink) {
    if (sink.type === 'text') readTexts(vector, sink, at, inline);
    else readBooleans(vector, sink, at);
  } else if (sink instanceof VectorSink) readVectors(vector, sink, at);
  else if (column.form === 'bigint') readBigints(vector, sink, at);
  else readDoubles(vector, sink, at);
}
