import { concatenate } from '../../formats/columns/concatenate-columns.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import type { AskedTypes, TableReader } from '../../formats/table.ts';
import { openTableFile, type TableFile } from '../../formats/table-file.ts';
import { type Column, type ColumnBatch, type Field, kindOf } from '../../stats/column.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { type Correlation, correlations, type TableColumn } from '../../stats/table/correlations.ts';
import { DuplicateRowCounter, type DuplicateRows } from '../../stats/table/duplicate-rows.ts';

export type RelateRowsInput = {
  /** Verified local copies of the tables, and the names they go by. */
  readonly files: readonly TableFile[];
  /** The columns of all of them together, and their rows. */
  readonly fields: readonly Field[];
  readonly rows: number;
  /** Columns that are held against each other; all when absent. Rows are compared by all columns either way. */
  readonly related?: readonly string[] | undefined;
  readonly memoryBytes: number;
  /** Types of columns other than those that the bytes say. */
  readonly types?: AskedTypes | undefined;
};

/** What rows have to do with each other, and columns. */
export type RowRelations = {
  readonly duplicates: DuplicateRows;
  /** Rows, drawn at random, that columns were held against each other on. */
  readonly sampledRows: number;
  /** The pairs that say most of each other first. */
  readonly correlations: readonly Correlation[];
  /** Of the columns asked for those that were not held against others: times, and those beyond the sixtieth. */
  readonly leftOut: readonly string[];
};

const SAMPLED_ROWS = 10_000;
const MOST_COLUMNS = 60;
/** Chance is an argument: the same table gives the same sample for ever. */
const SEED = 1;

/**
 * Compute task: duplicate rows of a table, over all its rows, and the correlations of its columns, over a sample of them.
 * One pass in bounded memory; a file that lacks a column has no values there.
 * @throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function relateRows({
  files,
  fields,
  rows,
  related: asked,
  memoryBytes,
  types,
}: RelateRowsInput): Promise<RowRelations> {
  const duplicates = new DuplicateRowCounter();
  const drawn = shuffledRows(rows, xoshiro128(SEED), SAMPLED_ROWS).slice().sort();
  const sample: ColumnBatch[] = [];
  let seen = 0;
  let taken = 0;
  for (const file of files) {
    const table = await openTableFile(file, { memoryBytes, ...(types && { types }) });
    try {
      for await (const batch of alignedBatches(table, fields)) {
        duplicates.add(batch);
        const from = taken;
        while (taken < drawn.length && (drawn[taken] ?? 0) < seen + batch.rows) taken++;
        const first = seen;
        if (taken > from)
          sample.push(
            selectRows(
              batch,
              drawn.slice(from, taken).map((row) => row - first),
            ),
          );
        seen += batch.rows;
      }
    } finally {
      await table.close();
    }
  }
  const wanted = fields.filter(({ name }) => asked === undefined || asked.includes(name));
  const related = wanted.filter(({ type }) => isRelated(kindOf(type))).slice(0, MOST_COLUMNS);
  const columns = related.map((field) => sampledColumn(field, fields.indexOf(field), sample));
  const leftOut = wanted.filter((field) => !related.includes(field)).map(({ name }) => name);
  return {
    duplicates: duplicates.describe(),
    sampledRows: taken,
    correlations: correlations(columns.flatMap((column) => (column === null ? [] : [column]))),
    leftOut,
  };
}

/** Points in time and vectors go together with nothing. */
const isRelated = (kind: Column['kind']): boolean => kind === 'number' || kind === 'category';

/** All fields in every batch, in the types that they have over all files. */
async function* alignedBatches(table: TableReader, fields: readonly Field[]): AsyncGenerator<ColumnBatch> {
  const places = new Map(table.fields.map(({ name }, i) => [name, i]));
  for await (const { rows, columns } of table.batches()) {
    const aligned = fields.map(({ name, type }): Column => {
      const column = columns[places.get(name) ?? -1] ?? null;
      return column?.kind === kindOf(type) && column.kind !== 'vector' ? column : concatenate([{ rows, column }], type);
    });
    yield { rows, columns: aligned };
  }
}

function sampledColumn({ name, type }: Field, at: number, sample: readonly ColumnBatch[]): TableColumn | null {
  const parts = sample.map(({ rows, columns }) => ({ rows, column: columns[at] ?? null }));
  const column = concatenate(parts, type);
  return column.kind === 'number' || column.kind === 'category' ? { name, column } : null;
}
