import { describe, expect, it } from 'vitest';
import { profileFile } from '../../../src/domain/profile/profile-file.ts';
import { opened, tempFile } from '../fixtures.ts';

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
