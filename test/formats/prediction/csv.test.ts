import { describe, expect, it } from 'vitest';
import type { ParsedRecords, RecordOptions } from '../../../src/formats/prediction/record-types.ts';
import { parseRecords, recordTexts } from '../../../src/formats/prediction/rows.ts';
import type { ColumnType } from '../../../src/stats/column.ts';
import { type Value, valuesOf } from '../fixtures.ts';

const AT = '2024-05-01T10:00:00Z';
const OPTIONS: RecordOptions = { shape: 'prediction', maxLineBytes: 1000 };
const TYPES = new Map<string, ColumnType>([
  ['feature.code', 'text'],
  ['feature.n', 'int64'],
  ['feature.x', 'float64'],
  ['feature.b', 'boolean'],
  ['feature.day', 'date'],
]);

const parse = (body: string | Uint8Array, over: Partial<RecordOptions> = {}): ParsedRecords =>
  parseRecords(Buffer.from(body), 'csv', { ...OPTIONS, ...over });

/** A table of one feature, a cell a row. */
const table = (name: string, cells: readonly string[], end = '\n'): string =>
  ['prediction_id,timestamp,prediction,' + name, ...cells.map((cell, i) => `p${i},${AT},1,${cell}`)].join(end);

const valuesIn = (parsed: ParsedRecords, name: string): Value[] => {
  const at = parsed.fields.findIndex((field) => field.name === name);
  return at < 0 ? [] : valuesOf(parsed.batch.columns[at]!);
};

describe('cells in other writings', () => {
  const german = { csv: { decimal: ',', thousands: '.', dates: 'day-first' }, expected: TYPES } as const;
  const rows = (name: string, cells: readonly string[]) =>
    [`prediction_id;timestamp;prediction;${name}`, ...cells.map((cell, i) => `p${i};${AT};1;${cell}`)].join('\n');

  it.each<[string, readonly string[], readonly Value[], number]>([
    ['x', ['1,5', ' -1.829,02 ', '"2,5"', '3', '', 'NA', 'NaN'], [1.5, -1829.02, 2.5, 3, null, null, Number.NaN], 0],
    ['n', ['1.829', '12', '9.007.199.254.740.993'], [1829, 12, 9007199254740993n], 0],
    // A point is none here, whatever it looks like.
    ['x', ['1.5', '1,5,5', '31/12/2024'], [null, null, null], 3],
    ['day', ['31/12/2024', '"1.2.2024"', '2024-03-01', ''], [1735603200000, 1706745600000, 1709251200000, null], 0],
    ['day', ['31/02/2024', '12/31/2024', '31/12/2024 10:00'], [null, null, null], 3],
    ['code', ['1,5', '31/12/2024'], ['1,5', '31/12/2024'], 0],
  ])('%s: %j', (name, cells, values, misfits) => {
    const parsed = parse(rows(name, cells), german);
    expect(parsed.rejected).toEqual([]);
    expect(valuesIn(parsed, `feature.${name}`)).toEqual(values);
    const found = parsed.violations.filter(({ code }) => code === 'type').map(({ count }) => count);
    expect(found).toEqual(misfits === 0 ? [] : [misfits]);
  });

  it('are times of events too, which need a zone in any writing', () => {
    const body = (time: string) => `prediction_id;timestamp;prediction\np;${time};0,5\n`;
    const zoned = parse(body('31.12.2024 23:59:58.123456 +02:00'), german);
    expect([...zoned.eventTimes]).toEqual([Date.UTC(2024, 11, 31, 21, 59, 58) + 123.456]);
    expect(parse(body('31.12.2024 23:59'), german).rejected).toMatchObject([{ code: 'no-zone' }]);
    expect(parse(body('31.12.2024 23:59')).rejected[0]?.detail).toContain('?dates=day-first');
  });

  it('are of the columns that are named, and spelt plainly where a row is shown', () => {
    const body = 'prediction_id;timestamp;prediction;a;b\np;;1;31/12/2024;20241231\n';
    const options: RecordOptions = { ...OPTIONS, csv: { dates: { a: '%d/%m/%Y', b: '%Y%m%d' } } };
    const texts = recordTexts(Buffer.from(body), 'csv', { options, lines: new Set([2]), maxBytes: 1000 });
    expect(texts.get(2)).toContain('"features":{"a":"2024-12-31","b":"2024-12-31"}');
  });

  it('have words for no value, in columns of text too', () => {
    const csv = { missing: ['-', '-999'] };
    const read = (name: string, cells: string[]) =>
      valuesIn(parse(table(name, cells), { csv, expected: TYPES }), `feature.${name}`);
    expect(read('n', ['1', '-999', ' - ', '2'])).toEqual([1, null, null, 2]);
    expect(read('code', ['01', '-', '"-999"', '-1'])).toEqual(['01', null, null, '-1']);
  });

  it('of many rows each have a place of their own', () => {
    const cells = Array.from({ length: 5000 }, (_, i) => `${1 + (i % 28)}/${1 + (i % 12)}/24`);
    const parsed = parse(rows('day', cells), german);
    expect(valuesIn(parsed, 'feature.day')).toEqual(cells.map((_, i) => Date.UTC(2024, i % 12, 1 + (i % 28))));
  });
});

