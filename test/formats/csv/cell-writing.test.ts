import { readFileSync, statSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineRanges } from '../../../src/formats/byte-ranges.ts';
import { csvKernels } from '../../../src/formats/csv/kernels.ts';
import { readCsvRange, settleCsv } from '../../../src/formats/csv/ranges.ts';
import { planTable } from '../../../src/formats/range-reader.ts';
import type { SaidDates } from '../../../src/formats/table.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { opened, tempFile, type Value, valuesOf } from '../fixtures.ts';

const csv = (dates: SaidDates) => ({ csv: { dates } });
const TABLE = [
  'a,b,c,n,id',
  '31/12/2024,12/31/2024,31.12.2024 23:59,20241231,20240101',
  '01/02/2024,02/01/2024,01.02.2024 00:01,20240201,7',
  ',NA,?,,8\n',
].join('\n');

describe('dates in other writings', () => {
  it('are never guessed', async () => {
    const { types } = await opened(TABLE, 't.csv');
    expect(types).toEqual({ a: 'text', b: 'text', c: 'text', n: 'int64', id: 'int64' });
  });

  it('are read where it is said of all columns which number is the day', async () => {
    const { types, values, reader } = await opened(TABLE, 't.csv', csv('day-first'));
    expect(types).toEqual({ a: 'date', b: 'text', c: 'timestamp', n: 'int64', id: 'int64' });
    expect(values.get('a')).toEqual([Date.UTC(2024, 11, 31), Date.UTC(2024, 1, 1), null]);
    expect(values.get('c')).toEqual([Date.UTC(2024, 11, 31, 23, 59), Date.UTC(2024, 1, 1, 0, 1), null]);
    // One that the order cannot read leaves its column text, and is shown.
    expect(reader.warnings).toContainEqual(
      expect.objectContaining({
        code: 'mixed-types',
        column: 'b',
        detail: expect.stringContaining('"12/31/2024" among them'),
      }),
    );
  });

  it('are read where it is said of a column how, and nowhere else', async () => {
    const said = { a: '%d/%m/%Y', b: 'month-first', n: '%Y%m%d', gone: 'day-first' };
    const { types, values } = await opened(TABLE, 't.csv', csv(said));
    expect(types).toEqual({ a: 'date', b: 'date', c: 'text', n: 'date', id: 'int64' });
    expect(values.get('n')).toEqual(values.get('a'));
    expect(values.get('b')).toEqual(values.get('a'));
  });

  it('that there are not are texts, never another day', async () => {
    const text = 'a,b\n31/12/2024,x\n31/02/2024,y\n';
    for (const dates of ['day-first', { a: '%d/%m/%Y' }]) {
      const { types, values, reader } = await opened(text, 't.csv', csv(dates));
      expect(types['a']).toBe('text');
      expect(values.get('a')).toEqual(['31/12/2024', '31/02/2024']);
      expect(reader.warnings.map(({ detail }) => detail).join()).toContain('"31/02/2024"');
    }
  });

  it('are told of where what was said of a column reads none of it', async () => {
    const { reader } = await opened('a,n\n12/31/2024,1\n', 't.csv', csv({ a: 'day-first', n: '%Y%m%d' }));
    const unread = reader.warnings.filter(({ code }) => code === 'unread-dates').map(({ column }) => column);
    expect(unread).toEqual(['a', 'n']);
  });

  it('may stand in a table without header, in quotes, with blanks, beside decimals with a comma', async () => {
    const plain = await opened('31/12/2024,5\n01/01/2025,6\n', 't.csv', csv('day-first'));
    expect(plain.types).toEqual({ column_1: 'date', column_2: 'int64' });
    const text = 'd;x\n" 31.12.2024 ";1.829,5\n1.1.2025;2,25\n';
    const both = { csv: { dates: 'day-first', decimal: ',', thousands: '.' } } as const;
    const { types, values } = await opened(text, 't.csv', both);
    expect(types).toEqual({ d: 'date', x: 'float64' });
    expect(values.get('x')).toEqual([1829.5, 2.25]);
  });

  it('cannot be said in a way that there is not', async () => {
    const read = openTable(tempFile('a\n1\n', 't.csv'), csv('dd/mm/yyyy'));
    await expect(read).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('%d/%m/%Y') });
    await expect(openTable(tempFile('a\n1\n', 't.csv'), csv('%Y%m%d'))).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('are the dates of ISO 8601, whatever they are and wherever ranges are cut', async () => {
    const cell = fc.oneof(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map(isoOf),
      fc.constantFrom('', 'NA', '?'),
    );
    const odd = fc.constantFrom('', '31/02/2024', 'x');
    const rows = fc.array(fc.tuple(cell, cell, odd), { minLength: 3, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 4 }), async (cells, ranges) => {
        const table = (of: (iso: string) => string) =>
          ['x,y,z', ...cells.map(([x, y, z]) => `${of(x)},${of(y)},${z}`), '', ''].join('\n');
        const header = { header: true };
        const iso = await opened(
          table((text) => text),
          't.csv',
          { csv: header },
        );
        const path = tempFile(table(dayFirst), 't.csv');
        const said = { csv: { ...header, dates: 'day-first' } };
        const read = await opened(readFileSync(path), 't.csv', said);
        expect(read.types).toEqual(iso.types);
        expect(read.values).toEqual(iso.values);
        const plan = await planTable(path, said);
        if (plan?.kind !== 'csv') throw new Error('no plan');
        const spans = lineRanges(path, statSync(path).size, ranges);
        for (const kernels of [true, false]) {
          const settled = { ...plan, fields: read.reader.fields, ranges: spans };
          const columns: Value[][] = plan.fields.map(() => []);
          const outcomes = [];
          for (const span of spans) {
            const wanted = plan.fields.map((_, i) => i);
            const reading = readCsvRange(settled, span, wanted, kernels ? csvKernels(settled.fields) : null);
            for await (const batch of reading.batches()) {
              for (const [i, column] of batch.columns.entries()) columns[i]!.push(...valuesOf(column));
            }
            outcomes.push(reading.outcome());
          }
          expect(columns).toEqual([...iso.values.values()]);
          const found = settleCsv(settled, outcomes);
          expect(found?.plan.fields).toEqual(settled.fields);
          expect(found?.warnings).toEqual(read.reader.warnings);
        }
      }),
      { numRuns: 60, seed: 12 },
    );
  });
});

