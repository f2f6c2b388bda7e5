import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTable } from '../../../src/formats/table-reader.ts';
import type { Column } from '../../../src/stats/column.ts';
import { binaryPerformance } from '../../../src/stats/performance/binary-classification.ts';
import {
  type EstimatedName,
  estimateBinary,
  type ScoredPredictions,
} from '../../../src/stats/performance/confidence-based-estimation.ts';
import { calibrate, neededCalibration } from '../../../src/stats/performance/isotonic-calibration.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

const DATA = new URL('../../../../shared/data/census-employment-ma/', import.meta.url);
const METRICS = ['roc_auc', 'f1', 'accuracy', 'precision', 'recall', 'specificity'] as const;

type Chunk = { readonly start: number; readonly end: number } & Readonly<
  Record<(typeof METRICS)[number], { estimated: number; sampling_error: number; realised: number }>
>;

/** What NannyML says; written by test/fixtures/stats/generate_performance_nannyml.py, so its shape is known. */
const NANNYML: { readonly calibrated: boolean; readonly chunks: readonly Chunk[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/performance-nannyml.json', import.meta.url), 'utf8'),
);

async function numbers(file: string, names: readonly string[]): Promise<Float64Array[]> {
  const table = await openTable(new URL(file, DATA).pathname, { name: file, memoryBytes: 2 ** 28 });
  const parts: number[][] = names.map(() => []);
  for await (const batch of table.batches(names)) {
    batch.columns.forEach((column: Column, i) => {
      if (column.kind === 'number') for (const value of column.values) parts[i]?.push(value);
    });
  }
  await table.close();
  return parts.map((part) => Float64Array.from(part));
}

describe.skipIf(!existsSync(DATA))('the census against NannyML (skipped without ../shared/data)', () => {
  let given: ScoredPredictions;
  let labels: Float64Array;
  let calibrated = false;
  beforeAll(async () => {
    const [scores, known] = await numbers('reference.parquet', ['predicted_probability', 'employed']);
    const calibration = neededCalibration({ scores: scores!, labels: known! });
    calibrated = calibration !== null;
    const [ids, own, predictions] = await numbers('analysis.parquet', ['id', 'predicted_probability', 'prediction']);
    const [labelIds, truth] = await numbers('analysis_target.parquet', ['id', 'employed']);
    const byId = new Map(Array.from(labelIds!, (id, i) => [id, truth![i]!]));
    labels = ids!.map((id) => byId.get(id) ?? Number.NaN);
    const probabilities = calibration === null ? own! : own!.map((score) => calibrate(calibration, score));
    given = { scores: own!, probabilities, predictions: predictions! };
  });

  const chunkOf = ({ start, end }: Chunk) => {
    const part = (values: ArrayLike<number>) => Float64Array.from(values).slice(start, end);
    return {
      scores: part(given.scores),
      probabilities: part(given.probabilities),
      predictions: part(given.predictions!),
    };
  };

  it('calibrates where NannyML does', () => {
    expect(calibrated).toBe(NANNYML.calibrated);
  });

  it('realises the same values to 1e-9', () => {
    for (const chunk of NANNYML.chunks) {
      const { scores, predictions } = chunkOf(chunk);
      const { metrics } = binaryPerformance({ labels: labels.slice(chunk.start, chunk.end), scores, predictions });
      for (const name of METRICS) expect(Math.abs(metrics[name].value! - chunk[name].realised)).toBeLessThan(1e-9);
    }
  });

  it('estimates the same values, and bands that hold the truth about as often as they say', () => {
    const worst: Partial<Record<EstimatedName, number>> = {};
    let [inside, all] = [0, 0];
    for (const chunk of NANNYML.chunks) {
      const found = estimateBinary(chunkOf(chunk), { random: xoshiro128(2), referenceErrors: {} });
      for (const name of METRICS) {
        worst[name] = Math.max(worst[name] ?? 0, Math.abs(found[name].value! - chunk[name].estimated));
        inside += Number(chunk[name].realised >= found[name].low! && chunk[name].realised <= found[name].high!);
        all++;
      }
    }
    for (const name of METRICS) expect(worst[name]).toBeLessThan(1e-8);
    // The years brought a little concept drift, which no estimate without labels can see.
    expect(inside / all).toBeGreaterThan(0.7);
  });
});
