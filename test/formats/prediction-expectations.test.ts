import { describe, expect, it } from 'vitest';
import type { ParsedRecords, RecordOptions } from '../../src/formats/prediction/record-types.ts';
import { parseRecords } from '../../src/formats/prediction/rows.ts';
import type { ColumnType } from '../../src/stats/column.ts';
import { type Value, valuesOf } from './fixtures.ts';

const AT = '2024-05-01T10:00:00Z';
const PREDICTION: RecordOptions = { shape: 'prediction' };

const parse = (body: string, options: RecordOptions = PREDICTION): ParsedRecords =>
  parseRecords(Buffer.from(body), 'ndjson', options);

function columns(parsed: ParsedRecords): Map<string, Value[]> {
  return new Map(parsed.fields.map(({ name }, i) => [name, valuesOf(parsed.batch.columns[i]!)]));
}

/** A record with the given members over sound ones. */
function line(members: Record<string, unknown>): string {
  return JSON.stringify({ prediction_id: 'p', timestamp: AT, features: { x: 1 }, prediction: 1, ...members });
}

describe('expectations', () => {
  const expected = new Map<string, ColumnType>([
    ['feature.age', 'int64'],
    ['feature.city', 'text'],
    ['feature.gone', 'float64'],
  ]);

  it('keep a value of another type as evidence: null, counted, with examples', () => {
    const rows = [
      { age: 31, city: 'Rome' },
      { age: '32', city: 7 },
      { age: 33.5, city: null },
      { age: 34.0, extra: 1 },
    ];
    const parsed = parse(rows.map((features) => line({ features })).join('\n'), { shape: 'prediction', expected });
    expect(columns(parsed).get('feature.age')).toEqual([31, null, null, 34]);
    expect(columns(parsed).get('feature.city')).toEqual(['Rome', null, null, null]);
    expect(columns(parsed).get('feature.gone')).toEqual([null, null, null, null]);
    expect(columns(parsed).get('feature.extra')).toEqual([null, null, null, 1]);
    expect(parsed.violations).toEqual([
      { column: 'feature.age', code: 'type', count: 2, examples: ['32', '33.5'], rows: Int32Array.of(1, 2) },
      { column: 'feature.city', code: 'missing', count: 1, examples: [], rows: Int32Array.of(3) },
      { column: 'feature.city', code: 'type', count: 1, examples: ['7'], rows: Int32Array.of(1) },
      { column: 'feature.gone', code: 'missing', count: 4, examples: [], rows: null },
      { column: 'feature.extra', code: 'unexpected', count: 1, examples: ['1'], rows: Int32Array.of(3) },
    ]);
  });

  it('keep vectors of the expected length, and count others', () => {
    const types = new Map<string, ColumnType>([
      ['feature.emb', 'vector[2]'],
      ['feature.gone', 'vector[3]'],
      ['feature.n', 'float64'],
    ]);
    const rows = [
      { emb: [1, 2.5], n: 1 },
      { emb: [1, 2, 3], n: 2 },
      { emb: null, n: [1, 2] },
      { emb: 7, n: 4 },
      { emb: [null, 0] },
    ];
    const options = { ...PREDICTION, expected: types };
    const parsed = parse(rows.map((features) => line({ features })).join('\n'), options);
    expect(parsed.rejected).toEqual([]);
    expect(parsed.fields).toContainEqual({ name: 'feature.emb', type: 'vector[2]' });
    expect(columns(parsed).get('feature.emb')).toEqual([[1, 2.5], null, null, null, [Number.NaN, 0]]);
    expect(columns(parsed).get('feature.n')).toEqual([1, 2, null, 4, null]);
    // What nobody sent takes no room.
    expect(columns(parsed).has('feature.gone')).toBe(false);
    expect(parsed.violations).toEqual([
      { column: 'feature.emb', code: 'type', count: 2, examples: ['[1,2,3]', '7'], rows: Int32Array.of(1, 3) },
      { column: 'feature.gone', code: 'missing', count: 5, examples: [], rows: null },
      { column: 'feature.n', code: 'missing', count: 1, examples: [], rows: Int32Array.of(4) },
      { column: 'feature.n', code: 'type', count: 1, examples: ['[1,2]'], rows: Int32Array.of(2) },
    ]);
    const strict = parse(line({ features: { emb: [1] } }), { ...options, strict: true });
    expect(strict.misfits).toMatchObject([{ row: 0, column: 'feature.emb', expected: 'vector[2]', value: '[1]' }]);
  });

  it('are made by the values where there are none: vectors of one length, else lists as text', () => {
    const of = (...embs: unknown[]) => {
      const parsed = parse(embs.map((emb) => line({ features: { emb } })).join('\n'));
      expect(parsed.violations).toEqual([]);
      return [parsed.fields.at(-1)?.type, columns(parsed).get('feature.emb')];
    };
    expect(of([1, 2], null, [3, 4])).toEqual(['vector[2]', [[1, 2], null, [3, 4]]]);
    expect(of([1, 2], [3, 4.0, null])).toEqual(['text', ['[1,2]', '[3,4,null]']]);
    expect(of([1], [2])).toEqual(['text', ['[1]', '[2]']]);
    expect(of([1, 2], 'x')).toEqual(['text', ['[1,2]', 'x']]);
  });

  it('bound the numbers of all vectors', () => {
    const rows = Array.from({ length: 50 }, () => line({ features: { emb: Array.from({ length: 100 }, () => 0) } }));
    const options = { ...PREDICTION, maxCells: 4999 };
    expect(() => parse(rows.join('\n'), options)).toThrow(expect.objectContaining({ code: 'too-large' }));
    expect(parse(rows.join('\n'), { ...options, maxCells: 5000 }).rows).toBe(50);
  });

  it('fix the order and types of the columns whatever a batch holds', () => {
    const parsed = parse(line({ features: { city: null, age: null } }), { shape: 'prediction', expected });
    expect(parsed.fields.slice(3)).toEqual([...expected].map(([name, type]) => ({ name, type })));
  });

  it('read times and whole decimals', () => {
    const types = new Map<string, ColumnType>([
      ['feature.day', 'date'],
      ['feature.n', 'int64'],
      ['feature.b', 'boolean'],
    ]);
    const parsed = parse(
      `{"prediction_id":1,"timestamp":"${AT}","features":{"day":"1970-01-02","n":3.0,"b":1},"prediction":1}`,
      { shape: 'prediction', expected: types },
    );
    expect(columns(parsed).get('feature.day')).toEqual([86_400_000]);
    expect(columns(parsed).get('feature.n')).toEqual([3]);
    expect(parsed.violations).toEqual([{ column: 'feature.b', code: 'type', count: 1, examples: ['1'], rows: null }]);
  });

  it('count a score that is no number', () => {
    const parsed = parse([line({ scores: 0.5 }), line({ scores: 'high' })].join('\n'));
    expect(columns(parsed).get('score')).toEqual([0.5, null]);
    expect(parsed.violations).toEqual([
      { column: 'score', code: 'type', count: 1, examples: ['high'], rows: Int32Array.of(1) },
    ]);
  });
});

