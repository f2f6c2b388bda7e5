import { readFile } from 'node:fs/promises';
import { decodeArrow } from '../../formats/arrow.ts';
import { writeParquet } from '../../formats/parquet-writer.ts';
import { selectRows } from '../../formats/select-rows.ts';
import type { Column, ColumnBatch } from '../../stats/column.ts';
import { conform, labelColumn } from './conform.ts';
import type { DerivedTable } from './derived-columns.ts';

export type DeriveTaskInput = {
  readonly table: Pick<DerivedTable, 'columns' | 'label'>;
  /** Batch objects in order, each with the rows that are taken of it and their labels. */
  readonly batches: readonly {
    readonly file: string;
    readonly rows: Int32Array;
    readonly labels: readonly string[];
  }[];
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
  const fields = [...columns, label].map(({ name, type }) => ({ name, type }));
  return { rows: await writeParquet(input.output, fields, joined(input)) };
}

async function* joined({ table, batches }: DeriveTaskInput): AsyncGenerator<ColumnBatch> {
  for (const { file, rows, labels } of batches) {
    const { fields, batch } = decodeArrow(await readFile(file));
    const positions = new Map(fields.map((field, i) => [field.name, i]));
    const found = table.columns.map(({ logged }): Column | null => batch.columns[positions.get(logged) ?? -1] ?? null);
    const present = found.filter((column) => column !== null);
    const taken = selectRows({ rows: batch.rows, columns: present }, rows).columns;
    let next = 0;
    const columns = table.columns.map(({ type }, i) => {
      const column = found[i] === null ? null : (taken[next++] ?? null);
      return conform(column, rows.length, type);
    });
    yield { rows: rows.length, columns: [...columns, labelColumn(labels, table.label.type)] };
  }
}
