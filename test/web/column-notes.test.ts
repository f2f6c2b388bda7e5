import { describe, expect, it } from 'vitest';
import { inferSchema } from '../../src/quality/infer-schema.ts';
import type { Column } from '../../src/stats/column.ts';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import { columnNotes, hintsByName, isSayable } from '../../src/web/column-notes.ts';
import { numbers, profileOf, texts, times, vectors } from '../stats/columns.ts';

function notesOf(column: Column): string[] {
  const profile = profileOf({ x: column });
  return columnNotes(profile.columns[0]!, [...hintsByName(inferSchema(profile)).values()].flat());
}

const rows = Array.from({ length: 300 }, (_, i) => i);

describe('what stands out in a column', () => {
  it('is that it names rows, says nothing or next to nothing', () => {
    expect(notesOf(texts(rows.map((i) => `K-${1000 + i}`)))).toEqual(['a key: no value twice', 'A+-9{4} 100 %']);
    // Of so many only an estimate is known, and one is there twice.
    const many = numbers([7, ...Array.from({ length: 100_000 }, (_, i) => i)], 'int64');
    expect(notesOf(many)).toEqual(['likely a key: about as many values as rows']);
    expect(notesOf(numbers(rows.map(() => 7)))).toEqual(['constant']);
    expect(notesOf(numbers(rows.map((i) => (i === 5 ? 1 : 0))))).toEqual(['nearly constant']);
    expect(notesOf(numbers(rows.map((i) => i / 7)))).toEqual([]);
  });

  it('is that a person would read its texts as numbers or dates', () => {
    expect(notesOf(texts(rows.map((i) => `${i % 9},50`)))).toEqual([
      'numbers to a person, read as text: say decimal ","',
      '9,9{2} 100 %',
    ]);
    expect(notesOf(texts(rows.map((i) => `${10 + (i % 9)}.12.2025`)))).toEqual([
      'dates to a person, read as text: say dates "day-first"',
      '9{2}.9{2}.9{4} 100 %',
    ]);
    expect(
      notesOf(
        numbers(
          rows.map((i) => 20250101 + (i % 28)),
          'int64',
        ),
      ),
    ).toEqual(['dates to a person, read as numbers: say dates "x=%Y%m%d"']);
  });

  it('is not that it could be said how values are written where files say what they are', () => {
    expect(isSayable([{ format: 'parquet' }, { format: 'csv' }])).toBe(true);
    expect(isSayable([{ format: 'parquet' }, { format: 'ndjson' }])).toBe(false);
    const notes = (column: Column) => columnNotes(profileOf({ x: column }).columns[0]!, ['written-dates'], false);
    expect(notes(texts(['31/12/2024', '1/2/2024']))[0]).toContain('read as text: write them like 2025-12-31');
    expect(notes(numbers([20240101, 20240102], 'int64'))).toEqual([
      'dates to a person, read as numbers: write them like 2025-12-31',
    ]);
  });

  it('is that its files disagree about what it is', () => {
    const merged = mergeProfiles(
      profileOf({ x: numbers([1, 2], 'int64') }),
      profileOf({ x: texts(['u', 'v', 'u', 'v']) }),
    );
    expect(columnNotes(merged.columns[0]!, [])).toEqual(['int64, text in different files, so read as text']);
    const widened = mergeProfiles(profileOf({ x: numbers([1], 'int64') }), profileOf({ x: numbers([0.5]) }));
    expect(columnNotes(widened.columns[0]!, [])).toEqual([]);
  });

  it('is what its minimum and maximum are of, and which vectors are odd', () => {
    const odd = [
      [0, 0],
      [Number.NaN, 1],
      [0, Number.POSITIVE_INFINITY],
      [0, 0],
      [1, 2],
    ];
    expect(notesOf(vectors(odd, 2))).toEqual([
      'min, mean and max are of the norm',
      '2 zero vectors',
      '1 with NaN',
      '1 with infinities',
    ]);
  });

  it('is when its times are', () => {
    const monday = Date.parse('2026-11-23T09:00:00Z');
    const workdays = rows.filter((i) => i % 7 < 5).map((i) => monday + i * 86_400_000);
    expect(notesOf(times(workdays))).toEqual(['none on Sat, Sun', 'most at 09 h UTC (100 %)']);
  });
});
