import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dateWriting, dateWritings, readWritten } from '../../../src/formats/text/date-writing.ts';
import { DATE_ONLY, LOCAL_TIME, NOT_A_TIME, ZONED_TIME } from '../../../src/formats/text/time-text.ts';

type Read = number | null;
type Reference = {
  readonly patterns: Readonly<
    Record<string, Readonly<Record<string, { readonly pandas: Read; readonly duckdb: Read }>>>
  >;
  readonly orders: Readonly<Record<string, Readonly<Record<string, Read>>>>;
};
/** Made by `generate_dates.py` beside it. */
const file = new URL('../../fixtures/tables/dates.json', import.meta.url);
const { patterns, orders } = JSON.parse(readFileSync(file, 'utf8')) as Reference;

/** Second 60 is no time here, and a day of the week may be named by its whole name. */
const OTHERWISE: ReadonlySet<string> = new Set(['31/12/2024 23:59:60.0', 'Tuesday 31 Dec 2024']);

const out = new Float64Array(1);

function kindOf(how: string, text: string): number {
  // What lies around a cell is none of it.
  const bytes = Buffer.from(`1${text}1`, 'utf8');
  return readWritten(dateWriting(how), bytes, { start: 1, end: bytes.length - 1 }, out);
}

const read = (how: string, text: string): Read => (kindOf(how, text) === NOT_A_TIME ? null : out[0]!);

describe('dates in a writing that was said', () => {
  it.each(Object.entries(patterns))('are what pandas reads with the format %s', (pattern, texts) => {
    for (const [text, { pandas }] of Object.entries(texts)) {
      if (!OTHERWISE.has(text)) expect([text, read(pattern, text)]).toEqual([text, pandas]);
    }
  });

  it.each(Object.entries(orders))('are, %s, what pandas reads where it is told the pattern of each', (order, texts) => {
    for (const [text, found] of Object.entries(texts)) expect([text, read(order, text)]).toEqual([text, found]);
  });

  it.each([
    ['day-first', '12/31/2024'],
    ['day-first', '31.12/2024'],
    ['day-first', '31/12/2024 25:00'],
    ['day-first', '31/12/2024 23:60'],
    ['day-first', '31/12/2024 23'],
    ['day-first', '31/12/2024 13:00 PM'],
    ['day-first', '31/12/2024 23:59 +25'],
    ['day-first', '31/12/2024x'],
    ['day-first', '31/12/024'],
    ['day-first', '311224'],
    ['day-first', '1.829'],
    ['day-first', '192.168.0.1'],
    ['day-first', '1.2.3'],
    ['day-first', 'Decem 31 2024'],
    ['day-first', '31/12'],
    ['day-first', '31/12/'],
    ['day-first', ''],
    ['year-first', '24/12/31'],
    ['month-first', '0/1/2024'],
    ['%Y-%d-%m', '2024-12-31'],
  ])('%s is not the way to read %s', (how, text) => {
    expect(read(how, text)).toBeNull();
  });

  it('stand beside dates of ISO 8601, which mean the same in every writing', () => {
    for (const how of ['day-first', 'month-first', 'year-first', '%d/%m/%Y']) {
      expect(read(how, '2024-02-01')).toBe(Date.UTC(2024, 1, 1));
    }
    // But for a pattern that reads them as another day.
    expect(read('%Y-%d-%m', '2024-02-01')).toBe(Date.UTC(2024, 0, 2));
  });

  it('are dates, or times with a zone or without one', () => {
    expect(kindOf('day-first', '31/12/2024')).toBe(DATE_ONLY);
    expect(kindOf('day-first', '31/12/2024 5 PM')).toBe(LOCAL_TIME);
    expect(kindOf('day-first', '31/12/2024 23:59 +02:00')).toBe(ZONED_TIME);
    expect(kindOf('%d.%m.%Y %H:%M', '31.12.2024  23:59')).toBe(LOCAL_TIME);
  });

  it.each([
    ['dd/mm/yyyy', 'write it as %d/%m/%Y'],
    ['DD.MM.YYYY HH:mm', 'write it as %d.%m.%Y %H:%M'],
    ['dd-mmm-yy', 'write it as %d-%b-%y'],
    ['european', 'write day, month and year in it as %d, %m and %Y'],
    ['%d/%m', 'lacks the year'],
    ['%d/%Y', 'lacks the month'],
    ['%d/%d/%m/%Y', 'the same field twice'],
    ['%d/%m/%Y %y', 'the same field twice'],
    ['%d/%m/%Y %M', 'lacks the hour'],
    ['%d/%m/%Y %I:%M', 'go together'],
    ['%d/%m/%Y %q', '%q is none of'],
    ['%d/%m/%Y%', '% is none of'],
    [`%d/%m/%Y${' '.repeat(100)}`, 'longer than 100 bytes'],
  ])('are not said by %s', (how, why) => {
    expect(() => dateWriting(how)).toThrow(expect.objectContaining({ code: 'bad-request' }));
    expect(() => dateWriting(how)).toThrow(why);
  });

  it('may not make dates of all numbers', () => {
    for (const how of ['%Y%m%d', '%m.%Y', '%Y%m']) {
      expect(() => dateWritings(how)).toThrow('say it of those');
      expect(dateWritings({ day: how }).byColumn.get('day')?.text).toBe(how);
    }
  });
});
