import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { writeParquet } from '../../src/formats/parquet/writer.ts';
import { formatOfName } from '../../src/formats/table-format.ts';
import { openTable } from '../../src/formats/table-reader.ts';
import { opened, tableValues, tempFile, tempPath } from './fixtures.ts';

const CSV = 'a,b\n1,x\n2,y\n';

describe('openTable', () => {
  it('goes by the name that the file goes by, not by its path', async () => {
    const path = tempFile(CSV, 'd41d8cd98f00b204');
    const reader = await openTable(path, { name: 'data/train.csv' });
    expect(reader.format).toBe('csv');
    expect((await tableValues(reader)).get('a')).toEqual([1, 2]);
    await expect(openTable(path)).rejects.toMatchObject({ code: 'unreadable-data', message: /format is not known/ });
    expect((await openTable(path, { format: 'csv' })).format).toBe('csv');
  });

  it('takes no archive for a table, whatever its name, and says what to do', async () => {
    const zip = Buffer.from('PK\u0003\u0004 and so on', 'latin1');
    for (const name of ['t.csv', 't.zip', 't.xlsx']) {
      const opening = openTable(tempFile(zip, name));
      await expect(opening).rejects.toMatchObject({
        code: 'unreadable-data',
        message: /ZIP archive.*take the table out/,
      });
    }
  });

  it.each([
    ['gzip', 't.csv.gz', gzipSync(CSV)],
    ['gzip in two members', 't.csv.gz', Buffer.concat([gzipSync('a,b\n1,x\n'), gzipSync('2,y\n')])],
    ['zstd', 't.csv.zst', zstdCompressSync(CSV)],
    ['gzip under a plain name', 't.csv', gzipSync(CSV)],
  ])('reads %s', async (_, name, bytes) => {
    const { values, reader } = await opened(bytes, name);
    expect(reader.rows).toBe(2);
    expect(values.get('b')).toEqual(['x', 'y']);
  });

  it('reads compressed NDJSON', async () => {
    expect((await opened(zstdCompressSync('{"a":1}\n'), 't.ndjson.zst')).values.get('a')).toEqual([1]);
  });

  it.each([
    ['gz', gzipSync],
    ['zst', zstdCompressSync],
  ])('reads Parquet and Arrow that are compressed as a whole as .%s, and leaves no copy', async (ending, compress) => {
    const plain = readFileSync(new URL('../fixtures/arrow/plain.feather', import.meta.url));
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-copies-'));
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    const arrow = await opened(compress(plain), `t.feather.${ending}`);
    expect([arrow.reader.format, arrow.values.get('id')?.length]).toEqual(['arrow', 3_000]);
    const reader = await openTable(tempFile(plain, 't.feather'));
    const file = tempPath('t.parquet');
    await writeParquet(file, reader.fields, reader.batches());
    const parquet = await opened(compress(readFileSync(file)), `t.parquet.${ending}`);
    expect([parquet.reader.format, parquet.values]).toEqual(['parquet', arrow.values]);
    await expect(opened(compress('PAR1 and no more'), `t.parquet.${ending}`)).rejects.toThrow(/Parquet/);
    expect(readdirSync(folder).filter((name) => name.startsWith('tidemark-inflated-'))).toEqual([]);
  });

  it.each([
    ['cut off', gzipSync(CSV.repeat(1000)).subarray(0, 60)],
    ['spoiled', Buffer.concat([gzipSync(CSV).subarray(0, 12), Buffer.alloc(20, 0x55)])],
  ])('refuses gzip that is %s', async (_, bytes) => {
    await expect(opened(bytes, 't.csv.gz')).rejects.toMatchObject({
      code: 'unreadable-data',
      message: /gzip data is broken/,
    });
  });

  it('stops a bomb at the inflated limit', async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('a\n'), Buffer.alloc(8 * 2 ** 20, '1\n')]));
    await expect(opened(bomb, 't.csv.gz', { limits: { inflatedBytes: 2 ** 20 } })).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  it('says that a file is gone', async () => {
    const path = tempPath('gone.csv');
    expect(existsSync(path)).toBe(false);
    await expect(openTable(path)).rejects.toMatchObject({ code: 'unreadable-data' });
  });
});

describe('formatOfName', () => {
  it.each([
    ['train.csv', 'csv'],
    ['a/b/TRAIN.CSV.GZ', 'csv'],
    ['x.tsv.zst', 'tsv'],
    ['x.jsonl', 'ndjson'],
    ['x.json', 'json'],
    ['x.parquet', 'parquet'],
    ['x.feather', 'arrow'],
    ['notes.md', undefined],
    ['noextension', undefined],
    ['a.csv/readme', undefined],
  ])('%s', (name, format) => {
    expect(formatOfName(name)).toBe(format);
  });
});
