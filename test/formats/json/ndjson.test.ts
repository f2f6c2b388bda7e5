import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openJson } from '../../../src/formats/json/ndjson.ts';
import { DEFAULT_LIMITS } from '../../../src/formats/table.ts';
import { opened, piecewise, tableValues, type Value } from '../fixtures.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'é', '€', '😀', '"', '\\', '/', '\n', '\t', ' ', '{', '}', ','),
  maxLength: 8,
});
const scalars = {
  // Larger whole doubles are written as integers, which is int64's business.
  n: fc.oneof(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), fc.constant(null)),
  i: fc.oneof(fc.maxSafeInteger(), fc.constant(null)),
  s: fc.oneof(text, fc.constant(null)),
  b: fc.oneof(fc.boolean(), fc.constant(null)),
};
const record = fc.record(
  { ...scalars, o: fc.record({ x: fc.integer(), y: text }, { requiredKeys: [] }) },
  { requiredKeys: [] },
);
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 });

type Row = { n?: Value; i?: Value; s?: Value; b?: Value; o?: { x?: Value; y?: Value } };

function expectColumns(values: Map<string, Value[]>, rows: readonly Row[]): void {
  const cells: Record<string, (row: Row) => Value | undefined> = {
    n: (row) => row.n,
    i: (row) => row.i,
    s: (row) => row.s,
    b: (row) => row.b,
    'o.x': (row) => row.o?.x,
    'o.y': (row) => row.o?.y,
  };
  for (const [name, found] of values) {
    const expected = rows.map((row) => cells[name]!(row) ?? null);
    // An integer column has no negative zero; JSON.stringify writes none either.
    expect(found).toEqual(expected.map((value) => (Object.is(value, -0) ? 0 : value)));
  }
}