describe('label records', () => {
  const LABEL: RecordOptions = { shape: 'label' };

  it('need an id and a label; the time may be missing', () => {
    const parsed = parse(`{"prediction_id":"a","label":1,"timestamp":"${AT}"}\n{"prediction_id":2,"label":0}`, LABEL);
    expect(parsed.fields).toEqual([
      { name: 'prediction_id', type: 'text' },
      { name: 'timestamp', type: 'timestamp' },
      { name: 'label', type: 'int64' },
    ]);
    expect(columns(parsed).get('prediction_id')).toEqual(['a', '2']);
    expect(columns(parsed).get('timestamp')).toEqual([Date.parse(AT), null]);
    expect(parsed.eventTimes[1]).toBeNaN();
  });

  it.each([
    ['{"prediction_id":"a"}', 'missing-field'],
    ['{"prediction_id":"a","label":null}', 'missing-field'],
    ['{"prediction_id":"a","label":1,"prediction":1}', 'unknown-field'],
    ['{"prediction_id":"a","label":[1]}', 'invalid-value'],
  ])('reject %s', (body, code) => {
    expect(parse(body, LABEL).rejected).toMatchObject([{ line: 1, code }]);
  });
});

describe('JSON lists', () => {
  const list = (body: string): ParsedRecords => parseRecords(Buffer.from(body), 'json', PREDICTION);

  it.each(['[%]', ' [ % ] ', '{"records":[%]}', '{ "records" : [ % ] }\n'])('%s', (frame) => {
    const parsed = list(frame.replace('%', [line({ prediction_id: 'a' }), line({ prediction_id: 'b' })].join(' ,\n')));
    expect(columns(parsed).get('prediction_id')).toEqual(['a', 'b']);
    expect([...parsed.lines]).toEqual([1, 2]);
  });

  it('lose only the record that is wrong', () => {
    const parsed = list(`[${line({})},{"prediction_id":NaN},[1,{}],${line({})}]`);
    expect(parsed.rows).toBe(2);
    expect(parsed.rejected.map((rejection) => [rejection.line, rejection.code])).toEqual([
      [2, 'invalid-number'],
      [3, 'not-an-object'],
    ]);
  });

  it('may be empty', () => {
    expect(list('[]').rows).toBe(0);
    expect(list('{"records": []}').rows).toBe(0);
  });

  it.each([
    '',
    '5',
    '{"rows":[]}',
    '[{"a":1}',
    '[{}] x',
    '{"records":[]',
    '{"records":[],"more":1}',
    '[{} {}]',
    `[${'['.repeat(100_000)}`,
  ])('are refused as a whole when they are broken: %.30s', (body) => {
    expect(() => list(body)).toThrow(expect.objectContaining({ code: 'invalid-body' }));
  });
});
