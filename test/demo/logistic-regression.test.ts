import { describe, expect, it } from 'vitest';
import { train } from '../../src/demo/employment-model.ts';
import { type Example, fitLogistic, probability } from '../../src/demo/logistic-regression.ts';
import { decide } from '../../src/demo/training-file.ts';

const RIDGE = 1;
const example = (active: number[], number = 0): Example => ({ active: Int32Array.from(active), number });
const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
const logistic = (z: number) => 1 / (1 + Math.exp(-z));

/** The root of a falling function by bisection. */
function rootOf(f: (x: number) => number): number {
  let [low, high] = [-30, 30];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (f(middle) > 0) low = middle;
    else high = middle;
  }
  return low;
}

describe('logistic regression', () => {
  it('with an intercept alone solves n(ȳ - p) = λb', () => {
    const labels = Uint8Array.from([...repeat(30, 1), ...repeat(70, 0)]);
    const model = fitLogistic(repeat(100, example([])), labels, 0);
    const intercept = rootOf((b) => 30 - 100 * logistic(b) - RIDGE * b);
    expect(model.weights[2]).toBeCloseTo(intercept, 9);
    expect(model.weights[0]).toBe(0);
    expect(probability(model, example([]))).toBeCloseTo(logistic(intercept), 9);
  });

  it('leaves no gradient of the penalized likelihood', () => {
    const examples = Array.from({ length: 60 }, (_, i) => example([i % 3, 3 + (i % 2)], (i - 30) / 20));
    const labels = Uint8Array.from(examples, (_, i) => ((i * i) % 7 < 3 ? 1 : 0));
    const model = fitLogistic(examples, labels, 5);
    const gradient = model.weights.map((weight) => -RIDGE * weight);
    examples.forEach((row, i) => {
      const error = (labels[i] ?? 0) - probability(model, row);
      const terms: [number, number][] = [...row.active].map((input) => [input, 1]);
      terms.push([5, row.number], [6, row.number ** 2], [7, 1]);
      for (const [input, value] of terms) gradient[input] = (gradient[input] ?? 0) + error * value;
    });
    for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(1e-8);
  });

  it('stays finite where the classes can be separated, and separates them', () => {
    const examples = [...repeat(50, example([0], 1)), ...repeat(50, example([1], -1))];
    const labels = Uint8Array.from([...repeat(50, 1), ...repeat(50, 0)]);
    const model = fitLogistic(examples, labels, 2);
    expect([...model.weights].every(Number.isFinite)).toBe(true);
    // The classes mirror each other, so their weights do and the intercept is nothing.
    expect(model.weights[0]).toBeCloseTo(-(model.weights[1] ?? 0), 9);
    expect(model.weights[4]).toBeCloseTo(0, 9);
    const high = probability(model, example([0], 1));
    expect(high).toBeGreaterThan(0.95);
    expect(probability(model, example([1], -1))).toBeCloseTo(1 - high, 9);
  });

  it('gives a category that never came no say', () => {
    const labels = Uint8Array.of(1, 0, 1, 0);
    const model = fitLogistic(repeat(4, example([0])), labels, 2);
    expect(model.weights[1]).toBe(0);
    expect(probability(model, example([0]))).toBeCloseTo(0.5, 12);
  });
});

describe('the employment model', () => {
  const rows = Array.from({ length: 200 }, (_, i) => ({
    features: { AGEP: 20 + (i % 50), SCHL: i % 2 === 0 ? '21' : '16' },
    employed: i % 2 === 0 ? (1 as const) : (0 as const),
    askedAt: null,
  }));

  it('learns what tells the employed apart, and knows what it has not seen', () => {
    const model = train(rows);
    expect(decide(model.score({ AGEP: 30, SCHL: '21' }))).toBe(1);
    expect(decide(model.score({ AGEP: 30, SCHL: '16' }))).toBe(0);
    for (const features of [{ AGEP: 99, SCHL: 'new' }, { AGEP: null, SCHL: null }, {}]) {
      const score = model.score(features);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(1);
      expect(Math.round(score * 1e6) / 1e6).toBe(score);
    }
    expect(train(rows).score({ AGEP: 41, SCHL: '21' })).toBe(model.score({ AGEP: 41, SCHL: '21' }));
  });

  it('decides for employment from one half on', () => {
    expect([0, 0.499999, 0.5, 1].map(decide)).toEqual([0, 0, 1, 1]);
  });
});
