import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { profileKept, readCompared, readKept, releaseCompared } from '../../../src/domain/profile/kept-columns.ts';
import { ColumnSpill } from '../../../src/formats/columns/column-spill.ts';
import type { Column, NumberColumn } from '../../../src/stats/column.ts';
import { numbers, profileOf, texts } from '../../stats/columns.ts';

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-kept-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Batches of a column in a file. */
function spilled(...batches: readonly Column[]) {
  const spill = new ColumnSpill(join(folder, String(files++)));
  const parts = batches.flatMap((column) => spill.add({ rows: column.length, columns: [column] }));
  spill.close();
  return parts;
}

const bufferOf = (column: Column) => (column as NumberColumn).values.buffer;

describe('columns that wait in a file', () => {
  it('are read to be compared where others lay that were released', () => {
    const [more, few] = [spilled(numbers([1, null, 3]), numbers([4, 5])), spilled(numbers([7]), numbers([null, 9]))];
    const first = readCompared(more, 'float64');
    expect(first).toEqual(readKept(more, 'float64'));
    const other = readCompared(few, 'float64');
    expect(bufferOf(other)).not.toBe(bufferOf(first));
    releaseCompared(more, first);
    const again = readCompared(few, 'float64');
    expect(bufferOf(again)).toBe(bufferOf(first));
    expect(again).toEqual(other);
    expect(bufferOf(readKept(few, 'float64'))).not.toBe(bufferOf(first));
  });

  it('are released by nobody who was lent them', () => {
    const held = numbers([1, 2, 3]);
    const kept = [{ rows: 3, file: null, held }];
    const column = readCompared(kept, 'float64');
    releaseCompared(kept, column);
    expect(bufferOf(readCompared(spilled(numbers([8, 9])), 'float64'))).not.toBe(bufferOf(held));
    expect(held.values).toEqual(Float64Array.of(1, 2, 3));
  });

  it('have the profile that was made of them as they came', () => {
    const [a, b] = [texts(['x', 'y', null]), texts(['y', 'z'])];
    const field = { name: 't', type: 'text' } as const;
    const whole = profileOf({ t: texts(['x', 'y', null, 'y', 'z']) }).columns[0];
    expect(profileKept(spilled(a, b), field)).toEqual(whole);
    expect(profileKept([...spilled(a), { rows: 2, file: null, held: b }], field)).toEqual(whole);
  });
});
