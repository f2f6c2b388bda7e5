import { describe, expect, it } from 'vitest';
import type { CategoryProfile } from '../../../src/stats/profile.ts';
import {
  addText,
  decodeRegisters,
  emptyRegisters,
  encodeRegisters,
  estimateDistinct,
} from '../../../src/stats/summaries/hyperloglog.ts';
import { mergeCategories } from '../../../src/stats/summaries/merge-categories.ts';
import { profileOf, texts } from '../columns.ts';

const profile = (...values: (string | null)[]) => profileOf({ x: texts(values) }).columns[0] as CategoryProfile;

/** As of all rows of these parts. */
function merge(
  parts: readonly CategoryProfile[],
  { type = 'text', mixed = false }: { type?: 'text' | 'boolean'; mixed?: boolean } = {},
) {
  const sum = (of: (part: CategoryProfile) => number) => parts.reduce((all, part) => all + of(part), 0);
  const common = {
    name: 'x',
    types: [type],
    rows: sum(({ rows }) => rows),
    nulls: sum(({ nulls }) => nulls),
    absent: 0,
  };
  return mergeCategories({ kind: 'category', type, ...common }, parts, mixed);
}

const registersOf = (...values: string[]) => {
  const registers = emptyRegisters();
  for (const text of values) addText(registers, text);
  return encodeRegisters(registers);
};

describe('parts of a column of texts', () => {
  const parts = () => [profile('a', '', 'bbb', null), profile('bbb', 'bbb', null, 'cc', '')];

  it('are that of all their rows', () => {
    const found = merge(parts());
    expect(found).toEqual(profile('a', '', 'bbb', null, 'bbb', 'bbb', null, 'cc', ''));
    expect(found).toMatchObject({ empty: 2, lengths: { min: 0, max: 3, mean: 12 / 7 }, distinct: { value: 4 } });
    expect(merge([profile(null)]).lengths).toBeNull();
    expect(merge([profile(null), profile('bb')]).lengths).toEqual({ min: 2, mean: 2, max: 2 });
    expect(merge([profile('aa', 'a', null), profile('bbbb')]).lengths).toEqual({ min: 1, max: 4, mean: 7 / 3 });
  });

  it('have the lengths of all, also of booleans, which are texts beside others', () => {
    const flags = profileOf({ x: texts(['false', 'true', 'true', null], 'boolean') }).columns[0] as CategoryProfile;
    expect(merge([flags, profile('ab', null)]).lengths).toEqual({ min: 2, mean: (5 + 4 + 4 + 2) / 4, max: 5 });
    expect(merge([profile('abcdefg'), flags]).lengths).toEqual({ min: 4, mean: (5 + 4 + 4 + 7) / 4, max: 7 });
  });

  it('have no lengths where a part of mixed kinds has none', () => {
    const mixed = merge([profile('a'), profile('1')], { mixed: true });
    expect(merge([mixed, profile('abc')]).lengths).toBeNull();
    expect(merge([profile('abc'), mixed]).lengths).toBeNull();
  });

  it('have no lengths and no shapes where kinds are mixed, or of booleans', () => {
    for (const found of [merge(parts(), { mixed: true }), merge(parts(), { type: 'boolean' })]) {
      expect(found).toMatchObject({ lengths: null, shapes: null, empty: 2 });
    }
  });

  it('may have more rows of a text than are listed', () => {
    const whole = profile('a', 'a', 'a', 'b', 'c');
    const short: CategoryProfile = {
      ...whole,
      top: { ...whole.top, values: [{ value: 'a', count: 3 }], rest: 2, complete: false, error: 0, unlisted: 1 },
      distinct: { ...whole.distinct, registers: registersOf('a', 'b', 'c') },
    };
    const found = merge([short, profile('b', 'b', 'b', 'd')]);
    // Of any text one row may be missing, and 'd' is met once.
    expect(found.top).toMatchObject({ method: 'misra-gries/4096@1', complete: false, error: 1, rest: 3 });
    expect(found.top.values).toEqual([
      { value: 'a', count: 3 },
      { value: 'b', count: 3 },
    ]);
    expect(found.distinct).toMatchObject({
      method: 'hyperloglog/p14@1',
      value: 4,
      registers: registersOf('a', 'b', 'c', 'd'),
    });
    const unsure = { ...short, top: { ...short.top, error: 2, unlisted: 0 } };
    expect(merge([unsure, profile('b')]).top.error).toBe(2);
    const few = { ...short, top: { ...short.top, error: 0, unlisted: 9 } };
    expect(merge([few, profile('b')]).top.error).toBe(2);
  });

  it('have registers where not all are listed, of those that list all theirs as well', () => {
    const many = (from: number) => profile(...Array.from({ length: 60 }, (_, i) => `${from + i}`.padStart(1000, '-')));
    const [one, other] = [many(0), many(60)];
    expect([one.top.complete, one.distinct.registers]).toEqual([true, null]);
    const both = merge([one, other]);
    // 120 texts of a thousand characters are more than a profile lists, and exactly counted.
    expect(both).toMatchObject({ top: { complete: false }, distinct: { method: 'exact@1', value: 120 } });
    const listed = [one, other].flatMap(({ top }) => top.values.map(({ value }) => String(value)));
    expect(decodeRegisters(both.distinct.registers!)).toEqual(decodeRegisters(registersOf(...listed)));
  });

  it('have no more different texts than rows with one', () => {
    const part = (from: number, n: number) =>
      profile(...Array.from({ length: n }, (_, i) => `t${from + i}`), null, null);
    const estimates = [2_100, 2_200, 2_300, 2_400, 2_500].map((n) => {
      const { distinct } = merge([part(0, n), part(n, n)]);
      const estimate = estimateDistinct(decodeRegisters(distinct.registers!));
      expect(distinct.value, String(n)).toBe(Math.min(2 * n, estimate));
      return estimate - 2 * n;
    });
    expect(Math.max(...estimates)).toBeGreaterThan(0);
  });
});
