import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { describe, expect, it } from 'vitest';
import { type FileProfile, profileFile } from '../../src/domain/profile/profile-file.ts';
import type { ColumnProfile } from '../../src/stats/profile.ts';
import { tempFile, tempPath } from './fixtures.ts';

const read = (content: string | Uint8Array, name: string): Promise<FileProfile> =>
  profileFile({ file: tempFile(content, name), name, memoryBytes: 2 ** 28, threads: 1 });

function column({ table }: FileProfile, name: string): ColumnProfile {
  const found = table.columns.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no column ${name}`);
  return found;
}

const refused = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

type Refusal = [what: string, content: () => string | Uint8Array, message: RegExp, code?: string];

const lines = (count: number, of: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => of(i)).join('\n');

describe('text tables', () => {
  it.each<Refusal>([
    ['nothing', () => '', /empty/],
    ['nothing but a byte order mark', () => '\ufeff', /empty/],
    ['a quote that is never closed', () => `a,b\n1,"${'x'.repeat(3 * 2 ** 20)}`, /longer than 1048576 bytes/],
    [
      '100,000 columns',
      () => `${lines(100_000, (i) => `c${i}`).replaceAll('\n', ',')}\n`,
      /100000 columns; at most 10000/,
      'too-large',
    ],
    ['a column name used twice', () => 'a,b,a\n1,2,3\n', /more than once: a/],
    ['many ragged rows', () => `a,b\n${lines(100, (i) => (i % 10 === 0 ? '1,2,3' : '1,2'))}\n`, /10 of 100 rows/],
    ['UTF-16 with half a character', () => Buffer.from('\ufeffa,b\n1,\ud800\n', 'utf16le'), /not UTF-16LE/],
    [
      'damaged UTF-8',
      () => Buffer.concat([Buffer.from('a,b\n1,é'), Buffer.of(0xe9), Buffer.from('\n')]),
      /offset 8 are not UTF-8/,
    ],
    ['a NUL byte', () => 'a,b\n1,\0\n', /Byte 6 is NUL/],
    ['a line without an end', () => `a,b\n${'1,2,'.repeat(5 * 2 ** 20)}`, /longer than 16777216 bytes/],
  ])('are refused: %s', async (_, content, message, code = 'unreadable-data') => {
    await expect(read(content(), 'bad.csv')).rejects.toMatchObject(refused(code, message));
  });

  it('take a header without rows, names that JavaScript keeps for itself, and names that are empty', async () => {
    expect((await read('a,b\n', 't.csv')).table).toMatchObject({ rows: 0, columns: [{ name: 'a' }, { name: 'b' }] });
    const odd = await read('__proto__,constructor,\n1,2,3\n4,5,6\n', 't.csv');
    expect(odd.table.columns.map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'column_3']);
    expect(Object.keys({})).toEqual([]);
  });

  it('take mixed line ends and a last line without one', async () => {
    expect((await read('a,b\r\n1,2\n3,4\r5,6', 't.csv')).table.rows).toBe(3);
  });

  it('type numbers by stated rules, and never as an infinity by overflow', async () => {
    const cells = ['NaN', 'inf', '1e999', '1,5', '0x1F', ' 12 ', '9'.repeat(400)];
    for (const cell of cells) {
      const found = column(await read(`a;b\n1;x\n${cell};y\n2;z\n`, 't.csv'), 'a');
      // What is a number by the rules stays one; what is none makes a text of the column, with its cells as written.
      if (found.kind === 'number')
        expect(found.positiveInfinity + found.negativeInfinity, cell).toBe(cell === 'inf' ? 1 : 0);
      else
        expect(
          found.top.values.map(({ value }) => String(value).trim()),
          cell,
        ).toContain(cell.trim());
    }
    expect(column(await read('a;b\n1;x\n1,5;y\n', 't.csv'), 'a').type).toBe('text');
  });

  it('keep integers beyond 2^53 exact', async () => {
    const found = column(await read('a,b\n9007199254740993,1\n-9223372036854775808,2\n', 't.csv'), 'a');
    expect(found).toMatchObject({ type: 'int64', exactMin: '-9223372036854775808', exactMax: '9007199254740993' });
  });

  it('do not read days that there are none of as days', async () => {
    const found = await read(`day,n\n2024-01-01,1\n2024-13-01,2\n0000-00-00,3\n`, 't.csv');
    expect(column(found, 'day')).toMatchObject({ type: 'text', distinct: { value: 3 } });
    expect(found.warnings).toContainEqual(expect.objectContaining({ code: 'mixed-types', column: 'day' }));
  });

  it('are typed in linear time, whatever the cells are made to do to a pattern', async () => {
    const cell = `${'1'.repeat(30_000)}${'-'.repeat(30_000)}!`;
    const before = process.cpuUsage();
    expect((await read(`a\n${lines(50, () => cell)}\n`, 't.csv')).table.rows).toBe(50);
    // Quadratic work on 3 MB of such cells takes minutes.
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(20);
  });

  it('count texts without holding all of them', async () => {
    const found = column(await read(`a,b\n${lines(200_000, (i) => `id-${i},1`)}\n`, 't.csv'), 'a');
    expect(found.top.values.length).toBeLessThan(5000);
    expect(Math.abs(found.distinct.value / 200_000 - 1)).toBeLessThan(0.05);
  });

  it('are refused when what they inflate to is cut off', async () => {
    const packed = gzipSync(`a,b\n${lines(1000, (i) => `${i},${i * 2}`)}\n`);
    const message = /gzip data is broken or cut off/;
    await expect(read(packed.subarray(0, -9), 't.csv.gz')).rejects.toMatchObject(refused('unreadable-data', message));
  });
});

