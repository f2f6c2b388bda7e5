import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCensus } from '../../src/demo/census.ts';
import { chaptersOf } from '../../src/demo/timeline.ts';
import { PACKAGE_ROOT } from '../../src/root.ts';

const DAY = 86_400_000;
const LENGTH = 28 * DAY;
const row = (askedAt: number | null) => ({ features: {}, employed: 0 as const, askedAt });

describe('the chapters of the story', () => {
  it('are windows counted from 1970, in order, with half-open ends', () => {
    const rows = [row(LENGTH * 2), row(LENGTH - 1), row(null), row(0), row(LENGTH * 2 - 1), row(-1)];
    const chapters = chaptersOf(rows);
    expect(chapters.map(({ start, end, rows: found }) => [start, end, found.length])).toEqual([
      [-LENGTH, 0, 1],
      [0, LENGTH, 2],
      [LENGTH, 2 * LENGTH, 1],
      [2 * LENGTH, 3 * LENGTH, 1],
    ]);
    expect(chaptersOf([])).toEqual([]);
  });

  it('of the census sample hold every row of it, one window after the other', async () => {
    const folder = join(PACKAGE_ROOT, 'src', 'demo', 'census');
    const rows = await readCensus(join(folder, 'production.parquet'));
    const chapters = chaptersOf(rows);
    expect(chapters.reduce((sum, chapter) => sum + chapter.rows.length, 0)).toBe(rows.length);
    for (const [i, chapter] of chapters.entries()) {
      expect(chapter.rows.length).toBeGreaterThan(100);
      expect(chapter.start).toBe((chapters[0]?.start ?? 0) + i * LENGTH);
      for (const { askedAt } of chapter.rows) {
        expect(askedAt).toBeGreaterThanOrEqual(chapter.start);
        expect(askedAt).toBeLessThan(chapter.end);
      }
    }
    const training = await readCensus(join(folder, 'training.parquet'));
    expect(training.every(({ askedAt }) => askedAt === null)).toBe(true);
    expect(new Set(training.map(({ employed }) => employed))).toEqual(new Set([0, 1]));
    // Codes stay text: '01' is not 1.
    expect(Object.entries(training[0]?.features ?? {}).filter(([, value]) => typeof value === 'number')).toHaveLength(
      1,
    );
  });
});
