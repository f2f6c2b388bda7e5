import { describe, expect, it } from 'vitest';
import type { ParsedRecords, RecordOptions } from '../../../src/formats/prediction/record-types.ts';
import { parseRecords, recordTexts } from '../../../src/formats/prediction/rows.ts';
import { type Value, valuesOf } from '../fixtures.ts';

const AT = '2024-05-01T10:00:00Z';
const OPTIONS: RecordOptions = { shape: 'prediction', maxLineBytes: 1000 };

const parse = (body: string | Uint8Array, options = OPTIONS): ParsedRecords =>
  parseRecords(Buffer.from(body), 'json', options);

/** Two sound rows, with the given columns over them. */
const columns = (over: string): string =>
  `{"columns":{"prediction_id":["a","b"],"timestamp":["${AT}","${AT}"],"prediction":[1,0]${over}}}`;

const valuesIn = (parsed: ParsedRecords, name: string): Value[] | undefined => {
  const at = parsed.fields.findIndex((field) => field.name === name);
  return at < 0 ? undefined : valuesOf(parsed.batch.columns[at]!);
};

describe('JSON columns', () => {
  it('become the columns that records become, groups as objects or by flat names', () => {
    const flat = parse(
      columns(',"age":[31,null],"features.city":["Rome","ü\\n"],"scores.yes":[0.5,1],"tags.x":[true,false]'),
    );
    const nested = parse(
      ` { "columns" : ${JSON.stringify({
        features: { age: [31, null], city: ['Rome', 'ü\n'] },
        tags: { x: [true, false] },
        scores: { yes: [0.5, 1] },
        ...{ prediction: [1, 0], timestamp: [AT, AT], prediction_id: ['a', 'b'] },
      })} } `,
    );
    for (const parsed of [flat, nested]) {
      expect(parsed.rejected).toEqual([]);
      expect(valuesIn(parsed, 'prediction_id')).toEqual(['a', 'b']);
      expect(valuesIn(parsed, 'feature.age')).toEqual([31, null]);
      expect(valuesIn(parsed, 'feature.city')).toEqual(['Rome', 'ü\n']);
      expect(valuesIn(parsed, 'score.yes')).toEqual([0.5, 1]);
      expect(valuesIn(parsed, 'tag.x')).toEqual([true, false]);
    }
  });

  it('hold lists of numbers in features alone', () => {
    const parsed = parse(columns(',"features":{"emb":[[1,2.5],[null, 3]]},"age":[1,2]'));
    expect(parsed.rejected).toEqual([]);
    expect(valuesIn(parsed, 'feature.emb')).toEqual([
      [1, 2.5],
      [Number.NaN, 3],
    ]);
    const body = columns(',"emb":[[1,2],["x"]],"tags":{"t":[[1,2],1]}');
    expect(parse(body).rejected).toMatchObject([
      { line: 1, code: 'invalid-value', field: 'tags.t' },
      { line: 2, code: 'invalid-value', field: 'emb' },
    ]);
    const good = columns(',"emb":[[1,2],[3,4]],"age":[1,"x"],"timestamp2":[1,[1,1e999]]');
    const options = { options: OPTIONS, lines: new Set([1]), maxBytes: 1000 };
    expect(recordTexts(Buffer.from(good), 'json', options).get(1)).toContain('"emb":[1,2]');
  });

  it('keep integers exact and take the spellings of numbers apart', () => {
    const parsed = parse(columns(',"n":[9007199254740993,-1],"x":[1.0e1,-0]'));
    expect(valuesIn(parsed, 'feature.n')).toEqual([9007199254740993n, -1]);
    expect(valuesIn(parsed, 'feature.x')).toEqual([10, -0]);
  });

  it.each([
    ['"prediction_id":["a",null],', 2, 'missing-field', 'prediction_id'],
    ['"prediction_id":["a",["b"]],', 2, 'invalid-value', 'prediction_id'],
    ['"prediction_id":["a","b"],"age":[1,{"b":[1,"]"]}],', 2, 'invalid-value', 'age'],
    ['"prediction_id":["a","b"],"age":[NaN,1],', 1, 'invalid-number', 'age'],
    ['"prediction_id":["a","b"],"age":[1,-Infinity],', 2, 'invalid-number', 'age'],
    ['"prediction_id":["a","b"],"age":[1e999,1],', 1, 'invalid-number', 'age'],
    ['"prediction_id":["a","b"],"age":["\\u0000",1],', 1, 'invalid-text', 'age'],
    ['"prediction_id":["a","b"],"age":[1,"\\ud800"],', 2, 'invalid-text', 'age'],
  ])('reject the row of %s', (members, line, code, field) => {
    const parsed = parse(`{"columns":{${members}"timestamp":["${AT}","${AT}"],"prediction":[1,1]}}`);
    expect(parsed.rejected).toEqual([expect.objectContaining({ line, code, field })]);
    expect(parsed.rows).toBe(1);
  });

  it('reject the row of a text that is not UTF-8', () => {
    const body = Buffer.from(columns(',"age":["x","y"]'));
    body[body.lastIndexOf('y')] = 0xff;
    expect(parse(body).rejected).toEqual([expect.objectContaining({ line: 2, code: 'invalid-text', field: 'age' })]);
  });

  it.each([
    [columns(',"age":[1]'), /"age" has 1 values and .* has more/],
    [columns(',"age":[1,2,3]'), /"prediction_id" has fewer values and "age" has more/],
    [columns(',"age":[1,]'), /missing at the end of "age"/],
    [columns(',"age":[1 2]'), /a comma or \] is missing in "age" behind row 1/],
    [columns(',"age":[1,nul]'), /"age" has no value for row 2/],
    [columns(',"age":[1,"x]'), /not closed/],
    [columns(',"age":[1,').slice(0, -2), /not closed/],
    [columns(',"age":[1,2}'), /a comma or \] is missing in "age"|nothing else/],
    [columns(',"age":7'), /"age" must be a list/],
    [columns(',"feature":{"age":[1,2]}'), /"feature" must be a list/],
    [columns(',"features":{"age":{"x":[1,2]}}'), /"features.age" must be a list/],
    [columns(',"age":[1,2],"features.age":[1,2]'), /two lists are called "features.age"/],
    [columns(',"scores":[1,2],"score":[1,2]'), /two lists/],
    [`${columns('')}x`, /something follows/],
    ['{"columns":{"prediction_id":["a"]},"more":1}', /behind the columns, and nothing else/],
    ['{"columns":[]}', /expected \{ behind "columns"/],
    ['{"columns"', /colon/],
    ['{"columns":{"\\ud800":[1]}}', /surrogate/],
  ])('are refused as a whole when they are %s', (body, message) => {
    expect(() => parse(body)).toThrow(
      expect.objectContaining({ code: 'invalid-body', message: expect.stringMatching(message) }),
    );
  });

  it('refuse a text beyond the limit of a line, too many rows and too many columns', () => {
    const tooLarge = expect.objectContaining({ code: 'too-large' });
    expect(() => parse(columns(`,"age":["${'x'.repeat(1001)}",1]`))).toThrow(tooLarge);
    expect(() => parse(columns(''), { ...OPTIONS, maxRows: 1 })).toThrow(tooLarge);
    const wide = Array.from({ length: 5000 }, (_, i) => `,"f${i}":[1,2]`).join('');
    expect(() => parse(columns(wide))).toThrow(tooLarge);
  });

  it('give a row back as a record that is the same row', () => {
    const body = columns(
      ',"age":[31.50,9007199254740993],"tags":{"t":["a\\"b",null]},"scores":[0.25,1],"member":[true,false]',
    );
    const texts = recordTexts(Buffer.from(body), 'json', { options: OPTIONS, lines: new Set([1, 2]), maxBytes: 1000 });
    const again = parseRecords(Buffer.from([...texts.values()].join('\n')), 'ndjson', OPTIONS);
    const first = parse(body);
    expect(again.rejected).toEqual([]);
    for (const { name } of first.fields) expect([name, valuesIn(again, name)]).toEqual([name, valuesIn(first, name)]);
  });
});
