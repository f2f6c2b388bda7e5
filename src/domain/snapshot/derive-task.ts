import { decodeArrow } from '../../formats/arrow/arrow.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import { writeParquet } from '../../formats/parquet/writer.ts';
import { openTable } from '../../formats/table-reader.ts';
import type { Column, ColumnBatch } from '../../stats/column.ts';
import { type LocalBatch, localBatchBytes } from '../log/arrange/local-batch.ts';
import { conform, labelColumn } from './conform.ts';
import type { DerivedTable, ReferenceColumn } from './derived-columns.ts';

export type DeriveTaskInput = {
  readonly table: { readonly columns: DerivedTable['columns']; readonly label: ReferenceColumn | null };
  /** Batch objects in order, each with the rows that are taken of it and their labels. */
  readonly batches: readonly {
    readonly file: LocalBatch;
    readonly rows: Int32Array;
    readonly labels: readonly string[];
  }[];
  /** Rows of the reference that stand behind them: so many of its `total`, spread evenly. */
  readonly mix: {
    readonly files: readonly { readonly path: string; readonly file: string }[];
    readonly rows: number;
    readonly total: number;
  } | null;
  /** The Parquet file to be written. */
  readonly output: string;
};

/**
 * Compute task: joins logged predictions with their labels into a Parquet file, a batch at a time. The same
 * input gives the same bytes.
 * @throws TidemarkError `unreadable-data`.
 */
export async function deriveTable(input: DeriveTaskInput): Promise<{ rows: number }> {
  const { columns, label } = input.table;
  const fields = [...columns, ...(label === null ? [] : [label])].map(({ name, type }) => ({ name, type }));
  return { rows: await writeParquet(input.output, fields, rowsOf(input)) };
}

async function* rowsOf(input: DeriveTaskInput): AsyncGenerator<ColumnBatch> {
  yield* joined(input);
  if (input.mix !== null) yield* mixed(input.table, input.mix);
}

async function* joined({ table, batches }: DeriveTaskInput): AsyncGenerator<ColumnBatch> {
  for (const { file, rows, labels } of batches) {
    const { fields, batch } = decodeArrow(localBatchBytes(file));
    const positions = new Map(fields.map((field, i) => [field.name, i]));
    const found = table.columns.map(({ logged }): Column | null => batch.columns[positions.get(logged) ?? -1] ?? null);
    const present = found.filter((column) => column !== null);
    const taken = selectRows({ rows: batch.rows, columns: present }, rows).columns;
    let next = 0;
    const columns = table.columns.map(({ type }, i) => {
      const column = found[i] === null ? null : (taken[next++] ?? null);
      return conform(column, rows.length, type);
    });
    const label = table.label === null ? [] : [labelColumn(labels, table.label.type)];
    yield { rows: rows.length, columns: [...columns, ...label] };
  }
}

/** Ids and times of the reference are of another log: its rows have none here. */
const OWN = new Set(['prediction_id', 'timestamp']);

async function* mixed(
  table: DeriveTaskInput['table'],
  mix: NonNullable<DeriveTaskInput['mix']>,
): AsyncGenerator<ColumnBatch> {
  let before = 0;
  for (const { path, file } of mix.files) {
    const reader = await openTable(file, { name: path });
    const positions = new Map(reader.fields.map(({ name }, i) => [name, i]));
    for await (const batch of reader.batches()) {
      const rows = spread(before, batch.rows, mix);
      before += batch.rows;
      if (rows.length === 0) continue;
      const taken = selectRows(batch, rows).columns;
      const read = (name: string): Column | null => taken[positions.get(name) ?? -1] ?? null;
      const columns = table.columns.map(({ name, type, logged }) =>
        conform(OWN.has(logged) ? null : read(name), rows.length, type),
      );
      const label = table.label === null ? [] : [conform(read(table.label.name), rows.length, table.label.type)];
      yield { rows: rows.length, columns: [...columns, ...label] };
    }
  }
}

/** The positions in a batch that are among `rows` of `total` spread evenly; `before`: rows that came earlier. */
function spread(before: number, length: number, { rows, total }: { rows: number; total: number }): Int32Array {
  const taken = (row: number): number => Math.floor((row * rows) / total);
  const positions: number[] = [];
  for (let i = 0; i < length; i++) if (taken(before + i + 1) > taken(before + i)) positions.push(i);
  return Int32Array.from(positions);
}
