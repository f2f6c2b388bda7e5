import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCsv } from '../../../src/formats/csv/csv.ts';
import { DEFAULT_LIMITS } from '../../../src/formats/table.ts';
import { opened, piecewise, tableValues, type Value } from '../fixtures.ts';

const open = (text: string, sizes: readonly number[], options = {}) =>
  openCsv({ source: piecewise(text, sizes), format: 'csv', options, limits: DEFAULT_LIMITS });

/** The grammar, as plainly as it can be written: one character at a time. */
function naive(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let i = 0;
  while (i < text.length) {
    if (row.length === 0 && (text[i] === '\n' || text[i] === '\r')) {
      i++;
      continue;
    }
    let cell: string | null = '';
    if (text[i] === '"') {
      for (i++; text[i] !== '"' || text[i + 1] === '"'; i++) {
        if (text[i] === '"') i++;
        cell += text[i];
      }
      i++;
    } else {
      while (i < text.length && !',\n\r'.includes(text[i]!)) cell += text[i++];
      if (cell === '') cell = null;
    }
    row.push(cell);
    if (text[i] === ',') {
      i++;
      if (i < text.length && text[i] !== '\n' && text[i] !== '\r') continue;
      row.push(null);
    }
    rows.push(row);
    row = [];
    i++;
  }
  return rows;
}

