import {
  columnFromArray,
  decimal,
  duration,
  TimeUnit,
  Type,
  tableFromArrays,
  tableFromColumns,
  tableFromIPC,
  tableToIPC,
  timeMicrosecond,
  timeMillisecond,
  timeNanosecond,
  timeSecond,
} from '@uwdata/flechette';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArrow } from '../../../src/formats/arrow/arrow.ts';
import { encodeArrow } from '../../../src/formats/arrow/writer.ts';
import { CodeSink, columnSink, ValueSink } from '../../../src/formats/columns/column-sink.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import type { Column, ColumnType, Field } from '../../../src/stats/column.ts';
import { opened, type Value, valuesOf } from '../fixtures.ts';

/** A column of plain values. */
function column(type: ColumnType, values: readonly Value[]): Column {
  const sink = columnSink(type, values.length, new TextDictionary());
  for (const [i, value] of values.entries()) {
    if (sink instanceof CodeSink) {
      if (value !== null) sink.codes[i] = type === 'boolean' ? Number(value) : sink.dictionary.codeOf(String(value));
    } else if (value === null) sink.setNull(i);
    else if (sink instanceof ValueSink && typeof value === 'bigint') sink.setExact(i, value);
    else sink.values[i] = Number(value);
  }
  return sink.finish(values.length);
}

const TYPES = ['float64', 'int64', 'boolean', 'text', 'timestamp', 'date'] as const satisfies readonly ColumnType[];
const nullable = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null, freq: 4 });
const row = fc.record({
  float64: nullable(fc.double()),
  int64: nullable(
    fc.oneof(
      fc.maxSafeInteger().map((x) => x + 0),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
    ),
  ),
  boolean: nullable(fc.boolean()),
  text: nullable(fc.oneof(fc.constantFrom('a', 'b', ''), fc.string({ unit: 'grapheme' }))),
  // Between the years 1684 and 2255 a double of milliseconds tells all microseconds apart.
  timestamp: nullable(fc.maxSafeInteger().map((us) => us / 1000)),
  date: nullable(fc.integer({ min: -700_000, max: 700_000 }).map((days) => days * 86_400_000)),
});

describe('decimals of Arrow', () => {
  it.each([64, 128, 256])('of %d bits without decimal places are integers, to the last digit', (bits) => {
    const ids = [9007199254740993n, -9007199254740995n, null];
    const table = tableFromColumns({ id: columnFromArray(ids, decimal(18, 0, bits as 128)) });
    const { fields, batch } = decodeArrow(tableToIPC(table, { format: 'stream' })!);
    expect(fields).toEqual([{ name: 'id', type: 'int64' }]);
    expect(batch.columns[0]).toMatchObject({ exact: BigInt64Array.of(9007199254740993n, -9007199254740995n, 0n) });
    expect(valuesOf(batch.columns[0]!)[2]).toBeNull();
  });
});

describe('times of day of Arrow', () => {
  const day = 86_399n;
  it.each([
    ['seconds', timeSecond(), [0n, 1n, day], ['00:00:00', '00:00:01', '23:59:59']],
    [
      'milliseconds',
      timeMillisecond(),
      [1n, 1500n, day * 1000n + 999n],
      ['00:00:00.001', '00:00:01.5', '23:59:59.999'],
    ],
    [
      'microseconds',
      timeMicrosecond(),
      [1n, 3_723_500_000n, day * 1_000_000n],
      ['00:00:00.000001', '01:02:03.5', '23:59:59'],
    ],
    [
      'nanoseconds',
      timeNanosecond(),
      [7n, 1_007n, 45_296_000_010_000n],
      ['00:00:00', '00:00:00.000001', '12:34:56.00001'],
    ],
  ])('of %s are the texts that Parquet’s are', (_, type, given, texts) => {
    const values = type.bitWidth === 64 ? given : given.map(Number);
    const table = tableFromColumns({ at: columnFromArray([...values, null], type) });
    const { fields, batch } = decodeArrow(tableToIPC(table, { format: 'stream' })!);
    expect(fields).toEqual([{ name: 'at', type: 'text' }]);
    expect(valuesOf(batch.columns[0]!)).toEqual([...texts, null]);
  });

  it('say how many are finer than a microsecond', async () => {
    const at = columnFromArray([7n, 1_000n, 1_001n, null], timeNanosecond());
    const { reader, values } = await opened(tableToIPC(tableFromColumns({ at }), { format: 'file' })!, 't.arrow');
    expect(values.get('at')).toEqual(['00:00:00', '00:00:00.000001', '00:00:00.000001', null]);
    expect(reader.warnings).toMatchObject([{ code: 'rounded-times', column: 'at', count: 2 }]);
  });
});

