import { describe, expect, it } from 'vitest';
import type { Drawn } from '../../../src/domain/calibration/draw-window.ts';
import { DrawnRelations } from '../../../src/domain/calibration/drawn-relations.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { numbers, texts } from '../../stats/columns.ts';

const PARTS = 20;
const ROWS = 200;
const parts = Array.from({ length: PARTS }, (_, p) => Int32Array.from({ length: ROWS }, (__, i) => p * ROWS + i));

const drawOf = (i: number): Drawn => {
  const part = parts[i % PARTS]!;
  const rest = Int32Array.from(parts.flatMap((other) => (other === part ? [] : [...other])));
  return { taken: part, rest, part, against: PARTS * ROWS, wanted: ROWS };
};

/** `weekly`: on every fifth part y follows x. */
function effects(weekly: boolean, count: number) {
  const random = xoshiro128(5);
  const x = Array.from({ length: PARTS * ROWS }, () => normalDeviate(random));
  const y = x.map((value, i) => (weekly && Math.floor(i / ROWS) % 5 === 2 ? value : normalDeviate(random)));
  const relations = new DrawnRelations(3);
  relations.add({ name: 'x', asCategory: false }, numbers(x));
  relations.add({ name: 'y', asCategory: false }, numbers(y));
  relations.add({ name: 'codes', asCategory: true }, numbers(x.map((value) => Math.round(value))));
  relations.add({ name: 'words', asCategory: false }, texts(x.map((value) => (value > 0 ? 'a' : 'b'))));
  return relations.effects({ parts, independent: PARTS, count, drawOf });
}

describe('how columns go together in drawn windows', () => {
  it('is what chance gives where nothing changes, and more where it has seasons', () => {
    const calm = effects(false, 60);
    expect(calm).toHaveLength(60);
    expect(calm[0]?.map(({ measure, column }) => [measure, column])).toEqual([
      ['rank_correlations/largest-change@2', 'x'],
      ['rank_correlations/largest-change@2', 'y'],
    ]);
    const largest = (windows: typeof calm) => windows.map((shown) => Math.max(...shown.map(({ ratio }) => ratio)));
    expect(largest(calm).filter((ratio) => ratio > 1).length).toBeLessThan(10);
    expect(largest(effects(true, 60)).map((ratio) => ratio > 4)).toEqual(
      Array.from({ length: 60 }, (_, i) => i % 5 === 2),
    );
  });

  it('is nothing where there are no two columns of numbers', () => {
    const relations = new DrawnRelations(1);
    relations.add({ name: 'x', asCategory: false }, numbers([1, 2, 3]));
    expect(relations.effects({ parts, independent: PARTS, count: 50, drawOf })).toEqual([]);
  });
});