describe('words for no value', () => {
  const missing = ['-', '.', '-999', 'nil', '1900-01-01'];
  const text = 'n,x,d,t\n1,-,2024-01-01,a\n-999,2.5,1900-01-01,nil\n" - ",., - ,-\n3,-999,2024-01-02,x-\n';

  it('are none in every column, whatever else they might be', async () => {
    const { types, values } = await opened(text, 't.csv', { csv: { missing } });
    expect(types).toEqual({ n: 'int64', x: 'float64', d: 'date', t: 'text' });
    expect([...values.values()]).toEqual([
      [1, null, null, 3],
      [null, 2.5, null, null],
      [Date.UTC(2024, 0, 1), null, null, Date.UTC(2024, 0, 2)],
      ['a', null, null, 'x-'],
    ]);
  });

  it('are shown where they are not said', async () => {
    const { types, reader } = await opened(text, 't.csv');
    expect(types).toEqual({ n: 'text', x: 'text', d: 'text', t: 'text' });
    const mixed = reader.warnings.filter(({ code }) => code === 'mixed-types').map(({ detail }) => detail);
    expect(mixed[1]).toContain(
      '"-" among them, so all of it reads as text. Say missing "-" if it stands for no value.',
    );
  });

  it('are none wherever ranges are cut, with kernels and without', async () => {
    const rows = Array.from(
      { length: 3000 },
      (_, i) => `${i % 7 === 0 ? '-999' : i},${i % 5 === 0 ? '-' : `w${i % 9}`}`,
    );
    const path = tempFile(`n,t\n${rows.join('\n')}\n`, 't.csv');
    const said = { csv: { missing } };
    const { values, reader } = await opened(readFileSync(path), 't.csv', said);
    expect(values.get('n')!.filter((value) => value === null)).toHaveLength(429);
    expect(values.get('t')!.filter((value) => value === null)).toHaveLength(600);
    const plan = await planTable(path, said);
    if (plan?.kind !== 'csv') throw new Error('no plan');
    const whole = { ...plan, fields: reader.fields };
    for (const kernels of [csvKernels(whole.fields), null]) {
      const columns: Value[][] = [[], []];
      for (const span of lineRanges(path, statSync(path).size, 3)) {
        for await (const batch of readCsvRange(whole, span, [0, 1], kernels).batches()) {
          for (const [i, column] of batch.columns.entries()) columns[i]!.push(...valuesOf(column));
        }
      }
      expect(columns).toEqual([...values.values()]);
    }
  });
});

const isoOf = (date: Date): string => date.toISOString().slice(0, 10);

/** `2024-12-31` as `31/12/2024`. */
const dayFirst = (iso: string): string => iso.replace(/^(\d{4})-(\d\d)-(\d\d)$/, '$3/$2/$1');
