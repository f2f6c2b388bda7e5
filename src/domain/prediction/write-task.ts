import { type FileHandle, open } from 'node:fs/promises';
import { type ArrowView, viewArrow } from '../../formats/arrow/arrow.ts';
import { arrowStream } from '../../formats/arrow/stream.ts';
import { batchRows } from '../../formats/columns/batch-plan.ts';
import { timesAsText } from '../../formats/columns/column-conversion.ts';
import { gatherBatches } from '../../formats/columns/gather-batches.ts';
import { csvText } from '../../formats/csv/writer.ts';
import { writeParquet } from '../../formats/parquet/writer.ts';
import type { Column, ColumnBatch } from '../../stats/column.ts';
import { conform } from '../snapshot/conform.ts';
import { loggedRow } from './logged-row.ts';
import { recordLine } from './record-line.ts';
import type { TableColumn } from './union-fields.ts';

export type PredictionFormat = 'ndjson' | 'csv' | 'parquet' | 'arrow';

/** Plain data: it crosses to the compute child as it is. */
export type WritePredictionsInput = {
  /** See `SpooledSelection`. */
  readonly spool: string;
  readonly ends: Float64Array;
  readonly format: PredictionFormat;
  /** The columns of the table; NDJSON has records as they were sent. */
  readonly columns: readonly TableColumn[];
  /** The file to be written. */
  readonly output: string;
};

/**
 * Compute task: writes spooled predictions as a file, some ten thousand rows in memory at a time. The same input gives
 * the same bytes.
 * @throws TidemarkError `conflict` for Parquet columns whose names differ by case alone.
 */
export async function writePredictions(input: WritePredictionsInput): Promise<void> {
  const { format, columns, output } = input;
  const spool = await open(input.spool, 'r');
  try {
    const views = viewsOf(spool, input.ends);
    const fields = columns.map(({ name, type }) => ({ name, type }));
    const batches = () => gatherBatches(fields, conformed(views, columns), batchRows(columns));
    switch (format) {
      case 'ndjson':
        return await writeAll(output, recordLines(views));
      case 'csv':
        return await writeAll(output, csvText(fields, batches()));
      case 'arrow':
        return await writeAll(output, arrowStream(fields, batches()));
      case 'parquet':
        await writeParquet(output, fields, batches());
    }
  } finally {
    await spool.close();
  }
}

async function* viewsOf(spool: FileHandle, ends: Float64Array): AsyncGenerator<ArrowView> {
  let start = 0;
  for (const end of ends) {
    const bytes = Buffer.alloc(end - start);
    await spool.read(bytes, 0, bytes.length, start);
    yield viewArrow(bytes);
    start = end;
  }
}

async function* conformed(
  views: AsyncIterable<ArrowView>,
  wanted: readonly TableColumn[],
): AsyncGenerator<ColumnBatch> {
  for await (const view of views) {
    const positions = new Map(view.fields.map(({ name }, i) => [name, i]));
    const columns = wanted.map(({ logged, type }): Column => {
      const position = positions.get(logged);
      const column = position === undefined ? null : view.column(position);
      return conform(column?.kind === 'time' && type === 'text' ? timesAsText(column) : column, view.rows, type);
    });
    yield { rows: view.rows, columns };
  }
}

async function* recordLines(views: AsyncIterable<ArrowView>): AsyncGenerator<string> {
  for await (const view of views) {
    const label = view.fields.findIndex(({ name }) => name === 'label');
    let text = '';
    for (let row = 0; row < view.rows; row++) {
      text += recordLine(loggedRow(view, row), label < 0 ? null : view.column(label), row);
    }
    yield text;
  }
}

async function writeAll(output: string, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  const file = await open(output, 'wx', 0o600);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}