it('durations of Arrow are whole numbers of their unit, to the last digit', () => {
  const values = [9007199254740993n, -5n, null];
  for (const unit of [TimeUnit.SECOND, TimeUnit.NANOSECOND]) {
    const table = tableFromColumns({ took: columnFromArray(values, duration(unit)) });
    const { fields, batch } = decodeArrow(tableToIPC(table, { format: 'stream' })!);
    expect(fields).toEqual([{ name: 'took', type: 'int64' }]);
    expect(batch.columns[0]).toMatchObject({ exact: BigInt64Array.of(9007199254740993n, -5n, 0n) });
    expect(valuesOf(batch.columns[0]!)[2]).toBeNull();
  }
});

describe('encodeArrow and decodeArrow', () => {
  it('give back every column', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 70 }), (rows) => {
        const fields = TYPES.map((type): Field => ({ name: `column ${type}`, type }));
        const columns = TYPES.map((type) =>
          column(
            type,
            rows.map((cells) => cells[type]),
          ),
        );
        const decoded = decodeArrow(encodeArrow(fields, { rows: rows.length, columns }));
        expect(decoded.fields).toEqual(fields);
        expect(decoded.batch.rows).toBe(rows.length);
        for (const [i, type] of TYPES.entries()) {
          const back = decoded.batch.columns[i]!;
          expect(valuesOf(back)).toEqual(
            rows.map((cells) => (Object.is(cells[type], -0) && type !== 'float64' ? 0 : cells[type])),
          );
          expect(back.kind === 'category' || back.valid === null).toBe(
            back.kind === 'category' || rows.every((cells) => cells[type] !== null),
          );
        }
      }),
      { numRuns: 300, seed: 61 },
    );
  });

  it('use the types that other Arrow readers know', () => {
    const fields = TYPES.map((type): Field => ({ name: type, type }));
    const repeated = Array.from({ length: 8 }, (_, i) => i % 2);
    const columns = [
      column('float64', repeated),
      column('int64', repeated),
      column(
        'boolean',
        repeated.map((x) => x === 1),
      ),
      column(
        'text',
        repeated.map((x) => `cat-${x}`),
      ),
      column('timestamp', repeated),
      column(
        'date',
        repeated.map((x) => x * 86_400_000),
      ),
    ];
    fields.push({ name: 'unique', type: 'text' });
    columns.push(
      column(
        'text',
        repeated.map((_, i) => `id-${i}`),
      ),
    );
    const { schema } = tableFromIPC(encodeArrow(fields, { rows: 8, columns }));
    expect(schema.fields.map(({ type }) => type)).toMatchObject([
      { typeId: Type.Float, precision: 2 },
      { typeId: Type.Int, bitWidth: 64, signed: true },
      { typeId: Type.Bool },
      { typeId: Type.Dictionary, dictionary: { typeId: Type.Utf8 }, indices: { bitWidth: 32, signed: true } },
      { typeId: Type.Timestamp, unit: 2, timezone: 'UTC' },
      { typeId: Type.Date, unit: 0 },
      { typeId: Type.Utf8 },
    ]);
  });

  it('give equal bytes for equal rows, whatever else the dictionary holds', () => {
    const fields: Field[] = [{ name: 'x', type: 'text' }];
    const lean: Column = {
      kind: 'category',
      type: 'text',
      length: 4,
      codes: Int32Array.of(0, 1, 0, -1),
      dictionary: ['a', 'b'],
    };
    const shared: Column = { ...lean, codes: Int32Array.of(2, 0, 2, -1), dictionary: ['b', 'unused', 'a'] };
    const bytes = encodeArrow(fields, { rows: 4, columns: [lean] });
    expect(encodeArrow(fields, { rows: 4, columns: [shared] })).toEqual(bytes);
    expect(encodeArrow(fields, { rows: 4, columns: [lean] })).toEqual(bytes);
  });

  it('keep a batch of no rows, and read bytes that do not begin on an 8-byte border', () => {
    const fields: Field[] = [{ name: 'x', type: 'float64' }];
    const none = decodeArrow(encodeArrow(fields, { rows: 0, columns: [column('float64', [])] }));
    expect(none).toMatchObject({ fields, batch: { rows: 0 } });
    const bytes = encodeArrow(fields, { rows: 2, columns: [column('float64', [1, null])] });
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(valuesOf(decodeArrow(shifted).batch.columns[0]!)).toEqual([1, null]);
  });
});

