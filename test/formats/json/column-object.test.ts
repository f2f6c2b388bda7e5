import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileFile } from '../../../src/domain/profile/profile-file.ts';
import { opened, tempFile } from '../fixtures.ts';

const lists = {
  id: [1, 2, 3],
  'na"me': ['a,b', 'c]}\\"', null],
  emb: [[1, 2], [3, 4], null],
  o: [{ x: 1 }, { x: 2 }, {}],
};
const keyed = (columns: Readonly<Record<string, readonly unknown[]>>) =>
  Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Object.fromEntries(values.entries())]));
const records = (columns: Readonly<Record<string, readonly unknown[]>>) =>
  Object.values(columns)[0]!.map((_, i) => Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, v[i]])));

describe('JSON by columns', () => {
  it.each([
    ['lists', JSON.stringify(lists)],
    ['lists on many lines, behind a byte order mark', `\ufeff \n${JSON.stringify(lists, null, 2)}\r\n`],
    ['objects by row, as pandas writes them', JSON.stringify(keyed(lists))],
    ['compressed', gzipSync(JSON.stringify(keyed(lists), null, 1))],
  ])('are the records that they hold: %s', async (_, content) => {
    const { reader, types, values } = await opened(content, 't.json');
    const same = await opened(JSON.stringify(records(lists)), 't.json');
    expect(reader.format).toBe('json');
    expect([reader.rows, types, values]).toEqual([3, same.types, same.values]);
  });

  it('are so wherever a window ends', async () => {
    // U+0000 is refused in both forms.
    const text = fc.string({ unit: 'binary', maxLength: 3_000 }).map((given) => given.replaceAll('\0', ' '));
    const row = fc.tuple(text, fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0, 1, 2),
        async (rows, indent) => {
          const columns = { a: rows.map(([a]) => a), b: rows.map(([, b]) => b) };
          const found = await opened(JSON.stringify(columns, null, indent), 't.json');
          const same = await opened(JSON.stringify(records(columns)), 't.json');
          expect([found.types, found.values]).toEqual([same.types, same.values]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are profiled', async () => {
    const columns = {
      n: Array.from({ length: 50_000 }, (_, i) => i),
      s: Array.from({ length: 50_000 }, (_, i) => `v${i % 7}`),
    };
    const file = tempFile(JSON.stringify(columns), 't.json');
    const { format, table } = await profileFile({ file, name: 't.json', memoryBytes: 2 ** 28, threads: 2 });
    expect(format).toBe('json');
    expect(table).toMatchObject({ rows: 50_000, columns: [{ max: 49_999 }, { distinct: { value: 7 } }] });
  });

  it.each<[string, string, RegExp]>([
    ['one value', '{"a":1}', /byte 5.*list of the values of a column/],
    ['columns of different length', '{"a":[1,2],"b":[1]}', /1 of 2 columns have 1 values/],
    ['rows of different names', '{"a":{"0":1,"1":2},"b":{"0":1,"2":2}}', /row 2 is called "2" in the column "b"/],
    ['the same name twice', '{"a":[1],"a":[2]}', /./],
    ['a value that is no JSON', '{"a":[1,x]}', /Line 2/],
    ['a list that is cut off', '{"a":[1,2', /byte 9/],
    ['a text that is cut off', '{"a":["x', /byte 6.*cut off/],
    ['a missing comma', '{"a":[1 2]}', /"," is missing/],
    ['records of a line each', '{"a":[1]}\n{"a":[2]}', /name it .ndjson/],
    ['no columns', '{}', /./],
  ])('are refused with %s', async (_, content, message) => {
    await expect(opened(content, 't.json')).rejects.toMatchObject({ code: 'unreadable-data', message });
  });
});
