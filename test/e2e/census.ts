import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openTable } from '../../src/formats/table-reader.ts';
import { type Column, isValid } from '../../src/stats/column.ts';
import { ROOT } from './service.ts';

/** The real census data, as a production system would log it. */
export const CENSUS = join(ROOT, '..', 'shared', 'data', 'census-employment-ma');
export const hasCensus = existsSync(join(CENSUS, 'analysis.parquet'));

const NOT_FEATURES = new Set(['id', 'year', 'prediction', 'predicted_probability']);

type Row = Readonly<Record<string, string | number | null>>;

async function readRows(file: string): Promise<Row[]> {
  const table = await openTable(join(CENSUS, file));
  const rows: Row[] = [];
  for await (const batch of table.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      rows.push(Object.fromEntries(table.fields.map(({ name }, i) => [name, valueAt(batch.columns[i], row)])));
    }
  }
  await table.close();
  return rows;
}

function valueAt(column: Column | undefined, row: number): string | number | null {
  if (column === undefined) return null;
  if (column.kind === 'category') return column.dictionary[column.codes[row] ?? -1] ?? null;
  return isValid(column.valid, row) ? (column.values[row] ?? null) : null;
}

const chunks = (lines: readonly string[], size: number): string[] =>
  Array.from({ length: Math.ceil(lines.length / size) }, (_, i) => lines.slice(i * size, (i + 1) * size).join('\n'));

/** NDJSON batches of 1,000 predictions, each row at its place in its year, and the labels that came later. */
export async function censusBatches(): Promise<{ predictions: string[]; labels: string[]; rows: number }> {
  const logged = await readRows('analysis.parquet');
  const perYear = new Map<number, number>();
  for (const row of logged) perYear.set(Number(row.year), (perYear.get(Number(row.year)) ?? 0) + 1);
  const seen = new Map<number, number>();
  const predictions = logged.map((row) => {
    const year = Number(row.year);
    const position = seen.get(year) ?? 0;
    seen.set(year, position + 1);
    const start = Date.UTC(year, 0, 1);
    const length = Date.UTC(year + 1, 0, 1) - start;
    return JSON.stringify({
      prediction_id: String(row.id),
      timestamp: new Date(start + Math.floor((length * position) / (perYear.get(year) ?? 1))).toISOString(),
      features: Object.fromEntries(Object.entries(row).filter(([name]) => !NOT_FEATURES.has(name))),
      prediction: row.prediction,
      scores: row.predicted_probability,
    });
  });
  const targets = await readRows('analysis_target.parquet');
  const labels = targets.map((row) => JSON.stringify({ prediction_id: String(row.id), label: row.employed }));
  return { predictions: chunks(predictions, 1000), labels: chunks(labels, 1000), rows: logged.length };
}
