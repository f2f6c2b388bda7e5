import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParsedRecords, RecordOptions } from '../../../src/formats/prediction/record-types.ts';
import { parseRecords } from '../../../src/formats/prediction/rows.ts';
import { type Value, valuesOf } from '../fixtures.ts';

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

describe('prediction records', () => {
  it('say what was predicted, or scores in its place', () => {
    const rows = [line({ prediction: undefined, scores: 0.3 }), line({ prediction: null, scores: { a: 0.3, b: 1 } })];
    expect(parse(rows.join('\n'))).toMatchObject({ rows: 2, rejected: [] });
  });

  it('become columns in a fixed order', () => {
    const full = {
      prediction_id: 'p-1',
      timestamp: '2024-05-01T12:00:00.5+02:00',
      model_version: 'v3',
      features: { age: 31, income: 1.5, city: 'Rome', member: true, note: null },
      prediction: 'yes',
      scores: { yes: 0.75, no: 0.25 },
      label: 'no',
      segment: 'eu',
      tags: { channel: 'web' },
    };
    const parsed = parse(JSON.stringify(full));
    expect(parsed.fields).toEqual([
      { name: 'prediction_id', type: 'text' },
      { name: 'timestamp', type: 'timestamp' },
      { name: 'model_version', type: 'text' },
      { name: 'prediction', type: 'text' },
      { name: 'score.yes', type: 'float64' },
      { name: 'score.no', type: 'float64' },
      { name: 'label', type: 'text' },
      { name: 'feature.age', type: 'int64' },
      { name: 'feature.income', type: 'float64' },
      { name: 'feature.city', type: 'text' },
      { name: 'feature.member', type: 'boolean' },
      { name: 'feature.note', type: 'text' },
      { name: 'tag.segment', type: 'text' },
      { name: 'tag.channel', type: 'text' },
    ]);
    expect(parsed).toMatchObject({ rows: 1, rejected: [], violations: [] });
    expect(columns(parsed).get('prediction_id')).toEqual(['p-1']);
    expect([...parsed.eventTimes]).toEqual([Date.UTC(2024, 4, 1, 10, 0, 0, 500)]);
    expect([...parsed.lines]).toEqual([1]);
  });

  it('equal what JSON.parse says, for any mixture of shapes and spacings', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'ü', '😀', '"', '\\', '\n', ','), maxLength: 5 });
    const value = fc.oneof(fc.integer(), fc.double({ noNaN: true, min: -1e9, max: 1e9 }));
    const features = fc.record({ n: value, m: value, s: word, 't"u': fc.boolean() }, { requiredKeys: [] });
    const record = fc.record(
      { features, prediction: fc.integer(), label: fc.integer() },
      { requiredKeys: ['features', 'prediction'] },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(record, fc.boolean()), { maxLength: 40 }), (records) => {
        const rows = records.map(([members], i) => ({ prediction_id: `p${i}`, timestamp: AT, ...members }));
        const lines = rows.map((row, i) =>
          records[i]![1] ? JSON.stringify(row).replaceAll('":', '" : ') : JSON.stringify(row),
        );
        // A text that holds `":` is not changed in meaning: JSON escapes the quote in it.
        const parsed = parse(lines.join('\n'));
        expect(parsed.rejected).toEqual([]);
        expect(columns(parsed).get('prediction_id')).toEqual(rows.map((row) => row.prediction_id));
        for (const [name, found] of columns(parsed)) {
          if (!name.startsWith('feature.')) continue;
          const key = name.slice('feature.'.length) as 'n' | 'm' | 's' | 't"u';
          expect(found).toEqual(
            rows.map((row) => (Object.is(row.features[key], -0) ? 0 : (row.features[key] ?? null))),
          );
        }
        expect(columns(parsed).get('label') ?? rows.map(() => null)).toEqual(rows.map((row) => row.label ?? null));
      }),
      { numRuns: 300, seed: 71 },
    );
  });

  it('keep large integers exact, as ids and as features', () => {
    const parsed = parse(
      `{"prediction_id":9007199254740993,"timestamp":"${AT}","features":{"x":9007199254740993,"y":18446744073709551616},"prediction":1}`,
    );
    expect(columns(parsed).get('prediction_id')).toEqual(['9007199254740993']);
    expect(columns(parsed).get('feature.x')).toEqual([9007199254740993n]);
    expect(columns(parsed).get('feature.y')).toEqual(['18446744073709551616']);
  });

  it('take blank lines, CRLF, a byte order mark and a missing last line end', () => {
    const parsed = parse(`\ufeff${line({ prediction_id: 'a' })}\r\n\r\n  \n${line({ prediction_id: 'b' })}`);
    expect(columns(parsed).get('prediction_id')).toEqual(['a', 'b']);
    expect([...parsed.lines]).toEqual([1, 4]);
    expect(parse('')).toMatchObject({ rows: 0, rejected: [] });
  });

  it('name a mixed feature text, in its own spelling', () => {
    const parsed = parse(
      [line({ features: { x: 1 } }), line({ features: { x: 'one' } }), line({ features: { x: 2.5 } })].join('\n'),
    );
    expect(columns(parsed).get('feature.x')).toEqual(['1', 'one', '2.5']);
  });

  it('keep names that are special in JavaScript', () => {
    const parsed = parse(
      `{"prediction_id":"p","timestamp":"${AT}","features":{"__proto__":1,"constructor":2},"prediction":1}`,
    );
    expect(columns(parsed).get('feature.__proto__')).toEqual([1]);
    expect(columns(parsed).get('feature.constructor')).toEqual([2]);
  });

  it.each<[string, RecordOptions['epochUnit'], number, number]>([
    ['seconds', 's', 1_714_557_600, 1_714_557_600_000],
    ['milliseconds', 'ms', 1_714_557_600_123, 1_714_557_600_123],
    ['microseconds', 'us', 1_714_557_600_123_456, 1_714_557_600_123.456],
  ])('read epoch %s when the unit is declared', (_, epochUnit, sent, millis) => {
    const parsed = parse(line({ timestamp: sent }), { shape: 'prediction', epochUnit: epochUnit! });
    expect([...parsed.eventTimes]).toEqual([millis]);
  });
});

