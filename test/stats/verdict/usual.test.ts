import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { studentTwoSidedQuantile, studentTwoSidedTail } from '../../../src/stats/special/student-t.ts';
import { compareWithUsual, type EarlierValue, FEWEST_DEGREES, usualOf } from '../../../src/stats/verdict/usual.ts';

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

describe("Student's quantile", () => {
  it('is where the tail is what was asked for', () => {
    for (const df of [1, 8, 14, 200]) {
      for (const tail of [0.5, 0.05, 0.001, 1e-9]) {
        expect(studentTwoSidedTail(studentTwoSidedQuantile(tail, df), df) / tail).toBeCloseTo(1, 9);
      }
    }
    // Tables: 97.5 % point with 8 degrees of freedom.
    expect(studentTwoSidedQuantile(0.05, 8)).toBeCloseTo(2.306004, 6);
  });
});