describe('CSV fields', () => {
  it('finds the same cells as a naive parser, wherever the pieces are cut', async () => {
    const plain = fc.string({
      unit: fc.constantFrom('a', 'b', 'ä', '€', '😀', ' ', '-', "'"),
      minLength: 1,
      maxLength: 6,
    });
    const quotable = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'ß', ' '), maxLength: 8 });
    const cell = fc.oneof(
      plain,
      quotable.map((text) => `"${text.replaceAll('"', '""')}"`),
      fc.constant(''),
    );
    const line = fc.tuple(plain, cell, cell).map((cells) => cells.join(','));
    const newline = fc.constantFrom('\n', '\r\n', '\r');
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 30 }),
        newline,
        fc.boolean(),
        sizes,
        async (lines, end, last, cuts) => {
          // The marker makes every column text, so that cells can be compared as they stand.
          const text = ['k1,k2,k3', 'mark,mark,mark', ...lines].join(end) + (last ? end : '');
          const reader = await open(text, cuts, { header: true, delimiter: ',' });
          const expected = naive(text).slice(1);
          const values = await tableValues(reader);
          expect(reader.rows).toBe(expected.length);
          for (const [c, name] of ['k1', 'k2', 'k3'].entries()) {
            expect(values.get(name)).toEqual(expected.map((row) => row[c]));
          }
        },
      ),
      { numRuns: 300, seed: 41 },
    );
  });

  it('reads a byte order mark, a missing last line end and blank lines', async () => {
    const { values, types } = await opened('\ufeffa,b\n\n1,x\r\n\r\n2,y', 't.csv');
    expect(types).toEqual({ a: 'int64', b: 'text' });
    expect(Object.fromEntries(values)).toEqual({ a: [1, 2], b: ['x', 'y'] });
  });

  it('tells an absent cell from a quoted empty text', async () => {
    const { values } = await opened('a,b\nx,""\n"",\n', 't.csv');
    expect(Object.fromEntries(values)).toEqual({ a: ['x', ''], b: ['', null] });
  });

  it.each([
    [';', 'csv'],
    ['|', 'csv'],
    ['\t', 'tsv'],
    ['\t', 'csv'],
  ])('finds the delimiter %j', async (delimiter, extension) => {
    const text = [
      ['name', 'size'],
      ['a,b', '1,5'],
      ['c', '2'],
    ]
      .map((row) => row.join(delimiter))
      .join('\n');
    const { reader, values } = await opened(text, `t.${extension}`);
    expect(reader.fields.map(({ name }) => name)).toEqual(['name', 'size']);
    expect(values.get('name')).toEqual(['a,b', 'c']);
  });

  it.each([
    [';', 3],
    [';', 40],
    ['\t', 3],
    ['|', 7],
  ])('leaves one column of prose whole: %j in one of %i rows', async (sign, every) => {
    // As who writes with commas writes it: what has none needs no quotes.
    const rows = Array.from({ length: 300 }, (_, i) =>
      i % every === 0 ? `so${`${sign} and`.repeat(1 + (i % 4))}` : 'plain',
    );
    const { reader, values } = await opened(`text\n${rows.join('\n')}\n`, 't.csv');
    expect(reader.fields.map(({ name }) => name)).toEqual(['text']);
    expect(values.get('text')).toEqual(rows);
  });

  it('takes no table with a title above its names for a single column', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i};${i % 3}`).join('\n');
    await expect(opened(`Report\nPlants\nid;kind\n${rows}\n`, 't.csv')).rejects.toMatchObject({
      message: expect.stringContaining('Lines above the names of the columns'),
    });
  });

  it('projects and orders columns', async () => {
    const reader = await open('a,b,c\n1,2,3\n4,5,6\n', [7]);
    expect(await tableValues(reader, ['c', 'a'])).toEqual(
      new Map([
        ['c', [3, 6]],
        ['a', [1, 4]],
      ]),
    );
    expect(await tableValues(reader, [])).toEqual(new Map());
    await expect(tableValues(reader, ['d'])).rejects.toMatchObject({ code: 'unreadable-data' });
  });

  it('keeps rows apart over many batches', async () => {
    const lines = Array.from({ length: 70_000 }, (_, i) => `${i},id-${i},${i % 3}`);
    const { reader, values } = await opened(`n,id,k\n${lines.join('\n')}\n`, 't.csv');
    expect(reader.rows).toBe(70_000);
    expect(values.get('n')).toEqual(lines.map((_, i) => i));
    expect(values.get('id')?.at(-1)).toBe('id-69999');
  });
});

describe('CSV types', () => {
  const columnOf = async (cells: readonly string[]): Promise<{ type: string; values: Value[]; codes: string[] }> => {
    const { types, values, codes } = await opened(`k,x\n${cells.map((cell) => `r,${cell}`).join('\n')}\n`, 't.csv', {
      csv: { header: true, delimiter: ',' },
    });
    return { type: types.x!, values: values.get('x')!, codes };
  };

  it.each<[string, string[], string, Value[]]>([
    ['integers', ['1', '-2', '', '0'], 'int64', [1, -2, null, 0]],
    ['codes with leading zeros', ['01234', '02139'], 'text', ['01234', '02139']],
    ['integers beyond 2^53', ['9007199254740993', '1', ''], 'int64', [9007199254740993n, 1, null]],
    ['integers beyond int64', ['9223372036854775808', '1'], 'text', ['9223372036854775808', '1']],
    ['decimals', ['1.5', '2', '1e3', '.5'], 'float64', [1.5, 2, 1000, 0.5]],
    ['special numbers', ['1', 'NaN', '-inf', 'Infinity'], 'float64', [1, Number.NaN, -Infinity, Infinity]],
    ['overflow', ['1.5', '1e999'], 'text', ['1.5', '1e999']],
    ['decimal comma', ['"1,5"', '"2,5"'], 'text', ['1,5', '2,5']],
    ['hexadecimal', ['0x1F', '0x2F'], 'text', ['0x1F', '0x2F']],
    ['a plus sign', ['+1', '+2'], 'text', ['+1', '+2']],
    ['blanks around numbers', [' 12 ', '13'], 'int64', [12, 13]],
    ['quoted numbers', ['"1"', '"2"', '""'], 'int64', [1, 2, null]],
    ['words for missing', ['1', 'NA', 'null', 'N/A', '?'], 'int64', [1, null, null, null, null]],
    ['the same words among texts', ['x', 'NA', 'null', '?'], 'text', ['x', 'NA', 'null', null]],
    ['booleans', ['true', 'False', 'TRUE', ''], 'boolean', [true, false, true, null]],
    ['dates', ['2024-05-01', '1970-01-02'], 'date', [Date.UTC(2024, 4, 1), 86_400_000]],
    ['a date that does not exist', ['2024-05-01', '2024-13-01'], 'text', ['2024-05-01', '2024-13-01']],
    [
      'timestamps and dates',
      ['2024-05-01T00:00:01Z', '1970-01-02'],
      'timestamp',
      [Date.UTC(2024, 4, 1, 0, 0, 1), 86_400_000],
    ],
    ['nothing at all', ['', ''], 'text', [null, null]],
  ])('%s', async (_, cells, type, values) => {
    expect(await columnOf(cells)).toMatchObject({ type, values });
  });

  it('decides from the whole file: one word in the last row makes the column text', async () => {
    const cells = [...Array.from({ length: 30_000 }, (_, i) => String(i)), 'oops'];
    const { type, values, codes } = await columnOf(cells);
    expect(type).toBe('text');
    expect(values).toEqual(cells);
    expect(codes).toContain('mixed-types');
  });

  it('says when integers beyond 2^53 are rounded among decimals', async () => {
    const { type, codes } = await columnOf(['9007199254740993', '0.5']);
    expect(type).toBe('float64');
    expect(codes).toEqual(['rounded-integers']);
  });
});

describe('CSV header', () => {
  it('takes texts above typed columns for names', async () => {
    const { types } = await opened('age,city\n31,Rome\n', 't.csv');
    expect(types).toEqual({ age: 'int64', city: 'text' });
  });

  it('takes a first row with values for data', async () => {
    const { types, codes, values } = await opened('39, State-gov, ?\n50, Private, x\n', 't.csv');
    expect(types).toEqual({ column_1: 'int64', column_2: 'text', column_3: 'text' });
    expect(codes).toEqual(['no-header', 'missing-marks']);
    expect(values.get('column_2')).toEqual(['State-gov', 'Private']);
    expect(values.get('column_3')).toEqual([null, 'x']);
  });

  it('takes texts above texts for names unless they repeat below', async () => {
    expect((await opened('name,city\nann,Rome\n', 't.csv')).types).toEqual({ name: 'text', city: 'text' });
    const repeated = await opened('red,blue\ngreen,red\nred,blue\n', 't.csv');
    expect(repeated.reader.rows).toBe(3);
  });

  it('names a column without a name by its place', async () => {
    const { types, codes } = await opened(',a\n0,1\n1,2\n', 't.csv');
    expect(types).toEqual({ column_1: 'int64', a: 'int64' });
    expect(codes).toEqual(['unnamed-column']);
  });

  it('keeps names that are special in JavaScript', async () => {
    const { reader } = await opened('__proto__,constructor,a\n1,2,3\n', 't.csv');
    expect(reader.fields.map(({ name }) => name)).toEqual(['__proto__', 'constructor', 'a']);
    expect(await tableValues(reader, ['__proto__'])).toEqual(new Map([['__proto__', [1]]]));
  });

  it('reads a header alone as a table of no rows', async () => {
    const { reader } = await opened('a,b\n', 't.csv');
    expect(reader.rows).toBe(0);
    expect(reader.fields).toHaveLength(2);
  });
});

describe('CSV that cannot be read', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['an empty file', '', /empty/],
    ['only blank lines', '\n\n', /empty/],
    ['duplicate names', 'a,b,a\n1,2,3\n', /used more than once: a/],
    ['an open quote', 'a,b\n1,"x\n2,y\n', /row 2.*never closed/],
    ['text behind a quote', 'a,b\n1,"x"y\n', /Row 2 has text after a closing quote/],
    ['UTF-16 with half a character', Buffer.from('\ufeffa,b\n1,\ud800\n', 'utf16le'), /not UTF-16LE/],
    [
      'damaged UTF-8',
      Buffer.concat([Buffer.from('a,b\n1,é'), Buffer.of(0xe9), Buffer.from('\n')]),
      /offset 8 are not UTF-8/,
    ],
    ['NUL', 'a,b\n1,x\0y\n', /Byte 7 is NUL/],
  ])('%s', async (_, content, message) => {
    await expect(opened(content, 't.csv')).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a quoted cell that never ends long before the file does', async () => {
    const text = `a,b\n1,"${'x'.repeat(8 * 2 ** 20)}`;
    await expect(open(text, [65_536])).rejects.toMatchObject({ code: 'unreadable-data' });
  });

  it('refuses too many columns', async () => {
    const wide = Array.from({ length: 10_001 }, (_, i) => `c${i}`).join(',');
    await expect(opened(`${wide}\n`, 't.csv')).rejects.toMatchObject({ code: 'too-large' });
  });

  it('counts ragged rows, and refuses many of them', async () => {
    const good = Array.from({ length: 300 }, (_, i) => `${i},x`);
    const { values, reader } = await opened(`a,b\n${good.join('\n')}\n7\n8,y,z\n`, 't.csv');
    expect(reader.warnings).toMatchObject([{ code: 'ragged-rows', count: 2 }]);
    expect(values.get('b')?.slice(-2)).toEqual([null, 'y']);
    await expect(opened('a,b\n1,x\n2\n3\n', 't.csv')).rejects.toMatchObject({ code: 'unreadable-data' });
  });
});
