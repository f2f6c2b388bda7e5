import { describe, expect, it } from 'vitest';
import type { CategoryProfile, NumberProfile, TopValues } from '../../../src/stats/profile.ts';
import { cumulativeBounds } from '../../../src/stats/summaries/cumulative-bounds.ts';
import { missingNumbers, numberCells, textCells, unseenBounds } from '../../../src/stats/verdict/profile-cells.ts';
import { numbers, profileOf, texts } from '../columns.ts';
import { between, cumulativeSteps, known } from '../cumulative-steps.ts';

const profileOfNumbers = (values: readonly (number | null)[]) =>
  profileOf({ x: numbers(values) }).columns[0] as NumberProfile;
const profileOfTexts = (values: readonly (string | null)[]) =>
  profileOf({ x: texts(values) }).columns[0] as CategoryProfile;
const exactly = (share: number) => ({ lower: share, value: share, upper: share });
const near = (shares: readonly number[]) =>
  shares.map((share) => ({
    lower: expect.closeTo(share, 12),
    value: expect.closeTo(share, 12),
    upper: expect.closeTo(share, 12),
  }));

describe('the shares of numbers on the edges of a profile', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

  it('are of all rows: below, closed on the right, above, and missing', () => {
    const profile = profileOfNumbers([-inf, -1, 0, 0.5, 1, 1, 2, 3, 4, null, nan, null]);
    expect(missingNumbers(profile)).toBe(3);
    const cells = numberCells(profile, [0, 1, 2, 3], cumulativeBounds(profile));
    expect(cells).toEqual(near([2, 4, 1, 1, 1, 3].map((count) => count / 12)));
  });

  it('are bounded where the distribution is', () => {
    const profile = profileOfNumbers([1, 2, 3, 4, null]);
    const bounds = cumulativeSteps(4, {
      0: [between(0.1, 0.2, 0.3), between(0.2, 0.3, 0.35)],
      1: [between(0.2, 0.3, 0.4), between(0.5, 0.6, 0.7)],
    });
    const [below, first, above, missing] = numberCells(profile, [0, 1], bounds);
    const of = (lower: number, value: number, upper: number) => ({
      lower: expect.closeTo(0.8 * lower, 12),
      value: expect.closeTo(0.8 * value, 12),
      upper: expect.closeTo(0.8 * upper, 12),
    });
    // What is below 0; from there through 1; what is left above 1; and a fifth without a number.
    expect(below).toEqual(of(0.1, 0.2, 0.3));
    expect(first).toEqual(of(0.2, 0.4, 0.6));
    expect(above).toEqual(of(0.3, 0.4, 0.5));
    expect(missing).toEqual(exactly(0.2));
    // A share is no less than nothing, whatever its ends leave open.
    const open = cumulativeSteps(4, { 0: [known(0.4), known(0.4)], 1: [known(0.4), between(0.3, 0.35, 0.9)] });
    expect(numberCells(profileOfNumbers([1, 2, 3, 4]), [0, 1], open)[1]).toEqual({
      lower: 0,
      value: 0,
      upper: expect.closeTo(0.5, 12),
    });
  });

  it('are one cell without edges, and nothing without numbers or rows', () => {
    const some = profileOfNumbers([1, 2, null, null]);
    expect(numberCells(some, [], cumulativeBounds(some))).toEqual([exactly(0.5), exactly(0.5)]);
    const none = profileOfNumbers([null, nan]);
    expect(numberCells(none, [0, 1], cumulativeBounds(none))).toEqual([exactly(0), exactly(0), exactly(0), exactly(1)]);
    const empty = profileOfNumbers([]);
    expect(numberCells(empty, [0, 1], cumulativeBounds(empty))).toEqual([0, 0, 0, 0].map(exactly));
  });
});

