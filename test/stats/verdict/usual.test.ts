import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import {
  compareWithUsual,
  type EarlierValue,
  FEWEST_DEGREES,
  type UsualQuestion,
  usualOf,
} from '../../../src/stats/verdict/usual.ts';

const VOLUME = { sides: 'both', level: 0.001, ratio: 1.5, counted: true } as const;
const weeks = (count: number, of: (day: number, week: number) => number): EarlierValue[] =>
  Array.from({ length: 7 * count }, (_, i) => ({ value: of(i % 7, Math.floor(i / 7)), kind: String(i % 7) }));

describe('what is usual', () => {
  it('is said of a kind once it has come twice and all kinds tell how much windows differ', () => {
    const steady = (count: number) => weeks(count, (day) => 1000 * (1 + day));
    expect(usualOf(steady(2), '0')).toBeNull();
    expect(usualOf(steady(3), '6')).toMatchObject({ windows: 3, degrees: 14 });
    expect(Math.exp(usualOf(steady(3), '6')?.mean ?? 0)).toBeCloseTo(7000, 6);
    expect(usualOf(steady(3), 'another kind')).toBeNull();
    expect(FEWEST_DEGREES).toBeGreaterThan(7);
  });

  it('has a mean of each kind and one deviation of all, of logarithms, and looks at no value that has none', () => {
    const one = (value: number): EarlierValue => ({ value, kind: 'one' });
    const others = (count: number) => Array.from({ length: count }, () => ({ value: Math.E, kind: 'other' }));
    // Logarithms 0 and 2 about their mean; of the others none is away from theirs.
    const values = [one(1), one(Math.E ** 2), one(0), one(-3), ...others(8)];
    const found = usualOf(values, 'one');
    expect(found).toEqual({ mean: 1, windows: 2, deviation: expect.closeTo(Math.sqrt(2 / 8), 12), degrees: 8 });
    expect(usualOf(values, 'other')).toMatchObject({ mean: 1, windows: 8, degrees: 8 });
    expect(usualOf(values.slice(0, -1), 'one')).toBeNull();
    expect(usualOf([one(1), ...others(20)], 'one')).toBeNull();
    expect(usualOf([], 'one')).toBeNull();
  });

  it('holds the seasons apart: half of a Sunday is unusual, and on a Monday it is too', () => {
    const noise = xoshiro128(3);
    const usual = usualOf(
      weeks(5, (day) => (day === 6 ? 200 : 1000) * Math.exp(0.05 * normalDeviate(noise))),
      '6',
    );
    if (usual === null) throw new Error('five weeks say enough');
    expect(compareWithUsual(195, usual, VOLUME).unusual).toBe(false);
    expect(compareWithUsual(1000, usual, VOLUME)).toMatchObject({ unusual: true });
    expect(compareWithUsual(90, usual, VOLUME).unusual).toBe(true);
  });

  it('takes no small change for one that matters, and no chance of small counts for a change', () => {
    const steady = usualOf(
      weeks(4, () => 100_000),
      '0',
    );
    const few = usualOf(
      weeks(4, () => 4),
      '0',
    );
    if (steady === null || few === null) throw new Error('four weeks say enough');
    expect(compareWithUsual(120_000, steady, VOLUME)).toMatchObject({ unusual: false });
    expect(compareWithUsual(120_000, steady, VOLUME).p).toBeLessThan(1e-6);
    expect(compareWithUsual(9, few, VOLUME).unusual).toBe(false);
  });

  it('lies within the prediction interval of one more window, which Student’s t gives', () => {
    const usual = { mean: Math.log(100), windows: 4, deviation: 0.1, degrees: 10 };
    const question = { sides: 'both', level: 0.05, ratio: 1, counted: false } as const;
    const error = 0.1 * Math.sqrt(1.25);
    // Tables: 97.5 % and 95 % points with 10 degrees of freedom.
    const [both, above] = [100 * Math.exp(2.228138852 * error), 100 * Math.exp(1.812461123 * error)];
    const found = compareWithUsual(100, usual, question);
    expect(found).toEqual({
      expected: expect.closeTo(100, 10),
      low: expect.closeTo(10_000 / both, 6),
      high: expect.closeTo(both, 6),
      p: expect.closeTo(1, 12),
      unusual: false,
    });
    const of = (value: number, said: Partial<UsualQuestion> = {}) =>
      compareWithUsual(value, usual, { ...question, ...said });
    for (const value of [both, 10_000 / both]) expect(of(value).p).toBeCloseTo(0.05, 8);
    expect(of(both, { sides: 'above' })).toMatchObject({
      low: null,
      high: expect.closeTo(above, 6),
      p: expect.closeTo(0.025, 8),
    });
    expect(of(10_000 / both, { sides: 'above' })).toMatchObject({ p: expect.closeTo(0.975, 8), unusual: false });
    const verdicts = [both * 1.0001, both * 0.9999, 10_000 / both / 1.0001, 10_000 / both / 0.9999];
    expect(verdicts.map((value) => of(value).unusual)).toEqual([true, false, true, false]);
    // By less than the ratio that matters nothing is unusual.
    const wide = of(100, { ratio: 3 });
    expect([wide.low, wide.high]).toEqual([expect.closeTo(100 / 3, 10), expect.closeTo(300, 10)]);
    expect(of(0)).toMatchObject({ unusual: true, p: expect.any(Number) });
    expect(of(0).p).toBeLessThan(1e-10);
  });

  it('varies at least as a count does, where it is one', () => {
    const question = { sides: 'both', level: 0.05, ratio: 1, counted: true } as const;
    const expectAlike = (value: number, mean: number, deviation: number, counts: number) => {
      const usual = { mean, windows: 4, degrees: 10 };
      const counted = compareWithUsual(value, { ...usual, deviation }, question);
      const plain = compareWithUsual(value, { ...usual, deviation: counts }, { ...question, counted: false });
      expect(counted.high).toBeCloseTo(plain.high, 9);
      expect(counted.p).toBeCloseTo(plain.p, 12);
    };
    expectAlike(90, Math.log(100), 0.01, 0.1);
    expectAlike(90, Math.log(100), 0.2, 0.2);
    // Of less than one the variance is one.
    expectAlike(3, Math.log(0.2), 0.01, 1);
  });

  it('is certain where nothing ever varied', () => {
    const usual = { mean: 0, windows: 4, deviation: 0, degrees: 10 };
    const question = { sides: 'both', level: 0.05, ratio: 1.1, counted: false } as const;
    expect(compareWithUsual(1, usual, question)).toMatchObject({ p: 1, unusual: false });
    expect(compareWithUsual(1.05, usual, question)).toMatchObject({ p: 0, unusual: false });
    expect(compareWithUsual(1.2, usual, question)).toMatchObject({ p: 0, unusual: true });
  });

  it('looks at one side where the other is no trouble', () => {
    const lag = usualOf(
      weeks(2, (day) => 600 + day).map(({ value }) => ({ value, kind: '' })),
      '',
    );
    if (lag === null) throw new Error('fourteen windows say enough');
    const above = { sides: 'above', level: 0.001, ratio: 1, counted: false } as const;
    expect(compareWithUsual(1, lag, above)).toMatchObject({ low: null, unusual: false });
    expect(compareWithUsual(1, lag, above).p).toBeGreaterThan(0.99);
    expect(compareWithUsual(86_400, lag, above).unusual).toBe(true);
  });

  it('calls no more windows unusual than it says, where they differ by chance alone', () => {
    const random = xoshiro128(17);
    const draw = (mean: number): number => mean * Math.exp(0.3 * normalDeviate(random));
    let [unusual, all] = [0, 0];
    for (let year = 0; year < 400; year++) {
      const usual = usualOf(
        weeks(3, (day) => draw(1000 * (1 + day))),
        '2',
      );
      if (usual === null) throw new Error('three weeks say enough');
      for (let i = 0; i < 25; i++) {
        all++;
        if (compareWithUsual(draw(3000), usual, { ...VOLUME, level: 0.01 }).unusual) unusual++;
      }
    }
    // Windows of one history hang together, hence the room above 1 %.
    expect(unusual / all).toBeLessThan(0.016);
    expect(unusual / all).toBeGreaterThan(0.004);
  });
});
