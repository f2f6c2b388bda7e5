import { describe, expect, it } from 'vitest';
import { profileFile } from '../../../src/domain/profile/profile-file.ts';
import { opened, tempFile } from '../fixtures.ts';

describe('a line that names the separator', () => {
  it.each([
    'sep=;\nid;v\n1;2,5\n',
    'SEP=;\r\nid;v\r\n1;2,5\r\n',
    '"sep=;"\nid;v\n1;2,5\n',
    '\ufeffsep=;\n# made by Excel\nid;v\n1;2,5\n',
  ])('is no row of the table: %j', async (text) => {
    const { values } = await opened(text, 't.csv', { csv: { decimal: ',' } });
    expect([...values]).toEqual([
      ['id', [1]],
      ['v', [2.5]],
    ]);
  });

  it('stands before what is guessed, and is the header where it names none', async () => {
    expect((await opened('sep=|\na,b|c\nx,y|1\n', 't.csv')).values.get('c')).toEqual([1]);
    expect((await opened('sep=x\n1\n', 't.csv')).values.get('sep=x')).toEqual([1]);
  });
});

it('a title above a table is refused with what to do about it', async () => {
  const title = opened(`Sales of 2024\n\nid,v\n${'1,2\n'.repeat(9)}`, 't.csv');
  await expect(title).rejects.toMatchObject({ message: expect.stringContaining('have to begin with #, or to go') });
});

describe('lines of comments above a table', () => {
  it('are left out, and counted', async () => {
    const { values, reader } = await opened('# made by a meter\n# 2024, in volts; see "here\nt,v\n1,2.5\n', 't.csv');
    expect([...values]).toEqual([
      ['t', [1]],
      ['v', [2.5]],
    ]);
    expect(reader.warnings).toContainEqual(expect.objectContaining({ code: 'comment-lines', count: 2 }));
  });

  it.each([
    ['#chrom,pos\nx,1\n', ['#chrom', 'pos']],
    ['#chrom,name\nx,y\n', ['#chrom', 'name']],
    ['# x, y\n1,2\n', ['# x', 'y']],
    ['#tag\none\n', ['#tag']],
    ['# a, b and c\n#chrom,pos\nx,1\n', ['#chrom', 'pos']],
    ['#tag\n#one\n#two\n', ['#tag']],
    ['# tags of today\ntag\none\n', ['tag']],
  ])('are told from a header that begins so: %j', async (text, names) => {
    const { reader } = await opened(text, 't.csv', { csv: { header: true } });
    expect(reader.fields.map(({ name }) => name)).toEqual(names);
  });

  it('stay rows further down', async () => {
    const { values } = await opened('a,b\n#1,x\n2,y\n', 't.csv');
    expect(values.get('a')).toEqual(['#1', '2']);
  });

  it('are left out of a file that is read in ranges, behind a byte order mark too', async () => {
    const file = tempFile(`\ufeff# one\n# two\na,b\n${'1,x\n'.repeat(2 ** 21)}`, 't.csv');
    const { table, warnings } = await profileFile({ file, name: 't.csv', memoryBytes: 2 ** 28, threads: 1 });
    expect(table).toMatchObject({ rows: 2 ** 21, columns: [{ name: 'a', type: 'int64' }, { name: 'b' }] });
    expect(warnings.map(({ code }) => code)).toContain('comment-lines');
  });
});