describe('the counts of texts of two profiles', () => {
  it('are of every text of either side where both list all of theirs', () => {
    const [r, w] = [profileOfTexts(['b', 'a', 'a', null]), profileOfTexts(['c', 'a', 'c', null, null])];
    expect(textCells(r, w)).toEqual({
      labels: ['a', 'b', 'c', 'missing'],
      r: [2, 1, 0, 1],
      w: [1, 0, 2, 2],
      exact: true,
      others: 0,
    });
  });

  it('are in the order of the texts, whichever is more frequent', () => {
    const [r, w] = [profileOfTexts(['c', 'c', 'b']), profileOfTexts(['a', 'c'])];
    expect(textCells(r, w)).toMatchObject({ labels: ['a', 'b', 'c', 'missing'], r: [0, 1, 2, 0], w: [1, 0, 1, 0] });
  });

  it('are of the texts that both list, and of the others together, where one does not list all', () => {
    const [r, w] = [
      profileOfTexts(['b', 'a', 'a', null]),
      profileOfTexts(['c', 'a', 'c', 'c', null, null, null, null]),
    ];
    const short: CategoryProfile = { ...w, top: { ...w.top, complete: false } };
    // One of four rows and three of eight are in the cell of the others.
    const expected = { labels: ['a', 'others', 'missing'], exact: false, others: (1 / 4 + 3 / 8) / 2 };
    expect(textCells(r, short)).toEqual({ ...expected, r: [2, 1, 1], w: [1, 3, 4] });
    expect(textCells(short, r)).toEqual({ ...expected, r: [1, 3, 4], w: [2, 1, 1] });
    const nothing: CategoryProfile = { ...profileOfTexts([]), top: { ...r.top, values: [], complete: false } };
    expect(textCells(nothing, r).others).toBe(3 / 4 / 2);
  });

  it('are not the data’s own where a count may be short', () => {
    const [r, w] = [profileOfTexts(['a', 'b']), profileOfTexts(['a'])];
    const unsure: CategoryProfile = { ...w, top: { ...w.top, error: 1 } };
    expect([textCells(r, w).exact, textCells(r, unsure).exact, textCells(unsure, r).exact]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('rows of texts that the reference does not have', () => {
  const listed = (counts: Readonly<Record<string, number>>, more: Partial<TopValues> = {}): TopValues => ({
    ...{ method: 'exact@1', rest: 0, complete: true, error: 0, unlisted: 0, reason: null },
    values: Object.entries(counts).map(([value, count]) => ({ value, count })),
    ...more,
  });
  const reference = listed({ a: 9, b: 8, c: 7, d: 6 });

  it('are counted where all texts are listed', () => {
    expect(unseenBounds(reference, listed({ a: 60, e: 30, f: 10 }))).toEqual({ lower: 40, value: 40, upper: 40 });
    expect(unseenBounds(reference, listed({ a: 1, b: 2 }))).toEqual({ lower: 0, value: 0, upper: 0 });
    expect(unseenBounds(listed({}), listed({ a: 3 }))).toEqual({ lower: 3, value: 3, upper: 3 });
  });

  it('lie between bounds where some are not: those known that are not listed may have as many rows as they can', () => {
    const part = (rest: number, unlisted: number, error = 0) =>
      unseenBounds(reference, listed({ a: 60, e: 30 }, { complete: false, rest, unlisted, error }));
    // Of b, c and d there may be three rows each, and of a two more than are listed.
    expect(part(40, 3)).toEqual({ lower: 30 + 40 - 9, value: 65.5, upper: 70 });
    expect(part(40, 3, 2)).toEqual({ lower: 30 + 40 - 9 - 2, value: 64.5, upper: 70 });
    expect(part(5, 3)).toEqual({ lower: 30, value: 32.5, upper: 35 });
  });

  it('are not known where the reference does not list all of its own, or counts them short', () => {
    expect(unseenBounds({ ...reference, complete: false }, reference)).toBeNull();
    expect(unseenBounds({ ...reference, error: 1 }, reference)).toBeNull();
  });

  it('are known by what is said of them, whatever their kind', () => {
    const one = listed({ '1': 4 });
    expect(unseenBounds({ ...one, values: [{ value: 1, count: 4 }] }, one)?.upper).toBe(0);
    expect(unseenBounds(one, { ...one, values: [{ value: 1, count: 4 }] })?.upper).toBe(0);
  });
});
