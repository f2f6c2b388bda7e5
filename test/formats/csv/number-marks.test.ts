import { readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineRanges } from '../../../src/formats/byte-ranges.ts';
import { csvKernels } from '../../../src/formats/csv/kernels.ts';
import { type CsvPlan, readCsvRange, settleCsv } from '../../../src/formats/csv/ranges.ts';
import { planTable } from '../../../src/formats/range-reader.ts';
import type { CsvOptions } from '../../../src/formats/table.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { opened, tempFile, type Value, valuesOf } from '../fixtures.ts';

type Found = Readonly<Record<string, { readonly numeric: boolean; readonly values: readonly Value[] }>>;
type Table = {
  readonly text: string;
  readonly decimal: '.' | ',';
  readonly thousands: NonNullable<CsvOptions['thousands']> | null;
  readonly pandas: Found;
  readonly duckdb: Found;
};
/** Made by `generate_decimals.py` beside it. */
const file = new URL('../../fixtures/tables/decimals.json', import.meta.url);
const TABLES = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Table>);

const european = { csv: { decimal: ',', thousands: '.' } } as const;

describe('numbers with other signs than a point', () => {
  it.each(TABLES)('are what pandas and DuckDB read: %s', async (_, { text, decimal, thousands, pandas, duckdb }) => {
    const csv = { decimal, ...(thousands !== null && { thousands }) };
    const { types, values } = await opened(text, 't.csv', { csv });
    for (const found of [pandas, duckdb]) {
      expect([...values.keys()]).toEqual(Object.keys(found));
      for (const [name, column] of Object.entries(found)) {
        expect([name, /^(?:int64|float64)$/.test(types[name]!)]).toEqual([name, column.numeric]);
        expect(values.get(name)).toEqual(column.values);
      }
    }
  });

  it('are never guessed, however a table looks', async () => {
    const { types } = await opened('a;b\n1,5;1.000,25\n2,25;3.000,5\n', 't.csv');
    expect(types).toEqual({ a: 'text', b: 'text' });
  });

  it('have three digits in each group: codes, dates and addresses stay text', async () => {
    const text =
      'code;date;address;odd;zero\n01,5;31.12.2025;10.0.0.1;1.23;0.123\n02,5;01.01.2026;192.168.0.1;1234.567;0.5\n';
    const { types } = await opened(text, 't.csv', european);
    expect(new Set(Object.values(types))).toEqual(new Set(['text']));
  });

  it('are not what has a point where commas stand before decimals', async () => {
    const { types } = await opened('a;b\n1,5;1.5\n2,5;2\n', 't.csv', { csv: { decimal: ',' } });
    expect(types).toEqual({ a: 'float64', b: 'text' });
  });

  it('go with words, blanks, times and integers beyond doubles', async () => {
    const text =
      'a;b;t\n 1,5 ;9.007.199.254.740.993;2025-01-01T00:00:00.5Z\n-inf;-1;2025-01-02T00:00:00Z\nNaN;NA;2025-01-03T00:00:00Z\n';
    const { types, values } = await opened(text, 't.csv', european);
    expect(types).toEqual({ a: 'float64', b: 'int64', t: 'timestamp' });
    expect(values.get('a')).toEqual([1.5, Number.NEGATIVE_INFINITY, Number.NaN]);
    expect(values.get('b')).toEqual([9007199254740993n, -1, null]);
    expect(values.get('t')![0]).toBe(Date.parse('2025-01-01T00:00:00.5Z'));
  });

  it('may stand in a table without header, of one column, and between commas', async () => {
    expect((await opened('1,5;2,5\n3,5;4,5\n', 't.csv', european)).values.get('column_2')).toEqual([2.5, 4.5]);
    expect((await opened('x\n1,5\n2,5\n', 't.csv', european)).values.get('x')).toEqual([1.5, 2.5]);
    expect((await opened('1,5\t2\n3,5\t4\n', 't.tsv', european)).types).toEqual({
      column_1: 'float64',
      column_2: 'int64',
    });
  });

  it('take blanks that do not break', async () => {
    const csv = { decimal: ',', thousands: '\u202f' } as const;
    const { values } = await opened('a;b\n1\u202f829,02;x\n-12\u202f000;y\n', 't.csv', { csv });
    expect(values.get('a')).toEqual([1829.02, -12000]);
  });

  it('cannot have one sign for both', async () => {
    const both = openTable(tempFile('a\n1\n', 't.csv'), { csv: { decimal: ',', thousands: ',' } });
    await expect(both).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('both') });
  });

  it('are the plain numbers, whatever they are and wherever ranges are cut', async () => {
    const number = fc.oneof(
      fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((value) => value.toFixed(3)),
      fc.integer({ min: -1e9, max: 1e9 }).map(String),
      fc.constantFrom('', 'NA', '0.5', '-0', '?'),
    );
    const rows = fc.array(fc.tuple(number, number, fc.constantFrom('a', 'b,c', '1.5')), {
      minLength: 3,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 4 }), async (cells, ranges) => {
        const table = (written: (text: string) => string) =>
          ['x;y;z', '1;1;text', ...cells.map(([x, y, z]) => `${written(x)};${written(y)};${z}`)].join('\n');
        const plain = await opened(
          table((text) => text),
          't.csv',
          { csv: { header: true } },
        );
        const path = tempFile(table(inGerman), 't.csv');
        const german = { csv: { ...european.csv, header: true } };
        const read = await opened(readFileSync(path), 't.csv', german);
        expect(read.types).toEqual(plain.types);
        expect(read.values).toEqual(plain.values);
        const plan = await planTable(path, german);
        if (plan?.kind !== 'csv') throw new Error('no plan');
        for (const kernels of [true, false]) {
          const settled = {
            ...plan,
            fields: read.reader.fields,
            ranges: lineRanges(path, statSync(path).size, ranges),
          };
          expect(await inRanges(settled, kernels)).toEqual([...plain.values.values()]);
        }
      }),
      { numRuns: 60, seed: 11 },
    );
  });
});

/** `-1234567.5` as `-1.234.567,5`. */
function inGerman(text: string): string {
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (parts === null) return text;
  const [, sign = '', whole = '', fraction] = parts;
  const grouped = whole.replaceAll(/\B(?=(?:\d{3})+$)/gu, '.');
  return `${sign}${grouped}${fraction === undefined ? '' : `,${fraction}`}`;
}

async function inRanges(plan: CsvPlan, withKernels: boolean): Promise<Value[][]> {
  const columns: Value[][] = plan.fields.map(() => []);
  const outcomes = [];
  for (const span of plan.ranges) {
    const wanted = plan.fields.map((_, i) => i);
    const reading = readCsvRange(plan, span, wanted, withKernels ? csvKernels(plan.fields) : null);
    for await (const batch of reading.batches()) {
      for (const [i, column] of batch.columns.entries()) columns[i]!.push(...valuesOf(column));
    }
    outcomes.push(reading.outcome());
  }
  expect(settleCsv(plan, outcomes)?.plan.fields).toEqual(plan.fields);
  return columns;
}
