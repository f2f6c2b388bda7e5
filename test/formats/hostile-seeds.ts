import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CompressionType, tableFromArrays, tableToIPC } from '@uwdata/flechette';
// Registers the codec that compressed Arrow needs.
import '../../src/formats/arrow/arrow.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** A good file, and which row counts a mutant of it may pass with; an empty list: with none. */
export type HostileSeed = {
  readonly name: string;
  readonly bytes: Buffer;
  readonly counts: (mutant: Buffer) => readonly number[];
};

const ROWS = 300;
/** Of Parquet and Arrow, whose batches and row groups have at least 2,048. */
const MANY_ROWS = 5000;
const INFLATED = 2 ** 26;
/** As pyarrow writes it. */
const LZ4 = new URL('../fixtures/arrow/lz4.feather', import.meta.url);
const LZ4_ROWS = 3000;

/** Good files of every format, plain and compressed. */
export async function hostileSeeds(folder: string): Promise<HostileSeed[]> {
  const texts: readonly HostileSeed[] = [
    { name: 'quoted.csv', bytes: Buffer.from(quotedCsv()), counts: csvRowCounts },
    { name: 'plain.csv', bytes: Buffer.from(plainCsv()), counts: csvRowCounts },
    { name: 'records.ndjson', bytes: Buffer.from(`${records().join('\n')}\n`), counts: ndjsonRowCount },
    { name: 'list.json', bytes: Buffer.from(`[${records().join(',\n ')}]`), counts: jsonRowCount },
    { name: 'columns.json', bytes: Buffer.from(columnsJson()), counts: columnsRowCount },
  ];
  return [...texts, ...texts.flatMap(compressed), ...arrowSeeds(), ...(await parquetSeeds(folder))];
}

function quotedCsv(): string {
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const note = i % 3 === 0 ? `"said ""no"", ${i}"` : i % 3 === 1 ? '"two\nlines"' : 'plain é';
    return `${i},${(i * 0.37).toFixed(3)},2024-0${1 + (i % 9)}-11,${note},${i % 7 === 0 ? '' : i % 2 === 0}`;
  });
  return `id,amount,day,note,flag\n${lines.join('\n')}\n`;
}

function plainCsv(): string {
  const lines = Array.from({ length: ROWS }, (_, i) => `${i};${9007199254740990n + BigInt(i)};v${i % 5};0${i}`);
  return `id;big;plan;code\r\n${lines.join('\r\n')}`;
}

function records(): string[] {
  return Array.from({ length: ROWS }, (_, i) =>
    JSON.stringify({
      id: i,
      amount: i / 7,
      at: `2024-05-01T10:00:${10 + (i % 50)}Z`,
      who: { name: `ü${i}`, ok: i % 2 > 0 },
      emb: [i, -0.5, i / 3],
    }),
  );
}

/** What a text is inside: mutants of the compressed bytes have the rows of what they inflate to, if they do. */
function compressed({ name, bytes, counts }: HostileSeed): HostileSeed[] {
  const params = { [constants.ZSTD_c_checksumFlag]: 1 };
  const inside = (inflate: (mutant: Buffer) => Buffer) => (mutant: Buffer) => {
    try {
      return counts(inflate(mutant));
    } catch {
      return [];
    }
  };
  return [
    {
      name: `${name}.gz`,
      bytes: gzipSync(bytes),
      counts: inside((mutant) => gunzipSync(mutant, { maxOutputLength: INFLATED })),
    },
    {
      name: `${name}.zst`,
      bytes: zstdCompressSync(bytes, { params }),
      counts: inside((mutant) => zstdDecompressSync(mutant, { maxOutputLength: INFLATED })),
    },
  ];
}

/** Lists of values, and values by the names of their rows. */
function columnsJson(): string {
  const each = (of: (i: number) => unknown): unknown[] => Array.from({ length: ROWS }, (_, i) => of(i));
  return JSON.stringify({ id: each((i) => i), note: each((i) => `"n, ${i}]`), pair: each((i) => [i, 0.5]) }, null, 1);
}

