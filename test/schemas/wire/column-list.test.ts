import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnList } from '../../../schemas/wire/column-list.ts';
import { compareQuery } from '../../../schemas/wire/compare.ts';

describe('a list of columns', () => {
  it.each([
    ['a,b', ['a', 'b']],
    ['"a,b",c', ['a,b', 'c']],
    ['"say ""so""",x y', ['say "so"', 'x y']],
    [',a,,b,', ['a', 'b']],
    ['', []],
    ['"a', null],
    ['"a"b,c', null],
  ])('%j is %j', (text, names) => {
    expect(columnList(text)).toEqual(names);
  });

  it('names any column there may be', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (names) => {
        expect(columnList(names.map((name) => `"${name.replaceAll('"', '""')}"`).join(','))).toEqual(names);
      }),
    );
  });

  it('is what a query takes, with pairs as well', () => {
    expect(compareQuery.parse({ columns: '"a,b",c', types: '"a,b=text",c=int64' })).toMatchObject({
      columns: ['a,b', 'c'],
      types: { 'a,b': 'text', c: 'int64' },
    });
    expect(compareQuery.safeParse({ columns: '"a' }).error?.issues).toMatchObject([
      { path: ['columns'], message: expect.stringContaining('quotes') },
    ]);
  });
});
