import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DATE_ONLY, LOCAL_TIME, NOT_A_TIME, readTime, ZONED_TIME } from '../../../src/formats/text/time-text.ts';

function read(text: string): { readonly kind: number; readonly millis: number } {
  const out = new Float64Array(1);
  const bytes = Buffer.from(text);
  return { kind: readTime(bytes, 0, bytes.length, out), millis: out[0]! };
}

describe('readTime', () => {
  it('agrees with Date on every time that Date writes', () => {
    const times = fc.integer({ min: Date.parse('0001-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59.999Z') });
    fc.assert(
      fc.property(times, (millis) => {
        expect(read(new Date(millis).toISOString())).toEqual({ kind: ZONED_TIME, millis });
      }),
      { numRuns: 5000, seed: 21 },
    );
  });

  it.each([
    ['2024-05-01', DATE_ONLY, Date.UTC(2024, 4, 1)],
    ['2024-02-29', DATE_ONLY, Date.UTC(2024, 1, 29)],
    ['2024-05-01T10:00Z', ZONED_TIME, Date.UTC(2024, 4, 1, 10)],
    ['2024-05-01 10:00:00', LOCAL_TIME, Date.UTC(2024, 4, 1, 10)],
    ['2024-05-01T10:00:00.123456Z', ZONED_TIME, Date.UTC(2024, 4, 1, 10, 0, 0, 123) + 0.456],
    ['2024-05-01T10:00:00.123456789Z', ZONED_TIME, Date.UTC(2024, 4, 1, 10, 0, 0, 123) + 0.456],
    ['2024-05-01T10:00:00+02:00', ZONED_TIME, Date.UTC(2024, 4, 1, 8)],
    ['2024-05-01T10:00:00-0530', ZONED_TIME, Date.UTC(2024, 4, 1, 15, 30)],
    ['2024-05-01t10:00:00z', ZONED_TIME, Date.UTC(2024, 4, 1, 10)],
    ['1969-12-31T23:59:59.999Z', ZONED_TIME, -1],
  ])('reads %s', (text, kind, millis) => {
    expect(read(text)).toEqual({ kind, millis });
  });

  it.each([
    '2024-13-01',
    '0000-00-00',
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-05-01T24:00:00Z',
    '2024-05-01T10:60:00Z',
    '2024-12-31T23:59:60Z',
    '2024-05-01T10:00:00.Z',
    '2024-05-01T10:00:00+25:00',
    '2024-05-01T10:00:00 UTC',
    '2024-05-01T',
    '275761-01-01',
    '2024/05/01',
    '24-05-01',
    '',
  ])('takes %j for no time', (text) => {
    expect(read(text).kind).toBe(NOT_A_TIME);
  });
});