function arrowSeeds(): HostileSeed[] {
  const each = <T>(of: (i: number) => T): T[] => Array.from({ length: MANY_ROWS }, (_, i) => of(i));
  const columns = {
    n: each((i) => (i % 9 === 0 ? null : i / 3)),
    s: each((i) => (i % 5 === 0 ? null : `text ${i % 40}`)),
    big: each((i) => 9007199254740993n + BigInt(i)),
    ok: each((i) => i % 3 === 0),
    at: each((i) => new Date(1.7e12 + i * 1000)),
  };
  const table = tableFromArrays(columns, { maxBatchRows: 1500 });
  const bytesOf = (options: Parameters<typeof tableToIPC>[1]): Buffer => Buffer.from(tableToIPC(table, options)!);
  return [
    { name: 'table.arrow', bytes: bytesOf({ format: 'file' }), counts: () => [MANY_ROWS] },
    {
      name: 'packed.arrow',
      bytes: bytesOf({ format: 'file', codec: CompressionType.ZSTD }),
      counts: () => [MANY_ROWS],
    },
    { name: 'lz4.feather', bytes: readFileSync(LZ4), counts: () => [LZ4_ROWS] },
    // A stream may end after any batch.
    { name: 'stream.arrows', bytes: bytesOf({ format: 'stream' }), counts: () => [0, 1500, 3000, 4500, MANY_ROWS] },
  ];
}

async function parquetSeeds(folder: string): Promise<HostileSeed[]> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const select = `SELECT i AS id, i / 3.0 AS amount, 'text ' || i % 40 AS s, CASE WHEN i % 9 > 0 THEN i::DOUBLE END AS n,
    {'a': i, 'b': 'deep'} AS nested, [i, i + 1] AS list, DATE '2024-05-01' + (i % 99)::INTEGER AS day,
    (i % 2)::BOOLEAN AS ok FROM range(${MANY_ROWS}) t(i)`;
  const seeds: HostileSeed[] = [];
  for (const codec of ['uncompressed', 'snappy', 'zstd', 'gzip']) {
    const file = join(folder, `${codec}.parquet`);
    await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet, COMPRESSION ${codec}, ROW_GROUP_SIZE 2048)`);
    seeds.push({ name: `${codec}.parquet`, bytes: readFileSync(file), counts: () => [MANY_ROWS] });
  }
  connection.closeSync();
  return seeds;
}

/**
 * The rows that a text table has by RFC 4180, blank lines left out; with every delimiter that might be meant, with and
 * without a header, blanks after a delimiter as part of a cell or not, because a mutant may look like any of them.
 */
function csvRowCounts(bytes: Buffer): number[] {
  const counts = new Set<number>();
  for (const delimiter of [',', ';', '\t', '|']) {
    for (const skipBlank of [false, true]) {
      const rows = rfc4180Rows(bytes.toString('latin1'), delimiter, skipBlank);
      if (rows === null) continue;
      counts.add(rows);
      counts.add(Math.max(0, rows - 1));
    }
  }
  return [...counts];
}

/** Null when a quote is not closed. */
function rfc4180Rows(given: string, delimiter: string, skipBlank: boolean): number | null {
  const text = given.startsWith('\xef\xbb\xbf') ? given.slice(3) : given;
  let rows = 0;
  let lineEmpty = true;
  let cellStart = true;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (cellStart && c === '"') {
      let close = i;
      do close = text.indexOf('"', close + 1);
      while (close >= 0 && text[close + 1] === '"' && ++close > 0);
      if (close < 0) return null;
      i = close;
      lineEmpty = false;
      cellStart = false;
    } else if (c === '\n' || c === '\r') {
      if (!lineEmpty) rows++;
      lineEmpty = true;
      cellStart = true;
    } else {
      lineEmpty = false;
      cellStart = c === delimiter || (skipBlank && cellStart && c === ' ');
    }
  }
  return lineEmpty ? rows : rows + 1;
}

/** Every line that is not blank is one record, or the file is none. */
function ndjsonRowCount(bytes: Buffer): number[] {
  try {
    const lines = textOf(bytes)
      .split('\n')
      .filter((line) => /[^ \t\r]/.test(line));
    return lines.every((line) => isRecord(JSON.parse(line))) ? [lines.length] : [];
  } catch {
    return [];
  }
}

function jsonRowCount(bytes: Buffer): number[] {
  try {
    const list: unknown = JSON.parse(textOf(bytes));
    return Array.isArray(list) && list.every(isRecord) ? [list.length] : [];
  } catch {
    return [];
  }
}

/** All columns have the same rows, or the file is none. */
function columnsRowCount(bytes: Buffer): number[] {
  try {
    const columns: unknown = JSON.parse(textOf(bytes));
    if (!isRecord(columns)) return [];
    const rows = Object.values(columns as object).map((column: object) => Object.keys(column).join());
    return rows.every((names) => names === rows[0]) ? [rows[0] === '' ? 0 : rows[0]!.split(',').length] : [];
  } catch {
    return [];
  }
}

const textOf = (bytes: Buffer): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
