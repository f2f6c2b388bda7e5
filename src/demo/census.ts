import { openTable } from '../formats/table-reader.ts';
import { type Column, isValid } from '../stats/column.ts';

/** The demo's rows: census codes stay text (`'01'` is not 1), age is a number, the label is 0 or 1. */
export type CensusRow = {
  readonly features: Readonly<Record<string, string | number | null>>;
  readonly employed: 0 | 1;
  /** Milliseconds since 1970 at which the model was asked; null for rows it was trained on. */
  readonly askedAt: number | null;
};

const NOT_FEATURES = new Set(['employed', 'year', 'asked_at', 'prediction', 'score', 'prediction_id', 'timestamp']);

/** Reads a Parquet file of census rows, whatever further columns it has. */
export async function readCensus(file: string): Promise<CensusRow[]> {
  const table = await openTable(file);
  const rows: CensusRow[] = [];
  try {
    for await (const batch of table.batches()) {
      const named = table.fields.map((field, i) => ({ name: field.name, column: batch.columns[i] }));
      for (let row = 0; row < batch.rows; row++) {
        const values = new Map(named.map(({ name, column }) => [name, valueAt(column, row)]));
        const features = Object.fromEntries([...values].filter(([name]) => !NOT_FEATURES.has(name)));
        const askedAt = values.get('asked_at');
        rows.push({
          features,
          employed: Number(values.get('employed')) === 1 ? 1 : 0,
          askedAt: typeof askedAt === 'number' ? askedAt : null,
        });
      }
    }
  } finally {
    await table.close();
  }
  return rows;
}

function valueAt(column: Column | undefined, row: number): string | number | null {
  if (column === undefined) return null;
  if (column.kind === 'category') {
    const code = column.codes[row] ?? -1;
    return code === -1 ? null : (column.dictionary[code] ?? null);
  }
  return isValid(column.valid, row) ? (column.values[row] ?? null) : null;
}
