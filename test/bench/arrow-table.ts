import { writeFileSync } from 'node:fs';
import {
  columnFromArray,
  dictionary,
  float64,
  int64,
  type Table,
  tableFromColumns,
  tableToIPC,
  timestamp,
  utf8,
} from '@uwdata/flechette';
import { openTable } from '../../src/formats/table-reader.ts';
import type { Column, ColumnType } from '../../src/stats/column.ts';
import { isValid } from '../../src/stats/column.ts';

/** Writes the table in a file as an Arrow stream of one batch, with dictionaries for texts. */
export async function writeArrowTable(from: string, to: string): Promise<void> {
  const reader = await openTable(from);
  const columns: unknown[][] = reader.fields.map(() => []);
  for await (const batch of reader.batches()) {
    for (const [i, column] of batch.columns.entries()) append(columns[i]!, column);
  }
  await reader.close();
  const table: Table = tableFromColumns(
    reader.fields.map(({ name, type }, i) => [name, columnFromArray(columns[i]!, arrowType(type))]),
  );
  const bytes = tableToIPC(table, { format: 'stream' });
  if (bytes === null) throw new Error('the table was not encoded');
  writeFileSync(to, bytes);
}

function arrowType(type: ColumnType) {
  if (type === 'int64') return int64();
  if (type === 'float64') return float64();
  if (type === 'timestamp' || type === 'date') return timestamp();
  return dictionary(utf8());
}

function append(values: unknown[], column: Column): void {
  for (let i = 0; i < column.length; i++) {
    if (column.kind === 'category') values.push(column.codes[i]! < 0 ? null : column.dictionary[column.codes[i]!]);
    else if (!isValid(column.valid, i)) values.push(null);
    else values.push(column.type === 'int64' ? BigInt(column.values[i]!) : column.values[i]!);
  }
}
