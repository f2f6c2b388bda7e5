import { describe, expect, it } from 'vitest';
import { CodeSink, columnSink, ValueSink } from '../../../src/formats/columns/column-sink.ts';
import type { ParsedRecords, RecordOptions } from '../../../src/formats/prediction/record-types.ts';
import { parseRecords } from '../../../src/formats/prediction/rows.ts';
import { PredictionTable } from '../../../src/formats/prediction/table.ts';
import type { TableWarning } from '../../../src/formats/table.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import type { Column, ColumnBatch, ColumnType, Field } from '../../../src/stats/column.ts';
import { vectors } from '../../stats/columns.ts';
import { type Value, valuesOf } from '../fixtures.ts';

const AT = Date.UTC(2024, 4, 1, 10);
const OPTIONS: RecordOptions = { shape: 'prediction' };

function column(type: ColumnType, values: readonly Value[]): Column {
  const sink = columnSink(type, values.length, new TextDictionary());
  values.forEach((value, i) => {
    if (sink instanceof CodeSink) {
      if (value !== null) sink.codes[i] = type === 'boolean' ? Number(value) : sink.dictionary.codeOf(String(value));
    } else if (value === null) sink.setNull(i);
    else if (sink instanceof ValueSink && typeof value === 'bigint') sink.setExact(i, value);
    else sink.values[i] = Number(value);
  });
  return sink.finish(values.length);
}

type Columns = Readonly<Record<string, readonly [ColumnType, readonly Value[]]>>;

function tableOf(columns: Columns, warnings: readonly TableWarning[] = [], options = OPTIONS) {
  const fields = Object.entries(columns).map(([name, [type]]): Field => ({ name, type }));
  const made = Object.values(columns).map(([type, values]) => column(type, values));
  const batch: ColumnBatch = { rows: made[0]?.length ?? 0, columns: made };
  return { table: new PredictionTable({ fields, warnings }, options), batch };
}

/** Sound rows, with the given columns over them. */
function sound(over: Columns): Columns {
  const rows = Object.values(over)[0]?.[1].length ?? 1;
  return {
    prediction_id: ['text', Array.from({ length: rows }, (_, i) => `p${i}`)],
    timestamp: ['timestamp', Array.from({ length: rows }, () => AT)],
    prediction: ['int64', Array.from({ length: rows }, () => 1)],
    ...over,
  };
}

/** Sound rows with a column of vectors of two. */
function vectorTable(name: string, rows: readonly Value[], options = OPTIONS): [PredictionTable, ColumnBatch] {
  const others = Object.entries(sound({ other: ['int64', rows.map(() => 1)] })).filter(([known]) => known !== name);
  const { batch } = tableOf(Object.fromEntries(others));
  const fields = [
    ...others.map(([known, [type]]): Field => ({ name: known, type })),
    { name, type: 'vector[2]' } as const,
  ];
  const vector = vectors(
    rows.map((row) => (Array.isArray(row) ? row.map(Number) : null)),
    2,
  );
  return [new PredictionTable({ fields, warnings: [] }, options), { ...batch, columns: [...batch.columns, vector] }];
}

function parse(columns: Columns, options = OPTIONS): ParsedRecords {
  const { table, batch } = tableOf(columns, [], options);
  return table.parse(batch, 1);
}

const valuesIn = (parsed: ParsedRecords, name: string): Value[] => {
  const at = parsed.fields.findIndex((field) => field.name === name);
  return at < 0 ? [] : valuesOf(parsed.batch.columns[at]!);
};

