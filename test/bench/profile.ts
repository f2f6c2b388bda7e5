import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { profileFile } from '../../src/domain/dataset/profile-file.ts';
import type { BenchOptions } from './main.ts';
import { interleave, medianRatio, sink } from './measure.ts';
import type { BenchResult } from './report.ts';

const READER_BYTES = 2 ** 30;

/** The profile of a table as the service makes it, against DuckDB's SUMMARIZE on two threads. */
export async function benchProfile({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const rows = quick ? 100_000 : 1_000_000;
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const duckdb = await instance.connect();
  try {
    const results: BenchResult[] = [];
    for (const format of ['csv', 'parquet'] as const) {
      const path = join(folder, `table.${format}`);
      await duckdb.run(`copy (${tableSql(rows)}) to '${path}' (format ${format}${format === 'csv' ? ', header' : ''})`);
      results.push(await benchFormat(duckdb, { path, format, rows, rounds: quick ? 2 : 3 }));
    }
    return results;
  } finally {
    duckdb.closeSync();
    instance.closeSync();
  }
}

async function benchFormat(
  duckdb: DuckDBConnection,
  { path, format, rows, rounds }: { path: string; format: 'csv' | 'parquet'; rows: number; rounds: number },
): Promise<BenchResult> {
  const { ours, summarize } = await interleave(
    {
      ours: async () => {
        const profile = await profileFile({ file: path, name: path, memoryBytes: READER_BYTES, threads: 2 });
        if (profile.table.rows !== rows) throw new Error(`the profile counts ${profile.table.rows} rows`);
        sink(profile.table.columns.length);
        return undefined;
      },
      summarize: async () => {
        const answer = await duckdb.runAndReadAll(`summarize select * from '${path}'`);
        sink(answer.getRows().length);
        return undefined;
      },
    },
    { rounds },
  );
  return {
    name: `profile ${format}`,
    what: `DuckDB SUMMARIZE / profile of ${rows.toLocaleString('en')} rows x 20 columns`,
    unit: '×',
    value: medianRatio(summarize, ours),
    aim: null,
    figures: {
      'profile ms': ours.median,
      'best ms': ours.min,
      'SUMMARIZE ms': summarize.median,
      'best SUMMARIZE ms': summarize.min,
      'file MiB': statSync(path).size / 2 ** 20,
    },
  };
}

/**
 * 5 doubles of full precision, 5 rounded ones, 4 integers, 4 texts of few values, an id and a time; 3 % of the
 * values of all but the last two are missing. Values come from hashes of row and column, so threads change nothing.
 */
function tableSql(rows: number): string {
  const uniform = (column: number): string => `(hash(i * 20 + ${column}) / 18446744073709551616.0)`;
  const holed = (column: number, value: string): string =>
    `case when hash(i * 20 + ${column} + 1000000007) % 100 < 3 then null else ${value} end`;
  const columns = [0, 1, 2, 3, 4].flatMap((k) => [
    [`f${k}`, holed(k, `-ln(1 - ${uniform(k)}) * ${k + 1}`)],
    [`r${k}`, holed(5 + k, `round(${uniform(5 + k)} * ${10 ** (k + 1)}, 2)`)],
  ]);
  for (const [k, values] of [10, 1000, 50_000, 1_000_000].entries()) {
    columns.push([`i${k}`, holed(10 + k, `cast(floor(${uniform(10 + k)} * ${values}) as bigint)`)]);
    columns.push([
      `s${k}`,
      holed(14 + k, `'code ' || cast(floor(${uniform(14 + k)} * ${4 * (k + 1) ** 3}) as integer)`),
    ]);
  }
  columns.push(['id', `'row-' || i`], ['at', `timestamp '2024-01-01' + to_seconds(cast(i as integer))`]);
  return `select ${columns.map(([name, value]) => `${value} as ${name}`).join(', ')} from range(${rows}) t(i)`;
}