describe('NDJSON', () => {
  it('reads what JSON.parse reads, wherever the pieces are cut and however it is spaced', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 30 }),
        sizes,
        fc.boolean(),
        async (rows, cuts, spaced) => {
          const lines = rows.map((row) =>
            spaced ? JSON.stringify(row, null, 1).replaceAll('\n', ' ') : JSON.stringify(row),
          );
          const source = piecewise(lines.join('\n'), cuts);
          const reader = await openJson({ source, format: 'ndjson', limits: DEFAULT_LIMITS });
          expect(reader.rows).toBe(rows.length);
          expectColumns(await tableValues(reader), rows);
        },
      ),
      { numRuns: 200, seed: 51 },
    );
  });

  it('reads a list of records, pretty-printed or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { maxLength: 20 }),
        sizes,
        fc.constantFrom(0, 2),
        async (rows, cuts, indent) => {
          const source = piecewise(JSON.stringify(rows, null, indent), cuts);
          const reader = await openJson({ source, format: 'json', limits: DEFAULT_LIMITS });
          expect(reader.rows).toBe(rows.length);
          expectColumns(await tableValues(reader), rows);
        },
      ),
      { numRuns: 200, seed: 52 },
    );
  });

  it('reads lists of numbers of one length as vectors', async () => {
    const lines = [
      '{"id":1,"emb":[1, -2.5e1,3],"one":[1],"some":[1,2]}',
      '{"id":2,"emb":null,"one":[2],"some":3}',
      '{"id":3,"emb":[ 4 , null , 9007199254740993 ],"one":[3],"some":[1,2]}',
      '{"id":4,"one":[3],"some":[1,2]}',
    ];
    const { types, values, reader } = await opened(lines.join('\n'), 't.ndjson');
    expect(types).toEqual({ id: 'int64', emb: 'vector[3]' });
    expect(values.get('emb')).toEqual([[1, -25, 3], null, [4, Number.NaN, 9007199254740992], null]);
    expect(reader.warnings.map(({ code, column }) => `${code} ${column}`)).toEqual([
      'nested-column one',
      'nested-column some',
    ]);
  });

  it('reads vectors of any batch, record by record or in a list', async () => {
    const rows = fc.array(
      fc.option(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 4, maxLength: 4 })),
      { minLength: 1, maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(rows, sizes, fc.constantFrom('json' as const, 'ndjson' as const), async (embs, cuts, format) => {
        const records = [[0, 1, 2, 3], ...embs].map((emb, id) => ({ id, emb }));
        const text = format === 'json' ? JSON.stringify(records) : records.map((r) => JSON.stringify(r)).join('\n');
        const reader = await openJson({ source: piecewise(text, cuts), format, limits: DEFAULT_LIMITS });
        expect((await tableValues(reader)).get('emb')).toEqual(
          records.map(({ emb }) => emb?.map((value) => (Object.is(value, -0) ? 0 : value)) ?? null),
        );
      }),
      { numRuns: 100, seed: 53 },
    );
  });

  it('decides types from the whole file', async () => {
    const lines = [
      '{"id":9007199254740993,"zip":"01234","x":1,"t":"2024-05-01T00:00:00Z","d":"2024-05-01","m":1,"l":[1,{"a":2}],"z":null}',
      '{"id":1,"zip":"02139","x":1.5,"t":"2024-05-01","d":"1970-01-02","m":"one","l":null}',
    ];
    const { types, values, codes } = await opened(lines.join('\r\n\n'), 't.ndjson');
    expect(types).toEqual({ id: 'int64', zip: 'text', x: 'float64', t: 'timestamp', d: 'date', m: 'text', z: 'text' });
    expect(values.get('id')).toEqual([9007199254740993n, 1]);
    expect(values.get('zip')).toEqual(['01234', '02139']);
    expect(values.get('m')).toEqual(['1', 'one']);
    expect(values.get('t')).toEqual([Date.UTC(2024, 4, 1), Date.UTC(2024, 4, 1)]);
    expect(codes).toEqual(['mixed-types', 'nested-column']);
  });

  it('keeps one late word: a column of times becomes text', async () => {
    const lines = Array.from({ length: 3000 }, () => '{"t":"2024-05-01"}');
    const { types, values } = await opened([...lines, '{"t":"soon"}'].join('\n'), 't.ndjson');
    expect(types).toEqual({ t: 'text' });
    expect(values.get('t')?.slice(-2)).toEqual(['2024-05-01', 'soon']);
  });

  it('keeps names that are special in JavaScript', async () => {
    const { values } = await opened('{"__proto__":{"admin":true},"constructor":1}\n', 't.ndjson');
    expect([...values]).toEqual([
      ['__proto__.admin', [true]],
      ['constructor', [1]],
    ]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it('reads columns that appear late, over many blocks', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ i, [`k${i % 40}`]: `v${i}` }));
    const { values } = await opened(lines.join('\n'), 't.ndjson');
    expect(values.get('i')).toEqual(lines.map((_, i) => i));
    expect(values.get('k39')?.[79]).toBe('v79');
    expect(values.get('k39')?.[80]).toBeNull();
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['an empty file', '', /empty/],
    ['a number for a record', '{"a":1}\n5\n', /Line 2.*must be a JSON object/],
    ['NaN', '{"a":NaN}', /Line 1.*NaN is not JSON; send null \(a\)/],
    ['overflow', '{"a":1}\n{"a":1e999}', /Line 2.*1e999 is beyond/],
    ['a duplicate key', '{"a":1,"a":2}', /Line 1.*stands twice/],
    ['two keys for one column', '{"a.b":1,"a":{"b":2}}', /same column/],
    ['U+0000', '{"a":"x\\u0000"}', /u0000/],
    ['half a surrogate pair', '{"a":"\\ud800"}', /surrogate/],
    ['deep nesting', '{"a":'.repeat(100_000), /deeper than 64/],
    ['a deep list', `{"a":${'['.repeat(100_000)}`, /deeper than 64/],
    ['a trailing comma', '{"a":1,}', /expected a key in double quotes before "}"/],
    ['a comment', '{"a":1}//x', /something follows/],
    ['single quotes', "{'a':1}", /expected a key/],
    ['a leading zero', '{"a":01}', /expected a comma/],
    ['a cut record', '{"a":1}\n{"a":', /Line 2.*cut off/],
    ['a raw line end in a text', '{"a":"x\ny"}', /Line 1.*not closed/],
    ['Latin-1', Buffer.from('{"a":"caf\xe9"}', 'latin1'), /not UTF-8/],
  ])('refuses %s', async (_, content, message) => {
    await expect(opened(content, 't.ndjson')).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, string, RegExp]>([
    ['a list that is cut off', '[{"a":1},', /cut off/],
    ['a missing comma', '[{"a":1}{"a":2}]', /comma or \] is missing/],
    ['text behind the list', '[{"a":1}] x', /comma or \] is missing/],
    ['a broken record', '[{"a":1},{"a":}]', /Record 2.*expected a value/],
  ])('refuses a JSON file with %s', async (_, content, message) => {
    await expect(opened(content, 't.json')).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a line without end at the line limit', async () => {
    const limits = { ...DEFAULT_LIMITS, lineBytes: 10_000 };
    const source = piecewise(`{"a":"${'x'.repeat(200_000)}`, [4096]);
    await expect(openJson({ source, format: 'ndjson', limits })).rejects.toMatchObject({ code: 'too-large' });
  });

  it('refuses ids used as keys at the column limit', async () => {
    const limits = { columns: 100 };
    const lines = Array.from({ length: 200 }, (_, i) => `{"user-${i}":1}`);
    await expect(opened(lines.join('\n'), 't.ndjson', { limits })).rejects.toMatchObject({ code: 'too-large' });
  });
});