describe('values of typed columns', () => {
  const day = 86_400_000;
  it.each<[ColumnType, readonly Value[], ColumnType, readonly Value[], number]>([
    ['float64', [3, -0, null, 2.5, Number.NaN, 1e300], 'int64', [3, 0, null, null, null, null], 3],
    ['int64', [3, 9007199254740993n, null], 'float64', [3, 9007199254740992, null], 0],
    ['text', ['3', null], 'int64', [null, null], 1],
    ['int64', [3, null], 'text', [null, null], 1],
    ['boolean', [true, null], 'float64', [null, null], 1],
    ['int64', [1, 0], 'boolean', [null, null], 2],
    ['date', [day, null], 'timestamp', [day, null], 0],
    ['timestamp', [day, day + 1, null], 'date', [day, null, null], 1],
    ['text', ['1970-01-02', '1970-01-02T01:00:00Z', 'x', null], 'date', [day, null, null, null], 2],
    ['text', ['1970-01-02', '1970-01-02 01:00:00+01:00', 'x'], 'timestamp', [day, day, null], 1],
    ['timestamp', [day], 'text', ['1970-01-02T00:00:00.000Z'], 0],
    ['timestamp', [day], 'float64', [null], 1],
  ])('%s %s where %s is expected are %s', (type, values, expected, taken, misfits) => {
    const parsed = parse(sound({ v: [type, values] }), { ...OPTIONS, expected: new Map([['feature.v', expected]]) });
    expect(parsed.rejected).toEqual([]);
    expect(parsed.fields.at(-1)).toEqual({ name: 'feature.v', type: expected });
    expect(valuesIn(parsed, 'feature.v')).toEqual(taken);
    expect(parsed.violations.map(({ code, count }) => [code, count])).toEqual(misfits === 0 ? [] : [['type', misfits]]);
  });

  it('are vectors of the expected length, or counted', () => {
    const emb: readonly Value[] = [[1, 2], null, [Number.NaN, 4]];
    const [table, batch] = vectorTable('emb', emb);
    const parsed = table.parse(batch, 1);
    expect(parsed.fields.at(-1)).toEqual({ name: 'feature.emb', type: 'vector[2]' });
    expect(valuesIn(parsed, 'feature.emb')).toEqual(emb);
    expect(JSON.parse(table.text(batch, 2))).toMatchObject({ features: { emb: [null, 4] } });
    for (const type of ['vector[3]', 'float64'] as const) {
      const [other] = vectorTable('emb', emb, { ...OPTIONS, expected: new Map([['feature.emb', type]]) });
      const { violations } = other.parse(batch, 1);
      expect(violations).toContainEqual({
        column: 'feature.emb',
        code: 'type',
        count: 2,
        examples: ['[1,2]', '[null,4]'],
        rows: Int32Array.of(0, 2),
      });
    }
    for (const name of ['prediction', 'timestamp', 'tags.x', 'score']) {
      expect(() => vectorTable(name, emb)).toThrow(expect.objectContaining({ code: 'invalid-body' }));
    }
  });

  it('keep their type where nothing is expected, times apart, which other senders write as text', () => {
    const parsed = parse(
      sound({ n: ['int64', [1]], x: ['float64', [Infinity]], at: ['timestamp', [AT + 0.125]], day: ['date', [0]] }),
    );
    expect(parsed.fields.slice(3).map(({ type }) => type)).toEqual(['int64', 'float64', 'text', 'text']);
    expect(valuesIn(parsed, 'feature.at')).toEqual(['2024-05-01T10:00:00.000125Z']);
    expect(valuesIn(parsed, 'feature.day')).toEqual(['1970-01-01']);
  });

  it('name the parts of a record, and features by any other name; the index of a DataFrame is left out', () => {
    const parsed = parse(
      sound({
        age: ['int64', [31]],
        'features.tags.x': ['int64', [1]],
        score: ['int64', [1]],
        'tags.t': ['text', ['t']],
        segment: ['text', ['s']],
        model_version: ['int64', [3]],
        __index_level_0__: ['int64', [0]],
      }),
    );
    const names = ['model_version', 'prediction', 'score', 'feature.age', 'feature.tags.x', 'tag.segment', 'tag.t'];
    expect(
      parsed.fields
        .slice(2)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(names.toSorted());
    expect(valuesIn(parsed, 'model_version')).toEqual(['3']);
  });
});

describe('rows of typed tables', () => {
  it.each<[Columns, string, string | undefined]>([
    [{ prediction_id: ['text', ['a', null]] }, 'missing-field', 'prediction_id'],
    [{ prediction_id: ['text', ['a', '']] }, 'invalid-value', 'prediction_id'],
    [{ prediction_id: ['text', ['a', 'ü'.repeat(257)]] }, 'invalid-value', 'prediction_id'],
    [{ timestamp: ['timestamp', [AT, null]] }, 'missing-field', 'timestamp'],
    [{ timestamp: ['text', ['2024-05-01T10:00:00Z', '2024-05-01T10:00:00']] }, 'no-zone', 'timestamp'],
    [{ timestamp: ['text', ['2024-05-01T10:00:00Z', 'yesterday']] }, 'invalid-value', 'timestamp'],
    [{ prediction: ['float64', [1, null]] }, 'missing-field', 'prediction'],
    [{ prediction: ['float64', [1, null]], 'scores.a': ['float64', [null, null]] }, 'missing-field', 'prediction'],
    [{ prediction: ['float64', [1, Number.NaN]] }, 'invalid-value', 'prediction'],
    [{ model_version: ['float64', [null, 3]] }, 'invalid-value', 'model_version'],
    [{ city: ['text', ['Rome', 'a\0b']] }, 'invalid-text', undefined],
  ])('%j: the second is rejected', (over, code, field) => {
    const parsed = parse(sound(over));
    expect(parsed.rejected).toEqual([
      expect.objectContaining({ line: 2, code, ...(field === undefined ? {} : { field }) }),
    ]);
    expect([parsed.rows, ...parsed.lines]).toEqual([1, 1]);
  });

  it.each<[Columns, string]>([
    [{ timestamp: ['int64', [1, 2]] }, 'no-unit'],
    [{ timestamp: ['date', [0, 0]] }, 'no-zone'],
    [{ timestamp: ['boolean', [true, false]] }, 'invalid-value'],
    [{ prediction_id: ['float64', [1, 2]] }, 'invalid-value'],
  ])('%j: all are rejected', (over, code) => {
    expect(parse(sound(over)).rejected.map((row) => row.code)).toEqual([code, code]);
  });

  it('have the times of the unit that is declared', () => {
    const over = sound({ timestamp: ['float64', [1714557600.25]] });
    expect([...parse(over, { ...OPTIONS, epochUnit: 's' }).eventTimes]).toEqual([AT + 250]);
  });

  it('come back as records that are the same rows', () => {
    const { table, batch } = tableOf(
      sound({ n: ['int64', [9007199254740993n]], x: ['float64', [0.1]], b: ['boolean', [true]], t: ['text', ['a"b']] }),
    );
    const again = parseRecords(Buffer.from(table.text(batch, 0)), 'ndjson', OPTIONS);
    const first = table.parse(batch, 1);
    expect(again.rejected).toEqual([]);
    for (const { name } of first.fields) expect([name, valuesIn(again, name)]).toEqual([name, valuesIn(first, name)]);
  });
});

it.each<[Columns, readonly TableWarning[], RegExp]>([
  [sound({}), [{ code: 'no-time-zone', column: 'timestamp', detail: '' }], /no zone/],
  [sound({}), [{ code: 'nested-column', column: 'embedding', detail: '' }], /embedding does not hold single values/],
  [sound({ age: ['int64', [1]], 'features.age': ['int64', [1]] }), [], /age and features.age name the same thing/],
])('a table whose columns cannot all be kept is refused', (columns, warnings, message) => {
  expect(() => tableOf(columns, warnings)).toThrow(
    expect.objectContaining({ code: 'invalid-body', message: expect.stringMatching(message) }),
  );
});
