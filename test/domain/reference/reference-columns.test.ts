import { describe, expect, it } from 'vitest';
import { referenceColumns } from '../../../src/domain/reference/reference-columns.ts';
import { tempFile, valuesOf } from '../../formats/fixtures.ts';

const WANTED = [
  { name: 'preis', type: 'float64' },
  { name: 'year', type: 'int64' },
] as const;
const OPTIONS = { keep: true, memoryBytes: 2 ** 28 };

describe('columns of a reference', () => {
  it('are read as its version says, with the keys of its folders, and anew where it is said otherwise', async () => {
    const part = (text: string, year: string, decimal: '.' | ',') => ({
      ...{ path: `year=${year}/x.csv`, file: tempFile(text, 'x.csv') },
      csv: { decimal },
      keys: [{ name: 'year', type: 'int64', text: year }] as const,
    });
    const files = (decimal: '.' | ',') => [
      part('id;preis\n1;1,5\n2;2\n', '2025', decimal),
      part('id;preis\n3;3,25\n', '2026', decimal),
    ];
    const read = async (decimal: '.' | ',') =>
      (await referenceColumns({ oid: 'a'.repeat(32), files: files(decimal) }, WANTED, OPTIONS)).map(valuesOf);
    expect(await read(',')).toEqual([
      [1.5, 2, 3.25],
      [2025, 2025, 2026],
    ]);
    // A file beside the folders has no key; with the keys left out no file has any.
    const beside = {
      path: 'y.csv',
      file: tempFile('id;preis\n9;9\n', 'y.csv'),
      csv: { decimal: ',' },
      keys: [],
    } as const;
    const years = async (keyed: boolean) => {
      const given = [beside, ...files(',').map((file) => (keyed ? file : { ...file, keys: [] }))];
      const [, year] = await referenceColumns({ oid: 'b'.repeat(32), files: given }, WANTED, OPTIONS);
      return valuesOf(year!);
    };
    expect([await years(false), await years(true)]).toEqual([
      [null, null, null, null],
      [null, 2025, 2025, 2026],
    ]);
    // Of texts nothing is a number.
    expect((await read('.'))[0]).toEqual([null, null, null]);
    expect((await read(','))[0]).toEqual([1.5, 2, 3.25]);
  });
});