describe('cells of CSV', () => {
  it.each<[string, readonly string[], readonly Value[], number]>([
    [
      'code',
      ['01', '1', '', '""', '?', 'NA', 'true', ' x', '"a ""b"", c"'],
      ['01', '1', null, '', null, 'NA', 'true', ' x', 'a "b", c'],
      0,
    ],
    ['n', ['1', ' 2 ', '', 'NA', '3.0', '9007199254740993'], [1, 2, null, null, 3, 9007199254740993n], 0],
    ['n', ['01', '1.5', 'x', '99999999999999999999', 'NaN'], [null, null, null, null, null], 5],
    [
      'x',
      ['1', '.5', '-1e3', 'NaN', 'inf', '-Infinity', 'None', '99999999999999999999'],
      [1, 0.5, -1000, Number.NaN, Infinity, -Infinity, null, 1e20],
      0,
    ],
    ['b', ['true', 'False', 'TRUE', '', 'null'], [true, false, true, null, null], 0],
    ['b', ['1', 'yes'], [null, null], 2],
    ['day', ['1970-01-02', '', 'N/A'], [86_400_000, null, null], 0],
    ['day', ['1970-01-02T00:00:00Z', '2023-02-29'], [null, null], 2],
  ])('%s: %j where the training data has a type', (name, cells, values, misfits) => {
    const parsed = parse(table(name, cells), { expected: TYPES });
    expect(parsed.rejected).toEqual([]);
    expect(valuesIn(parsed, `feature.${name}`)).toEqual(values);
    const found = parsed.violations.filter(({ code }) => code === 'type').map(({ count }) => count);
    expect(found).toEqual(misfits === 0 ? [] : [misfits]);
  });

  it.each<[readonly string[], string, readonly Value[]]>([
    [['1', '2', 'NA'], 'int64', [1, 2, null]],
    [['1', '2.5', 'NaN'], 'float64', [1, 2.5, Number.NaN]],
    [['1', '02'], 'text', ['1', '02']],
    [['True', 'false'], 'boolean', [true, false]],
    [['True', 'x', 'nan', '-inf'], 'text', ['true', 'x', 'NaN', '-Infinity']],
    [['NA', 'x'], 'text', ['NA', 'x']],
    [['2024-05-01', '2024-05-02'], 'text', ['2024-05-01', '2024-05-02']],
  ])('%j without an expectation are %s', (cells, type, values) => {
    const parsed = parse(table('v', cells));
    expect(parsed.fields.at(-1)).toEqual({ name: 'feature.v', type });
    expect(valuesIn(parsed, 'feature.v')).toEqual(values);
  });

  it('are read behind a byte order mark, with any line end and delimiter, and blank lines between', () => {
    const rows = table('code', ['a', '"b\nc"', 'd'], '\r\n');
    const plain = parse(rows, { expected: TYPES });
    expect(valuesIn(plain, 'feature.code')).toEqual(['a', 'b\nc', 'd']);
    expect([...plain.lines]).toEqual([2, 3, 5]);
    const forms = [`\ufeff${rows}`, rows.replaceAll(',', ';'), rows.replaceAll(',', '\t'), `${rows}\r\n`];
    for (const form of forms) expect(valuesIn(parse(form), 'feature.code')).toEqual(['a', 'b\nc', 'd']);
    expect([...parse(`\n${table('code', ['a', 'b'])}\n\n`.replace('\np1', '\n\n\np1')).lines]).toEqual([3, 6]);
  });
});

