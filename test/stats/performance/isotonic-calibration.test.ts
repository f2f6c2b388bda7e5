import { describe, expect, it } from 'vitest';
import { calibrate, fitIsotonic, neededCalibration } from '../../../src/stats/performance/isotonic-calibration.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

describe('isotonic calibration', () => {
  it('pools violators, equal scores first, and is linear between', () => {
    const scores = [0.1, 0.2, 0.2, 0.4, 0.5, 0.9];
    const calibration = fitIsotonic({ scores, labels: [0, 1, 0, 0, 1, 1] });
    // 0.2 has a mean of 1/2 and 0.4 one of 0: together 1/3.
    expect(scores.map((score) => calibrate(calibration, score))).toEqual([0, 1 / 3, 1 / 3, 1 / 3, 1, 1]);
    expect(calibrate(calibration, 0.15)).toBeCloseTo(1 / 6, 12);
    expect(calibrate(calibration, 0.3)).toBeCloseTo(1 / 3, 12);
    expect([-1, 2].map((score) => calibrate(calibration, score))).toEqual([0, 1]);
  });

  const drawn = (probability: (score: number) => number) => {
    const random = xoshiro128(3);
    const scores = Array.from({ length: 5000 }, () => random());
    return { scores, labels: scores.map((score) => Number(random() < probability(score))) };
  };

  it('leaves alone what is right, hardly moves what is nearly so, and mends what is not', () => {
    const labels = Array.from({ length: 100 }, (_, i) => i % 2);
    expect(neededCalibration({ scores: labels, labels })).toBeNull();
    const near = neededCalibration(drawn((score) => score));
    const at = (score: number): number => (near === null ? score : calibrate(near, score));
    for (const score of [0.1, 0.3, 0.5, 0.7, 0.9]) expect(Math.abs(at(score) - score)).toBeLessThan(0.06);
    const mended = neededCalibration(drawn((score) => score ** 3));
    expect(calibrate(mended!, 0.5)).toBeCloseTo(0.125, 1);
  });

  it('always maps scores that are no probabilities, and cannot learn from one class', () => {
    const { scores, labels } = drawn((score) => score);
    expect(neededCalibration({ scores: scores.map((score) => 4 * score - 2), labels })).not.toBeNull();
    expect(neededCalibration({ scores, labels: labels.map(() => 1) })).toBeNull();
    expect(neededCalibration({ scores: [], labels: [] })).toBeNull();
  });
});