describe('dictionaries of an Arrow stream', () => {
  const texts = (dictionary: readonly string[]): Buffer => {
    const column: Column = {
      kind: 'category',
      type: 'text',
      length: 2,
      codes: Int32Array.of(0, 1),
      dictionary: [...dictionary],
    };
    // So many rows of each value that a dictionary is worth it.
    const codes = Int32Array.from({ length: 64 }, (_, i) => i % 2);
    return Buffer.from(
      encodeArrow([{ name: 'x', type: 'text' }], { rows: 64, columns: [{ ...column, length: 64, codes }] }),
    );
  };
  const CONTINUED = Buffer.from('ffffffff', 'hex');
  /** Where the messages of a stream begin, and its end. */
  const places = (stream: Buffer): number[] => {
    const found: number[] = [];
    for (let at = stream.indexOf(CONTINUED); at !== -1; at = stream.indexOf(CONTINUED, at + 1)) {
      if (at % 8 === 0) found.push(at);
    }
    return found;
  };

  it('may be replaced on the way', async () => {
    const [first, second] = [texts(['a', 'b']), texts(['c', 'a'])];
    const [, firstDictionary] = places(second);
    const both = Buffer.concat([first.subarray(0, -8), second.subarray(firstDictionary)]);
    const { values } = await opened(both, 't.arrows');
    expect(values.get('x')).toEqual([...Array(32).fill(['a', 'b']), ...Array(32).fill(['c', 'a'])].flat());
  });

  it('are missed where there are none', async () => {
    const whole = texts(['a', 'b']);
    const [, dictionary, batch] = places(whole);
    const without = Buffer.concat([whole.subarray(0, dictionary), whole.subarray(batch)]);
    await expect(opened(without, 't.arrows')).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringContaining('cannot be decoded'),
    });
  });
});

describe('Arrow files', () => {
  const table = tableFromArrays({ n: [1, 2, null], s: ['a', null, 'a'], big: [1n, 9007199254740993n, 3n] });
  const bytes = (format: 'file' | 'stream'): Uint8Array => tableToIPC(table, { format })!;

  it.each([
    ['file', 't.arrow'],
    ['stream', 'object-without-extension'],
  ] as const)('reads the %s format', async (format, name) => {
    const { reader, values } = await opened(bytes(format), name);
    expect(reader.format).toBe('arrow');
    expect(values.get('n')).toEqual([1, 2, null]);
    expect(values.get('s')).toEqual(['a', null, 'a']);
    expect(values.get('big')).toEqual([1, 9007199254740993n, 3]);
  });

  it('splits a large record batch', async () => {
    const n = Float64Array.from({ length: 100_001 }, (_, i) => i);
    const { reader, values } = await opened(tableToIPC(tableFromArrays({ n }), { format: 'stream' })!, 't.arrows');
    expect(values.get('n')).toEqual([...n]);
    for await (const batch of reader.batches()) expect(batch.rows).toBeLessThanOrEqual(65_536);
  });

  it('refuses or survives every cut and every flipped byte', async () => {
    const good = bytes('stream');
    let refused = 0;
    for (let i = 0; i < 200; i++) {
      const broken = Buffer.from(good);
      const at = (i * 7919) % good.length;
      if (i % 2 === 0) broken[at] = broken[at]! ^ (1 << (i % 8));
      const content = i % 2 === 0 ? broken : broken.subarray(0, at);
      const outcome = await opened(content, 't.arrow').catch((error: unknown) => error);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ name: 'TidemarkError' });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('refuses lengths beyond the file before allocating for them', async () => {
    const huge = Buffer.alloc(16);
    huge.writeUInt32LE(0xffff_ffff, 0);
    huge.writeInt32LE(1_200_000_000, 4);
    await expect(opened(huge, 't.arrow')).rejects.toMatchObject({ code: 'unreadable-data', message: /byte 0/ });
  });
});