describe('rows of CSV', () => {
  it.each([
    ['a row cut short', 'p9,2024-05-01T10:00:00Z,1', 'field-count', undefined],
    ['a row too long', `p9,${AT},1,x,y`, 'field-count', undefined],
    ['no id', `,${AT},1,x`, 'missing-field', 'prediction_id'],
    ['an empty id', `"",${AT},1,x`, 'invalid-value', 'prediction_id'],
    ['no time', 'p9,,1,x', 'missing-field', 'timestamp'],
    ['a time without zone', 'p9,2024-05-01 10:00:00,1,x', 'no-zone', 'timestamp'],
    ['a number as time', 'p9,1714557600,1,x', 'no-unit', 'timestamp'],
    ['no prediction', `p9,${AT},,x`, 'missing-field', 'prediction'],
    ['a prediction that is a mark', `p9,${AT},NA,x`, 'missing-field', 'prediction'],
    ['a prediction that is NaN', `p9,${AT},NaN,x`, 'invalid-value', 'prediction'],
  ])('with %s are rejected by their line', (_, row, code, field) => {
    const parsed = parse(`${table('code', ['a'])}\n${row}\n`);
    expect(parsed.rows).toBe(1);
    expect(parsed.rejected).toEqual([
      expect.objectContaining({ line: 3, code, ...(field === undefined ? {} : { field }) }),
    ]);
  });

  it('take ids as they are spelt, and a quoted mark as a class', () => {
    const parsed = parse(`prediction_id,timestamp,prediction\n007,${AT},"None"\n`);
    expect([valuesIn(parsed, 'prediction_id'), valuesIn(parsed, 'prediction')]).toEqual([['007'], ['None']]);
  });

  it('come back as records that are the same rows', () => {
    const body = `prediction_id,timestamp,prediction,features.code,x,tags.t,score\n007,${AT},1,"a ""b""",.5,NA,0.25\np2,2024-05-01,2,01,-1e3,t,1\n`;
    const options = { ...OPTIONS, expected: TYPES };
    const texts = recordTexts(Buffer.from(body), 'csv', { options, lines: new Set([2, 3]), maxBytes: 1000 });
    expect([...texts.values()]).toEqual([
      `{"prediction_id":"007","timestamp":"${AT}","prediction":1,"scores":0.25,"features":{"code":"a \\"b\\"","x":".5"},"tags":{"t":"NA"}}`,
      '{"prediction_id":"p2","timestamp":"2024-05-01","prediction":2,"scores":1,"features":{"code":"01","x":-1e3},"tags":{"t":"t"}}',
    ]);
  });
});

describe('a table of CSV', () => {
  it.each([
    ['', /empty/],
    ['\n\n', /empty/],
    ['prediction_id,,prediction\n', /column_2 has no name.*index=False/],
    ['prediction_id,age,features.age\n', /age and features.age name the same thing/],
    ['prediction_id,features.\n', /features\. must be an object/],
  ])('%j is refused', (body, message) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({ code: 'invalid-body', message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ['a quote that stays open', `${table('code', ['"a'])}`, /never closed/],
    ['text behind a quote', `${table('code', ['"a"b'])}`, /after a closing quote/],
    ['a column twice', 'prediction_id,a,a\n', /more than once: a/],
    ['a NUL', `${table('code', ['a\0b'])}`, /NUL/],
  ])('with %s is refused with its place', (_, body, message) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({ code: 'unreadable-data', message: expect.stringMatching(message) }),
    );
  });

  it('is refused when it is not UTF-8, and when a row is beyond the limit', () => {
    const latin = Buffer.from(table('code', ['a\xe9b']), 'latin1');
    expect(() => parse(latin)).toThrow(expect.objectContaining({ code: 'unreadable-data' }));
    const long = table('code', ['x'.repeat(1001)]);
    expect(() => parse(long)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  it('of labels has no other columns than those of a label', () => {
    const labels = parse('prediction_id,label\na,1\nb,\n', { shape: 'label' });
    expect([valuesIn(labels, 'prediction_id'), labels.rejected]).toEqual([
      ['a'],
      [expect.objectContaining({ line: 3, code: 'missing-field' })],
    ]);
    expect(() => parse('prediction_id,label,age\na,1,2\n', { shape: 'label' })).toThrow(
      /age is not a field of a label/,
    );
  });
});