describe('JSON records', () => {
  it.each<Refusal>([
    ['nesting without end', () => `{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}\n`, /nest|deep/i],
    ['a key twice', () => '{"a":1,"a":2}\n', /twice|duplicate|two keys/i],
    ['NaN', () => '{"a":NaN}\n', /Line 1/],
    ['a comment', () => '{"a":1} // one\n', /Line 1/],
    ['a trailing comma', () => '{"a":1,}\n', /Line 1/],
    ['single quotes', () => "{'a':1}\n", /Line 1/],
    ['a number beyond all doubles', () => '{"a":1e999}\n', /Line 1/],
    ['U+0000', () => '{"a":"x\\u0000"}\n', /u0000/],
    ['half of a surrogate pair', () => '{"a":"\\ud800"}\n', /surrogate/],
    ['one bad line among 10,000', () => lines(10_000, (i) => (i === 7776 ? '{"a":' : `{"a":${i}}`)), /Line 7777/],
    ['nothing', () => '', /empty/],
    ['a list for a record', () => '[1]\n', /Line 1/],
  ])('are refused: %s', async (_, content, message, code = 'unreadable-data') => {
    await expect(read(content(), 'bad.ndjson')).rejects.toMatchObject(refused(code, message));
  });

  it('are refused when a line has no end', async () => {
    const endless = `{"a":"${'x'.repeat(17 * 2 ** 20)}`;
    await expect(read(endless, 't.ndjson')).rejects.toMatchObject(refused('too-large', /longer than/));
  });

  it('take a byte order mark, blank lines, CRLF and a last line without an end', async () => {
    const { table } = await read('\ufeff{"a":1}\r\n\r\n{"a":9007199254740993}', 't.ndjson');
    expect(table).toMatchObject({ rows: 2, columns: [{ exactMax: '9007199254740993' }] });
    expect((await read('[]', 't.json')).table).toMatchObject({ rows: 0, columns: [] });
  });

  it('change nothing about objects by their keys', async () => {
    await read('{"__proto__":{"admin":true},"a":1}\n', 't.ndjson').catch(() => null);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

/** Seven bits a byte, lowest first, zigzag: a number in a Parquet footer. */
function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value * 2n;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** The file with numbers in its footer replaced: the first `times` of those that are `from`. */
function inFooter(good: Buffer, { from, to, times }: { from: bigint; to: bigint; times: number }): Buffer {
  const start = good.length - 8 - good.readUInt32LE(good.length - 8);
  let footer = good.subarray(start, -8);
  let at = 0;
  for (let i = 0; i < times; i++) {
    at = footer.indexOf(varint(from), at);
    if (at < 0) break;
    footer = Buffer.concat([footer.subarray(0, at), varint(to), footer.subarray(at + varint(from).length)]);
    at += varint(to).length;
  }
  const tail = Buffer.from('\0\0\0\0PAR1', 'latin1');
  tail.writeUInt32LE(footer.length, 0);
  return Buffer.concat([good.subarray(0, start), footer, tail]);
}

const PARQUET_ROWS = 1237;

async function parquet(): Promise<Buffer> {
  const file = tempPath('good.parquet');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (SELECT hash(i) AS h FROM range(${PARQUET_ROWS}) t(i)) TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  return readFileSync(file);
}

describe('Parquet files', () => {
  it('are refused when footer and pages do not hold the same rows', async () => {
    const good = await parquet();
    const claim = (to: bigint, times: number) => inFooter(good, { from: BigInt(PARQUET_ROWS), to, times });
    await expect(read(claim(1300n, 1), 't.parquet')).rejects.toMatchObject({ code: 'unreadable-data' });
    // All of its counts: a small file that claims a thousand million values.
    await expect(read(claim(1_000_000_000n, 9), 't.parquet')).rejects.toMatchObject({ code: 'unreadable-data' });
  });

  it('are refused when a page claims to inflate to 2 GiB', async () => {
    const bad = Buffer.from(await parquet());
    // Page header: field 1 is its kind, field 2 the bytes that it inflates to.
    Buffer.from([0x15, 0x00, 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f]).copy(bad, 4);
    await expect(read(bad, 't.parquet')).rejects.toMatchObject({ code: expect.stringMatching(/unreadable|too-large/) });
  });

  it('are refused when their footer is larger than any that is read', async () => {
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(65 * 2 ** 20, 0);
    tail.write('PAR1', 4, 'latin1');
    const vast = Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(65 * 2 ** 20), tail]);
    await expect(read(vast, 't.parquet')).rejects.toMatchObject(refused('too-large', /footer/));
  });
});

describe('Arrow data', () => {
  const table = tableFromArrays({ n: [1, 2, 3], s: ['a', 'b', 'a'] });
  const bytes = (format: 'file' | 'stream'): Buffer => Buffer.from(tableToIPC(table, { format })!);

  it('are refused when a message claims 1.2 GB in a few bytes', async () => {
    const huge = Buffer.alloc(16);
    huge.writeUInt32LE(0xffff_ffff, 0);
    huge.writeInt32LE(1_200_000_000, 4);
    await expect(read(huge, 't.arrow')).rejects.toMatchObject(refused('unreadable-data', /byte 0/));
  });

  it('are refused when a stream ends and the file goes on', async () => {
    const joined = Buffer.concat([bytes('stream'), bytes('stream')]);
    await expect(read(joined, 't.arrows')).rejects.toMatchObject(refused('unreadable-data', /streams joined/));
  });

  it('are refused when the footer counts other batches than there are, or is not there', async () => {
    const good = bytes('file');
    await expect(read(good.subarray(0, -1), 't.arrow')).rejects.toMatchObject(refused('unreadable-data', /cut off/));
    // An end of stream right behind the mark: a reader of streams would see an empty table.
    const ended = Buffer.from(good);
    const schema = 8 + 8 + good.readInt32LE(12);
    ended.writeUInt32LE(0xffff_ffff, schema);
    ended.writeInt32LE(0, schema + 4);
    await expect(read(ended, 't.arrow')).rejects.toMatchObject(
      refused('unreadable-data', /footer counts 1 .* holds 0/),
    );
  });

  it('are refused when a dictionary is missing', async () => {
    const good = bytes('stream');
    const schema = 8 + good.readInt32LE(4);
    const dictionary = schema + 8 + good.readInt32LE(schema + 4);
    // Behind the dictionary's metadata lies its body, which ends where the next message begins.
    const next = good.indexOf(Buffer.from([0xff, 0xff, 0xff, 0xff]), dictionary);
    const without = Buffer.concat([good.subarray(0, schema), good.subarray(next)]);
    await expect(read(without, 't.arrows')).rejects.toMatchObject({ code: 'unreadable-data' });
  });
});
