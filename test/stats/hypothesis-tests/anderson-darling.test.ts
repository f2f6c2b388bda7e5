import { describe, expect, it } from 'vitest';
import { andersonDarling } from '../../../src/stats/hypothesis-tests/anderson-darling.ts';
import { MEASURE_VALUES, pairsWith, sorted } from '../measure-values.ts';
import { relativeError, setA } from '../samples.ts';

const numbers = (text: string): Float64Array => sorted(text.split(' ').map(Number));

describe('andersonDarling', () => {
  it('has SciPy’s statistic and interpolated p', () => {
    const kinds = new Set<string>();
    for (const { x, y, name, expected } of pairsWith('ad')) {
      const test = andersonDarling([x, y])!;
      expect(relativeError(test.statistic, expected.statistic), name).toBeLessThan(1e-9);
      expect(relativeError(test.interpolated, expected.p), name).toBeLessThan(1e-9);
      kinds.add(expected.p === 0.25 ? 'capped' : expected.p === 0.001 ? 'floored' : 'interpolated');
    }
    expect(kinds.size).toBe(3);
    const { reference, current } = setA();
    const test = andersonDarling([reference.sort(), current.sort()])!;
    expect(relativeError(test.statistic, MEASURE_VALUES.setA.ad)).toBeLessThan(1e-10);
    expect(relativeError(test.statistic, 11.435581851986456)).toBeLessThan(1e-10);
    expect(test.interpolated).toBe(0.001);
  });

  it('has the values of Scholz and Stephens for four laboratories', () => {
    const laboratories = [
      numbers('38.7 41.5 43.8 44.5 45.5 46.0 47.7 58.0'),
      numbers('39.2 39.3 39.7 41.4 41.8 42.9 43.3 45.8'),
      numbers('34.0 35.0 39.0 40.0 43.0 43.0 44.0 45.0'),
      numbers('34.0 34.8 34.8 35.4 37.2 37.8 41.2 42.8'),
    ];
    const test = andersonDarling(laboratories)!;
    expect(test.statistic).toBeCloseTo(4.48, 3);
    expect(Math.abs(test.p - 0.0021)).toBeLessThan(0.0002);
    expect(andersonDarling(laboratories.slice(0, 2))!.p).toBeCloseTo(0.0635, 3);
  });

  it('goes on where the table of critical points ends, without turning back', () => {
    const x = Float64Array.from({ length: 200 }, (_, i) => i);
    let last = 1;
    for (let shift = 0; shift < 400; shift += 2) {
      const { p, interpolated } = andersonDarling([x, x.map((v) => v + shift + 0.5)])!;
      expect(p).toBeLessThanOrEqual(last);
      if (interpolated > 0.001 && interpolated < 0.25) expect(p).toBe(interpolated);
      last = p;
    }
    // SciPy's p stops at 0.25; that of samples which agree well is near 1.
    expect(andersonDarling([x, x.map((v) => v + 0.5)])).toMatchObject({ interpolated: 0.25 });
    expect(andersonDarling([x, x.map((v) => v + 0.5)])!.p).toBeGreaterThan(0.99);
    expect(last).toBeLessThan(1e-60);
    expect(last).toBeGreaterThan(0);
  });

  it('stops where the table does for more than two samples', () => {
    const x = Float64Array.from({ length: 40 }, (_, i) => i);
    const moved = (by: number) => x.map((v) => v + by);
    const [alike, apart] = [andersonDarling([x, moved(0.3), moved(0.6)])!, andersonDarling([x, moved(50), moved(99)])!];
    expect([alike.p, alike.interpolated]).toEqual([0.25, 0.25]);
    expect([apart.p, apart.interpolated]).toEqual([0.001, 0.001]);
  });

  it('cannot be had without rows or without different values', () => {
    expect(andersonDarling([Float64Array.of(1, 1), Float64Array.of(1, 1, 1)])).toBeNull();
    expect(andersonDarling([Float64Array.of(1, 2, 3, 4), Float64Array.of()])).toBeNull();
    expect(andersonDarling([Float64Array.of(1), Float64Array.of(2, 3)])).toBeNull();
    expect(andersonDarling([Float64Array.of(1, 2, 3, 4)])).toBeNull();
    expect(andersonDarling([Float64Array.of(1, 2), Float64Array.of(3, 4)])).not.toBeNull();
  });
});
