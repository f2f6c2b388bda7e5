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

describe('the calibration that scores need', () => {
  type Scored = { readonly scores: number[]; readonly labels: number[] };

  const only = ({ scores, labels }: Scored, keep: (row: number) => boolean): Scored => ({
    scores: scores.filter((_, row) => keep(row)),
    labels: labels.filter((_, row) => keep(row)),
  });

  /** Mean distance of scores and labels in ten bins of equally many rows along the scores. */
  function errorOf({ scores, labels }: Scored): number {
    const order = scores.map((_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
    return Array.from({ length: 10 }, (_, bin) => {
      const part = order.slice(Math.floor((bin * order.length) / 10), Math.floor(((bin + 1) * order.length) / 10));
      return Math.abs(part.reduce((sum, row) => sum + scores[row]! - labels[row]!, 0));
    }).reduce((sum, gap) => sum + gap / order.length, 0);
  }

  /** Whether each tenth of each class, calibrated by the other nine, has a smaller error than the scores as they are. */
  function isNeeded(scored: Scored): boolean {
    const { scores, labels } = scored;
    const order = scores.map((_, row) => row).sort((a, b) => scores[a]! - scores[b]!);
    const fold = new Map<number, number>();
    for (const label of [0, 1]) {
      for (const [place, row] of order.filter((one) => labels[one] === label).entries()) fold.set(row, place % 10);
    }
    const calibrated = scores.map((score, row) =>
      calibrate(fitIsotonic(only(scored, (other) => fold.get(other) !== fold.get(row))), score),
    );
    return errorOf({ scores: calibrated, labels }) < errorOf(scored);
  }

  const drawn = (seed: number, rows: number, wrong: number): Scored => {
    const random = xoshiro128(seed);
    const scores = Array.from({ length: rows }, () => Math.round(40 * random()) / 40);
    return { scores, labels: scores.map((score) => Number(random() < score + wrong * (score - 0.5) * (1 - score))) };
  };

  it('is that of all rows, where it makes those better that it did not learn from', () => {
    const found = Array.from({ length: 24 }, (_, seed) => {
      const scored = drawn(seed, 53 + seed, (seed % 4) - 1);
      const needed = neededCalibration(scored);
      expect(needed !== null, String(seed)).toBe(isNeeded(scored));
      if (needed !== null) expect(needed).toEqual(fitIsotonic(scored));
      return needed === null;
    });
    expect(new Set(found)).toEqual(new Set([true, false]));
  });

  it('is learnt of ten rows of each class or more', () => {
    const turned = (hits: number, misses: number): Scored => ({
      scores: [...Array.from({ length: hits }, () => 0.1), ...Array.from({ length: misses }, () => 0.9)],
      labels: [...Array.from({ length: hits }, () => 1), ...Array.from({ length: misses }, () => 0)],
    });
    // Turned scores are all pooled to one probability.
    expect(neededCalibration(turned(10, 10))?.probabilities).toEqual(Float64Array.of(0.5, 0.5));
    expect(neededCalibration(turned(9, 40))).toBeNull();
    expect(neededCalibration(turned(40, 9))).toBeNull();
  });

  it('is that of scores that are no probabilities, on either side, however few', () => {
    for (const scores of [
      [-0.1, 0.5, 1],
      [0, 0.5, 1.1],
    ]) {
      const scored = { scores, labels: [0, 1, 1] };
      expect(neededCalibration(scored)).toEqual(fitIsotonic(scored));
    }
    expect(neededCalibration({ scores: [0, 0.5, 1], labels: [0, 1, 1] })).toBeNull();
  });
});

describe('a fit', () => {
  it('is the rising steps that are nearest to the labels', () => {
    const random = xoshiro128(9);
    const scores = Array.from({ length: 40 }, () => Math.floor(12 * random()));
    const labels = scores.map((score) => Number(random() < score / 12));
    const fitted = fitIsotonic({ scores, labels });
    // The largest of all means from a score down to a lower one, of the smallest up to a higher one (min-max formula).
    const meanOf = (from: number, to: number): number => {
      const rows = labels.filter((_, i) => scores[i]! >= from && scores[i]! <= to);
      return rows.reduce((sum, label) => sum + label, 0) / rows.length;
    };
    const known = [...new Set(scores)].sort((a, b) => a - b);
    for (const score of known) {
      const lower = known.filter((one) => one <= score);
      const higher = known.filter((one) => one >= score);
      const expected = Math.max(...lower.map((from) => Math.min(...higher.map((to) => meanOf(from, to)))));
      expect(calibrate(fitted, score)).toBeCloseTo(expected, 12);
    }
    expect([...fitted.scores]).toEqual([...fitted.scores.toSorted()]);
    expect([...fitted.probabilities]).toEqual([...fitted.probabilities.toSorted()]);
  });

  it('has one point for a step of one score, and none of no rows', () => {
    expect(fitIsotonic({ scores: [1, 2, 2, 3], labels: [0, 0, 1, 1] })).toEqual({
      scores: Float64Array.of(1, 2, 3),
      probabilities: Float64Array.of(0, 0.5, 1),
    });
    // Equal means are one step, of which the ends are kept.
    expect(fitIsotonic({ scores: [1, 2, 3, 4], labels: [0, 0, 0, 1] })).toEqual({
      scores: Float64Array.of(1, 3, 4),
      probabilities: Float64Array.of(0, 0, 1),
    });
    const none = fitIsotonic({ scores: [], labels: [] });
    expect(none).toEqual({ scores: new Float64Array(0), probabilities: new Float64Array(0) });
    expect(calibrate(none, 0.3)).toBe(0.3);
  });

  it('gives each of its points the probability that it has there', () => {
    const random = xoshiro128(11);
    const scores = Array.from({ length: 400 }, () => random());
    const fitted = fitIsotonic({ scores, labels: scores.map((score) => Number(random() < score)) });
    expect(Array.from(fitted.scores, (score) => calibrate(fitted, score))).toEqual([...fitted.probabilities]);
  });
});
