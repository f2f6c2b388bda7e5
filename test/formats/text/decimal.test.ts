import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BIG_INTEGER,
  DECIMAL,
  decimalValue,
  INTEGER,
  integerValue,
  NOT_A_NUMBER,
  numberKind,
  OUT_OF_RANGE,
} from '../../../src/formats/text/decimal.ts';

const parse = (text: string): number => decimalValue(Buffer.from(text), 0, text.length);
const kind = (text: string): number => numberKind(Buffer.from(text), 0, text.length);

describe('decimalValue', () => {
  it('reads every double that JavaScript writes, to the last bit', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(parse(String(x))).toBe(x === 0 ? 0 : x);
      }),
      { numRuns: 20_000, seed: 11 },
    );
  });

  it('rounds decimals of any length as the language does', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(digits, fc.nat(24), fc.boolean(), (list, point, negative) => {
        const at = Math.min(point, list.length - 1);
        const text = `${negative ? '-' : ''}${list.slice(0, at + 1).join('')}.${list.slice(at + 1).join('')}`;
        expect(parse(text)).toBe(Number(text));
      }),
      { numRuns: 20_000, seed: 12 },
    );
  });

  it.each([
    ['9007199254740993', 9007199254740992],
    ['1.00000000000000011102230246251565404', 1],
    ['1.00000000000000011102230246251565405', 1.0000000000000002],
    ['0.1', 0.1],
    ['.5', 0.5],
    ['5.', 5],
    ['-0', -0],
  ])('reads %s', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each(['', '-', '.', 'abc', '1.2.3', '0x1F', '1_000', '+5', ' 5', 'Infinity', '1e'])(
    'takes %j for no number',
    (text) => {
      expect(parse(text)).toBeNaN();
    },
  );
});

describe('numberKind', () => {
  it.each([
    ['0', INTEGER],
    ['-12', INTEGER],
    ['9007199254740992', INTEGER],
    ['9007199254740993', BIG_INTEGER],
    ['9223372036854775807', BIG_INTEGER],
    ['-9223372036854775808', BIG_INTEGER],
    ['9223372036854775808', OUT_OF_RANGE],
    ['-9223372036854775809', OUT_OF_RANGE],
    ['9'.repeat(400), OUT_OF_RANGE],
    ['1e999', OUT_OF_RANGE],
    ['1e308', DECIMAL],
    ['1.5', DECIMAL],
    ['01234', NOT_A_NUMBER],
    ['00', NOT_A_NUMBER],
    ['-01', NOT_A_NUMBER],
    ['+1', NOT_A_NUMBER],
    ['0x1F', NOT_A_NUMBER],
    ['1,5', NOT_A_NUMBER],
    ['1e', NOT_A_NUMBER],
  ])('tells what %s is', (text, expected) => {
    expect(kind(text)).toBe(expected);
  });

  it('agrees with integerValue on int64', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const text = Buffer.from(String(value));
        expect([INTEGER, BIG_INTEGER]).toContain(numberKind(text, 0, text.length));
        expect(integerValue(text, 0, text.length)).toBe(value);
      }),
      { numRuns: 2000, seed: 13 },
    );
  });
});
