import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { selectRows } from '../../src/formats/columns/select-rows.ts';
import { writeParquet } from '../../src/formats/parquet/writer.ts';
import { openTable } from '../../src/formats/table-reader.ts';
import { type Column, isValid } from '../../src/stats/column.ts';
import { makeFolder, ROOT, removeFolder } from './service.ts';

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

/** Each `every`-th row of what the model was trained on, as Parquet. */
export async function censusReference(every: number): Promise<Uint8Array> {
  const folder = makeFolder('reference');
  const file = join(folder, 'reference.parquet');
  const table = await openTable(join(CENSUS, 'reference.parquet'));
  async function* thinned() {
    for await (const batch of table.batches()) {
      yield selectRows(
        batch,
        Int32Array.from({ length: Math.ceil(batch.rows / every) }, (_, i) => i * every),
      );
    }
  }
  await writeParquet(file, table.fields, thinned());
  await table.close();
  const bytes = readFileSync(file);
  removeFolder(folder);
  return bytes;
}

/** A row of the census as production would log it: at its place in its year. */
type Logged = { readonly id: string; readonly timestamp: string; readonly line: Readonly<Record<string, unknown>> };

async function readLogged(): Promise<Logged[]> {
  const logged = await readRows('analysis.parquet');
  const perYear = new Map<number, number>();
  for (const row of logged) perYear.set(Number(row.year), (perYear.get(Number(row.year)) ?? 0) + 1);
  const seen = new Map<number, number>();
  return logged.map((row) => {
    const year = Number(row.year);
    const position = seen.get(year) ?? 0;
    seen.set(year, position + 1);
    const start = Date.UTC(year, 0, 1);
    const length = Date.UTC(year + 1, 0, 1) - start;
    const id = String(row.id);
    const timestamp = new Date(start + Math.floor((length * position) / (perYear.get(year) ?? 1))).toISOString();
    const features = Object.fromEntries(Object.entries(row).filter(([name]) => !NOT_FEATURES.has(name)));
    const said = { prediction: row.prediction, scores: row.predicted_probability };
    return { id, timestamp, line: { prediction_id: id, timestamp, features, ...said } };
  });
}

/** NDJSON batches of 1,000 predictions, each row at its place in its year, and the labels that came later. */
export async function censusBatches(): Promise<{ predictions: string[]; labels: string[]; rows: number }> {
  const logged = await readLogged();
  const predictions = logged.map(({ line }) => JSON.stringify(line));
  const targets = await readRows('analysis_target.parquet');
  const labels = targets.map((row) => JSON.stringify({ prediction_id: String(row.id), label: row.employed }));
  return { predictions: chunks(predictions, 1000), labels: chunks(labels, 1000), rows: logged.length };
}

export type Month = { readonly predictions: string; readonly labels: string };

/** Each `every`-th row by its month (`2017-01`), as one batch of predictions and one of labels. */
export async function censusMonths(every: number): Promise<ReadonlyMap<string, Month>> {
  const labelOf = new Map((await readRows('analysis_target.parquet')).map((row) => [String(row.id), row.employed]));
  const months = new Map<string, { predictions: string[]; labels: string[] }>();
  for (const [i, { id, timestamp, line }] of (await readLogged()).entries()) {
    if (i % every !== 0) continue;
    const name = timestamp.slice(0, 7);
    const month = months.get(name) ?? { predictions: [], labels: [] };
    months.set(name, month);
    month.predictions.push(JSON.stringify(line));
    month.labels.push(JSON.stringify({ prediction_id: id, label: labelOf.get(id) }));
  }
  return new Map(
    [...months].map(([name, { predictions, labels }]) => [
      name,
      { predictions: predictions.join('\n'), labels: labels.join('\n') },
    ]),
  );
}
