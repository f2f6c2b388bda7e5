import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { profileFile } from '../../../src/domain/profile/profile-file.ts';
import { opened, tempFile } from '../fixtures.ts';

const TEXT = 'name,wert\nZoë,1\n„Spaß“,2\n';
const LATIN = Buffer.concat([
  Buffer.from('name,wert\nZo'),
  Buffer.of(0xeb),
  Buffer.from(',1\n'),
  Buffer.of(0x84),
  Buffer.from('Spa'),
  // With what follows it this would be a character of UTF-8 too.
  Buffer.of(0xdf, 0x93),
  Buffer.from(',2\n'),
]);

describe('delimited text that is not UTF-8', () => {
  it.each([
    ['UTF-16, little end first', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
    ['UTF-16 in gzip', gzipSync(Buffer.from(`\ufeff${TEXT}`, 'utf16le'))],
  ])('is read by its mark: %s', async (_, bytes) => {
    const { values, codes } = await opened(bytes, 't.csv');
    expect([...values]).toEqual([
      ['name', ['Zoë', '„Spaß“']],
      ['wert', [1, 2]],
    ]);
    expect(codes).not.toContain('guessed-encoding');
  });

  it('is Windows-1252 by its looks, which is told, and how many letters that is about', async () => {
    const { values, reader } = await opened(LATIN, 't.csv');
    expect(values.get('name')).toEqual(['Zoë', '„Spaß“']);
    expect(reader.warnings).toContainEqual(expect.objectContaining({ code: 'guessed-encoding', count: 4 }));
  });

  it('is found out wherever in the file it begins, and profiled alike', async () => {
    const file = tempFile(
      Buffer.concat([Buffer.from('a,b\n'), Buffer.alloc(2 ** 21, '1,x\n'), Buffer.of(0x31, 0x2c, 0xe9)]),
      't.csv',
    );
    const { table, warnings } = await profileFile({ file, name: 't.csv', memoryBytes: 2 ** 28, threads: 2 });
    expect(table).toMatchObject({ rows: 2 ** 19 + 1, columns: [{ name: 'a' }, { distinct: { value: 2 } }] });
    expect(warnings.map(({ code }) => code)).toEqual(['guessed-encoding']);
  });

  it.each([
    ['a byte that has no character', Buffer.from('a,b\n1,caf\xe9\x81\n', 'latin1')],
    ['characters of UTF-8 beside a broken one', Buffer.concat([Buffer.from('a,b\n1,éàü'), Buffer.of(0xe9, 10)])],
  ])('is refused with %s', async (_, bytes) => {
    await expect(opened(bytes, 't.csv')).rejects.toMatchObject({ code: 'unreadable-data', message: /not UTF-8/ });
  });
});
