import { readFile } from 'node:fs/promises';
import { writeParquet } from '../formats/parquet/writer.ts';
import type { Column, ColumnBatch, Field } from '../stats/column.ts';
import type { CensusRow } from './census.ts';
import type { EmploymentModel } from './employment-model.ts';

/**
 * The training data as the demo's data scientist keeps it: features, label, and what the model says of each row,
 * so that production's predictions have something to be compared with.
 */
export async function trainingFile(
  rows: readonly CensusRow[],
  model: EmploymentModel,
  path: string,
): Promise<Uint8Array> {
  const names = Object.keys(rows[0]?.features ?? {});
  const scores = Float64Array.from(rows, (row) => model.score(row.features));
  const fields: Field[] = names.map((name) => ({ name, type: name === 'AGEP' ? 'int64' : 'text' }));
  const columns: Column[] = names.map((name) =>
    name === 'AGEP'
      ? numbers(
          'int64',
          Float64Array.from(rows, (row) => Number(row.features[name])),
        )
      : texts(rows, name),
  );
  fields.push(
    { name: 'employed', type: 'int64' },
    { name: 'prediction', type: 'int64' },
    { name: 'score', type: 'float64' },
  );
  columns.push(
    numbers(
      'int64',
      Float64Array.from(rows, (row) => row.employed),
    ),
    numbers('int64', scores.map(decide)),
    numbers('float64', scores),
  );
  await writeParquet(path, fields, once({ rows: rows.length, columns }));
  return readFile(path);
}

/** The decision at a probability: employed from one half on. */
export function decide(score: number): 0 | 1 {
  return score >= 0.5 ? 1 : 0;
}

async function* once(batch: ColumnBatch): AsyncGenerator<ColumnBatch> {
  yield batch;
}

function numbers(type: 'int64' | 'float64', values: Float64Array): Column {
  return { kind: 'number', type, length: values.length, values, valid: null, exact: null };
}

function texts(rows: readonly CensusRow[], name: string): Column {
  const codes = new Map<string, number>();
  const coded = Int32Array.from(rows, (row) => {
    const value = row.features[name];
    if (value === null || value === undefined) return -1;
    const code = codes.get(String(value)) ?? codes.size;
    codes.set(String(value), code);
    return code;
  });
  return { kind: 'category', type: 'text', length: rows.length, codes: coded, dictionary: [...codes.keys()] };
}
