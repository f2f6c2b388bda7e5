import { readFileSync } from 'node:fs';
import { GOLDEN, PLASTIC, weyl } from '../samples.ts';

/** Outcomes that any language rebuilds to the same bits. Twin: test/fixtures/stats/generate_performance.py. */

const series = (n: number, alpha: number): number[] => Array.from({ length: n }, (_, i) => weyl(i + 1, alpha));

export function binaryOutcomes() {
  const u = series(400, GOLDEN);
  const v = series(400, PLASTIC);
  const scores = u.map((x) => (Math.floor(x * 50) / 50) * 0.96 + 0.02);
  return {
    labels: u.map((x, i) => Number(0.55 * x + 0.45 * v[i]! > 0.55)),
    predictions: scores.map((score) => Number(score >= 0.5)),
    scores,
  };
}

export function multiclassOutcomes() {
  const raw = [2, 3, 5].map((prime) => series(500, Math.sqrt(prime)).map((x) => x + 0.1));
  const noise = [7, 11, 13].map((prime) => series(500, Math.sqrt(prime)));
  const sum = raw[0]!.map((x, i) => x + raw[1]![i]! + raw[2]![i]!);
  const scores = raw.map((ofClass) => Float64Array.from(ofClass, (x, i) => x / sum[i]!));
  const highest = (of: (code: number, row: number) => number): Int32Array =>
    Int32Array.from(sum, (_, row) =>
      [0, 1, 2].reduce((best, code) => (of(code, row) > of(best, row) ? code : best), 0),
    );
  return {
    classes: 3,
    labels: highest((code, row) => raw[code]![row]! + noise[code]![row]!),
    predictions: highest((code, row) => scores[code]![row]!),
    scores,
  };
}

export function regressionOutcomes() {
  const v = series(300, PLASTIC);
  const labels = series(300, GOLDEN).map((x) => 1 + 9 * x);
  return { labels, predictions: labels.map((label, i) => label * (0.8 + 0.5 * v[i]!)) };
}

export function rankingOutcomes() {
  const labels = Float64Array.from(series(600, GOLDEN), (x) => Math.floor(x ** 2 * 4));
  const v = series(600, PLASTIC);
  return {
    queries: Int32Array.from(labels.keys(), (row) => Math.floor(row / 15)),
    labels,
    scores: labels.map((label, i) => Math.floor(((0.3 * label) / 3 + 0.7 * v[i]!) * 20)),
  };
}

type Entry = { readonly values: Record<string, number>; readonly errors: Record<string, number> };

/** What scikit-learn says; written by test/fixtures/stats/generate_performance.py, so its shape is known. */
export const EXPECTED: Readonly<Record<'binary' | 'multiclass' | 'regression' | 'ranking', Entry>> = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/performance-values.json', import.meta.url), 'utf8'),
);
