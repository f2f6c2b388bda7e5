import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { profileFile } from '../../src/domain/profile/profile-file.ts';
import { writeArrowTable } from './arrow-table.ts';
import { ask } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio, sink } from './measure.ts';
import type { ProfileAnswer, ProfileQuestion } from './profile-process.ts';
import type { BenchResult } from './report.ts';

const READER_BYTES = 2 ** 30;
const THREADS = 2;

/** How DuckDB writes each, and how many times its SUMMARIZE we are to be as fast; it does not read Arrow. */
const FORMATS = {
  csv: { copy: 'format csv, header', aim: 5 },
  ndjson: { copy: 'format json', aim: 4 },
  parquet: { copy: 'format parquet, compression zstd', aim: 5 },
  arrow: { copy: null, aim: null },
} as const;

type Format = keyof typeof FORMATS;

/** The profile of a table as the service makes it, against DuckDB's SUMMARIZE on as many threads; and its memory. */
export async function benchProfile({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(THREADS) });
  const duckdb = await instance.connect();
  try {
    const results: BenchResult[] = [];
    for (const rows of quick ? [100_000] : [1_000_000, 5_000_000]) {
      const files = await writeTables(duckdb, folder, rows);
      for (const format of ['csv', 'ndjson', 'parquet', 'arrow'] as const) {
        // One batch of Arrow as long as the table would measure memory, not reading.
        if (format === 'arrow' && rows > 1_000_000) continue;
        results.push(await benchFormat(duckdb, { files, format, rows, rounds: quick ? 2 : 3 }));
      }
      for (const path of Object.values(files)) rmSync(path, { force: true });
    }
    results.push(await benchGrowth(duckdb, folder, quick ? 100_000 : 1_000_000));
    return results;
  } finally {
    duckdb.closeSync();
    instance.closeSync();
  }
}

type Files = Readonly<Record<Format, string>>;

async function writeTables(duckdb: DuckDBConnection, folder: string, rows: number): Promise<Files> {
  const path = (format: Format): string => join(folder, `table-${rows}.${format}`);
  const files: Files = { csv: path('csv'), ndjson: path('ndjson'), parquet: path('parquet'), arrow: path('arrow') };
  for (const format of ['csv', 'ndjson', 'parquet'] as const) {
    await duckdb.run(`copy (${tableSql(rows)}) to '${files[format]}' (${FORMATS[format].copy})`);
  }
  if (rows <= 1_000_000) await writeArrowTable(files.parquet, files.arrow);
  return files;
}

type Benched = { readonly files: Files; readonly format: Format; readonly rows: number; readonly rounds: number };

async function benchFormat(duckdb: DuckDBConnection, { files, format, rows, rounds }: Benched): Promise<BenchResult> {
  const path = files[format];
  const peer = format === 'arrow' ? files.parquet : path;
  const processor: Record<'ours' | 'summarize', number[]> = { ours: [], summarize: [] };
  const timed = async (name: keyof typeof processor, run: () => Promise<void>): Promise<undefined> => {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    processor[name].push((user + system) / 1000);
  };
  const { ours, summarize } = await interleave(
    {
      ours: () =>
        timed('ours', async () => {
          const profile = await profileFile({ file: path, name: path, memoryBytes: READER_BYTES, threads: THREADS });
          if (profile.table.rows !== rows) throw new Error(`the profile counts ${profile.table.rows} rows`);
          sink(profile.table.columns.length);
        }),
      summarize: () =>
        timed('summarize', async () => {
          const answer = await duckdb.runAndReadAll(`summarize select * from '${peer}'`);
          sink(answer.getRows().length);
        }),
    },
    { rounds },
  );
  const apart = await ask<ProfileAnswer>('profile-process.ts', { path, threads: THREADS } satisfies ProfileQuestion);
  const { aim } = FORMATS[format];
  const of = format === 'arrow' ? 'SUMMARIZE of Parquet' : 'SUMMARIZE';
  // The first round warms up.
  const [own, theirs] = [processor.ours, processor.summarize].map((times) => median(times.slice(1)));
  return {
    name: `profile ${format} ${rows / 1_000_000}M`,
    what: `DuckDB ${of} / profile of ${rows.toLocaleString('en')} rows x 20 columns`,
    unit: '×',
    value: medianRatio(summarize, ours),
    aim: aim === null ? null : { at: 'least', value: aim },
    figures: {
      'processor time ×': theirs! / own!,
      'profile ms': ours.median,
      'profile processor ms': own!,
      'SUMMARIZE ms': summarize.median,
      'SUMMARIZE processor ms': theirs!,
      'file MiB': statSync(path).size / 2 ** 20,
      'own process MiB': apart.peakMebibytes,
    },
  };
}

/** How much more memory four times the rows take: nothing, when it is bounded. */
async function benchGrowth(duckdb: DuckDBConnection, folder: string, rows: number): Promise<BenchResult> {
  const peaks: number[] = [];
  for (const factor of [2, 8]) {
    const path = join(folder, `growth-${factor}.csv`);
    await duckdb.run(`copy (${tableSql(factor * rows)}) to '${path}' (${FORMATS.csv.copy})`);
    const question: ProfileQuestion = { path, threads: THREADS };
    peaks.push((await ask<ProfileAnswer>('profile-process.ts', question)).peakMebibytes);
    rmSync(path);
  }
  const [small, large] = peaks;
  return {
    name: 'profile memory',
    what: `peak memory of a process that profiles ${(8 * rows).toLocaleString('en')} rows of CSV`,
    unit: 'MiB',
    value: large!,
    aim: { at: 'most', value: 1024 },
    figures: { [`MiB with ${(2 * rows).toLocaleString('en')} rows`]: small!, 'times as much': large! / small! },
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
