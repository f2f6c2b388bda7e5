import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TAR_END, type TarEntry, tarHeader, tarPadding, tarSize } from '../../src/formats/tar-writer.ts';

type Read = { readonly path: string; readonly size: number; readonly modified: number; readonly content: string };

const field = (block: Buffer, at: number, length: number): string =>
  block
    .subarray(at, at + length)
    .toString('latin1')
    .replace(/\0.*$/s, '');

/** A reader of its own after POSIX.1-2001, so that the writer is not judged by itself. */
function readTar(archive: Buffer): Read[] {
  const files: Read[] = [];
  let extended = new Map<string, string>();
  for (let at = 0; at < archive.length; ) {
    const block = archive.subarray(at, at + 512);
    at += 512;
    if (block.every((byte) => byte === 0)) continue;
    const blanked = Buffer.from(block).fill(' ', 148, 156);
    const sum = blanked.reduce((total, byte) => total + byte, 0);
    if (Number.parseInt(field(block, 148, 8), 8) !== sum) throw new Error('wrong checksum');
    if (field(block, 257, 6) !== 'ustar') throw new Error('no ustar');
    const size = Number.parseInt(field(block, 124, 12), 8);
    const content = archive.subarray(at, at + size);
    at += Math.ceil(size / 512) * 512;
    if (field(block, 156, 1) === 'x') extended = readRecords(content);
    else {
      const path = extended.get('path') ?? field(block, 0, 100);
      const modified = Number.parseInt(field(block, 136, 12), 8);
      files.push({ path, size, modified, content: content.toString('utf8') });
      extended = new Map();
    }
  }
  return files;
}

function readRecords(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(' ', at);
    const length = Number(bytes.subarray(at, blank).toString());
    if (!(length > 0)) throw new Error('a record must say its length');
    const [key = '', ...value] = bytes
      .subarray(blank + 1, at + length - 1)
      .toString('utf8')
      .split('=');
    if (bytes[at + length - 1] !== 0x0a) throw new Error('a record must end with a line feed');
    records.set(key, value.join('='));
    at += length;
  }
  return records;
}

function archiveOf(files: readonly (TarEntry & { content: string })[]): Buffer {
  const parts = files.flatMap((file) => [tarHeader(file), Buffer.from(file.content), tarPadding(file.size)]);
  return Buffer.concat([...parts, TAR_END]);
}

const file = (path: string, content: string) => ({
  path,
  content,
  size: Buffer.byteLength(content),
  modified: 1_700_000_000,
});

describe('tar', () => {
  it.each([
    ['a plain name', 'folder/a.txt'],
    ['a name of 100 bytes', 'a'.repeat(100)],
    ['a name of 101 bytes', 'a'.repeat(101)],
    ['a name of four thousand bytes', `${'deep/'.repeat(800)}x`],
    ['a name that is not ASCII', 'caf\u00e9/\u{1f600}.txt'],
    ['a name with an equals sign', `${'x'.repeat(120)}=y`],
  ])('carries %s', (_, path) => {
    const files = [file(path, 'content'), file('next', '')];
    expect(readTar(archiveOf(files))).toEqual(files);
  });

  it('counts its own digits in an extended record, where the length has one more of them', () => {
    for (let length = 101; length < 1100; length++) {
      const path = 'n'.repeat(length);
      expect(readTar(archiveOf([file(path, '')]))[0]?.path).toBe(path);
    }
  });

  it('tells the size of a file above 8 GiB in an extended header', () => {
    const size = 8 ** 11;
    const header = Buffer.from(tarHeader({ path: 'large', size, modified: 0 }));
    expect(readRecords(header.subarray(512, 512 + 19))).toEqual(new Map([['size', String(size)]]));
    expect(tarSize({ path: 'large', size, modified: 0 })).toBe(size + header.byteLength);
  });

  it('knows its size beforehand and is made of whole blocks', () => {
    const paths = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).filter((path) => !path.includes('\0'));
    fc.assert(
      fc.property(fc.array(fc.tuple(paths, fc.string({ maxLength: 2000 })), { maxLength: 5 }), (pairs) => {
        const files = pairs.map(([path, content]) => file(path.toWellFormed(), content.toWellFormed()));
        const archive = archiveOf(files);
        const size = files.reduce((sum, entry) => sum + tarSize(entry), TAR_END.byteLength);
        expect(archive.byteLength).toBe(size);
        expect(size % 512).toBe(0);
        expect(readTar(archive)).toEqual(files);
      }),
      { numRuns: 200 },
    );
  });
});