describe('rejected records', () => {
  const raw = (features: string): string =>
    `{"prediction_id":"p","timestamp":"${AT}","features":${features},"prediction":1}`;
  const CASES: readonly (readonly [string, string, string, string | undefined])[] = [
    ['no JSON', 'hello', 'not-an-object', undefined],
    ['a list', '[1]', 'not-an-object', undefined],
    ['a cut record', '{"prediction_id":"p"', 'invalid-json', undefined],
    ['text behind it', `${line({})} x`, 'invalid-json', undefined],
    ['NaN', raw('{"x":NaN}'), 'invalid-number', 'features.x'],
    ['-Infinity', raw('{"x":-Infinity}'), 'invalid-number', 'features.x'],
    ['1e999', raw('{"x":1e999}'), 'invalid-number', 'features.x'],
    ['U+0000', raw('{"x":"a\\u0000"}'), 'invalid-text', 'features.x'],
    ['half a surrogate pair', raw('{"x":"\\udc00"}'), 'invalid-text', 'features.x'],
    ['a duplicate key', raw('{"x":1,"x":2}'), 'duplicate-key', 'features.x'],
    ['segment twice', line({ segment: 'a', tags: { segment: 'b' } }), 'duplicate-key', undefined],
    ['deep nesting', `{"features":${'{"a":'.repeat(100_000)}`, 'too-deep', undefined],
    ['an unknown field', line({ predicion: 1 }), 'unknown-field', 'predicion'],
    ['__proto__', `{"__proto__":{"admin":true}}`, 'unknown-field', '__proto__.admin'],
    ['a list of texts', line({ features: { x: ['a'] } }), 'invalid-value', 'features.x'],
    ['a list of lists', line({ features: { x: [[1, 2]] } }), 'invalid-value', 'features.x'],
    ['an empty list', line({ features: { x: [] } }), 'invalid-value', 'features.x'],
    ['a list as the prediction', line({ prediction: [1, 2] }), 'invalid-value', 'prediction'],
    ['a list with 1e999', raw('{"x":[1,1e999]}'), 'invalid-number', 'features.x'],
    ['a nested feature', line({ features: { x: { y: 1 } } }), 'invalid-value', 'features.x.y'],
    ['features that are no object', line({ features: 5 }), 'invalid-value', 'features'],
    ['no id', line({ prediction_id: undefined }), 'missing-field', 'prediction_id'],
    ['an empty id', line({ prediction_id: '' }), 'invalid-value', 'prediction_id'],
    ['a fractional id', line({ prediction_id: 1.5 }), 'invalid-value', 'prediction_id'],
    ['a long id', line({ prediction_id: 'x'.repeat(513) }), 'invalid-value', 'prediction_id'],
    ['no timestamp', line({ timestamp: null }), 'missing-field', 'timestamp'],
    ['a time without zone', line({ timestamp: '2024-05-01T10:00:00' }), 'no-zone', 'timestamp'],
    ['a leap second', line({ timestamp: '2016-12-31T23:59:60Z' }), 'invalid-value', 'timestamp'],
    ['a number without unit', line({ timestamp: 1_714_557_600 }), 'no-unit', 'timestamp'],
    ['no prediction', line({ prediction: null, scores: undefined }), 'missing-field', 'prediction'],
    [
      'no prediction, and scores that are none',
      line({ prediction: null, scores: { a: null, b: 'high' } }),
      'missing-field',
      'prediction',
    ],
    ['a boolean model version', line({ model_version: true }), 'invalid-value', 'model_version'],
  ];

  it.each(CASES)('%s', (_, bad, code, field) => {
    // Between good records, so that the predicted path is known and must be left.
    const parsed = parse([line({ prediction_id: 'a' }), bad, line({ prediction_id: 'b' })].join('\n'));
    expect(columns(parsed).get('prediction_id')).toEqual(['a', 'b']);
    expect(parsed.rejected).toHaveLength(1);
    expect(parsed.rejected[0]).toMatchObject({ line: 2, code, ...(field === undefined ? {} : { field }) });
    expect(parsed.rejected[0]!.detail).not.toBe('');
  });

  it('that lie side by side, as a DataFrame writes them, are told where features go', () => {
    const flat = parse(line({ age: 41, features: undefined }));
    expect(flat.rejected[0]?.detail).toMatch(/^age is not a field .*; what a model was given goes under "features"$/);
  });

  it('accounts for every line of all cases at once', () => {
    const parsed = parse(CASES.map(([, bad]) => bad).join('\n'));
    expect(parsed.rows).toBe(0);
    expect(parsed.rejected.map((rejection) => rejection.line)).toEqual(CASES.map((_, i) => i + 1));
  });

  it('judges a value that is wrong on a path already known', () => {
    const good = raw('{"x":1,"s":"a"}');
    const bad = [
      raw('{"x":1e999,"s":"a"}'),
      raw('{"x":1,"s":"\\u0000"}'),
      raw('{"x":01,"s":"a"}'),
      raw('{"x":1,"s":"a"}}'),
    ];
    const parsed = parse([good, ...bad, good].join('\n'));
    expect(parsed.rows).toBe(2);
    expect(parsed.rejected.map(({ code }) => code)).toEqual([
      'invalid-number',
      'invalid-text',
      'invalid-json',
      'invalid-json',
    ]);
  });

  it('rejects only the lines that are not UTF-8', () => {
    const body = Buffer.concat([
      Buffer.from(`${line({})}\n`),
      Buffer.from('{"prediction_id":"caf\xe9"}\n', 'latin1'),
      Buffer.from(line({})),
    ]);
    const parsed = parseRecords(body, 'ndjson', PREDICTION);
    expect(parsed.rows).toBe(2);
    expect(parsed.rejected).toMatchObject([{ line: 2, code: 'invalid-text' }]);
  });
});

describe('limits', () => {
  it.each<[string, string, RecordOptions]>([
    ['line', line({ features: { x: 'y'.repeat(2000) } }), { shape: 'prediction', maxLineBytes: 1000 }],
    ['rows', `${line({})}\n`.repeat(11), { shape: 'prediction', maxRows: 10 }],
    [
      'cells',
      Array.from({ length: 400 }, (_, i) => line({ features: { [`f${i}`]: 1 } })).join('\n'),
      { shape: 'prediction', maxCells: 20_000 },
    ],
    [
      'columns',
      line({ features: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`f${i}`, 1])) }),
      PREDICTION,
    ],
  ])('%s', (_, body, options) => {
    expect(() => parse(body, options)).toThrow(expect.objectContaining({ code: 'too-large' }));
  });
});
