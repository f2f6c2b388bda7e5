import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeProfiles } from '../../../src/stats/merge-profiles.ts';
import type { CategoryProfile } from '../../../src/stats/profile.ts';
import { LOOKED_AT, mergeShapes, TextShapeCounts } from '../../../src/stats/summaries/text-shapes.ts';
import { profileOf, texts } from '../columns.ts';

function shapesOf(values: readonly (string | null)[]): NonNullable<CategoryProfile['shapes']> {
  const column = profileOf({ x: texts(values) }).columns[0];
  if (column?.kind !== 'category' || column.shapes == null) throw new Error('no shapes');
  return column.shapes;
}

describe('the shapes of texts', () => {
  it.each([
    ['AB-1234', 'A+-9{4}'],
    ['2024-05-01', '9{4}-9{2}-9{2}'],
    ['Ann Lee', 'A+a+ A+a+'],
    ['a.b@c.org', 'a+.a+@a+.a+'],
    ['Köln', 'A+u+a+'],
    ['', ''],
    ['x'.repeat(80), 'a+…'],
    ['4'.repeat(80), '9{64}…'],
    ['4'.repeat(64), '9{64}'],
    ['\u0080\u0080', 'u+'],
    ['\x01\x01\x7f', '\x01\x01\x7f'],
    ['Zz0\t\t', 'A+a+9{1}\t\t'],
  ])('tell how %s is written', (text, pattern) => {
    expect(shapesOf([text]).patterns).toEqual([{ pattern, count: 1 }]);
  });

  it('count characters by class and rows by pattern, the most frequent first', () => {
    const found = shapesOf(['A1', 'B2', 'c d', 'é!', null, 'B2']);
    expect(found).toMatchObject({
      method: 'text-shapes@1',
      rows: 5,
      characters: { upper: 3, lower: 2, digits: 3, spaces: 1, punctuation: 1, other: 1 },
      rest: 0,
    });
    expect(found.patterns[0]).toEqual({ pattern: 'A+9{1}', count: 3 });
  });

  it('have the classes of ASCII, letter by letter', () => {
    const all = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');
    const characters = { upper: 26, lower: 26, digits: 10, spaces: 6, punctuation: 32, other: 28 };
    expect(shapesOf([all]).characters).toEqual(characters);
    expect(shapesOf([`\t\n\v\f\r ${'\u0080é'}`]).characters).toMatchObject({ spaces: 6, other: 2, punctuation: 0 });
    expect(shapesOf(['\b\x0e\x1f\x7f']).characters).toMatchObject({ other: 4, spaces: 0, punctuation: 0 });
    expect(shapesOf(['!/:@[`{~']).characters).toMatchObject({ punctuation: 8, upper: 0, lower: 0 });
    expect(shapesOf(['AZaz09']).characters).toMatchObject({ upper: 2, lower: 2, digits: 2 });
  });

  it('list patterns by how many rows have them, ties by the pattern', () => {
    const found = shapesOf(['x!', '7', 'x?', 'A?', '8', 'A?', 'x#']);
    expect(found.patterns.map(({ pattern, count }) => `${pattern} ${count}`)).toEqual([
      '9{1} 2',
      'A+? 2',
      'a+! 1',
      'a+# 1',
      'a+? 1',
    ]);
  });

  it('count a pattern that is known, however many there are', () => {
    const counts = new TextShapeCounts();
    const sign = (i: number): string => `${'!'.repeat(i % 30)}${'?'.repeat(Math.floor(i / 30))}`;
    for (let i = 0; i < 600; i++) counts.add(sign(i), 1);
    counts.add(sign(511), 4);
    counts.add(sign(512), 9);
    const { patterns, rows } = counts.state();
    expect([rows, patterns.size, patterns.get(sign(511)), patterns.get(sign(512))]).toEqual([613, 512, 5, undefined]);
    expect(new TextShapeCounts().describe()).toBeNull();
  });

  it('say of how many rows they are where not all texts were looked at', () => {
    const values = Array.from({ length: 8 * LOOKED_AT }, (_, i) => `K-${100_000 + i}`);
    const found = shapesOf(values);
    expect(found.rows).toBeLessThan(values.length);
    expect(found.rows).toBeGreaterThanOrEqual(LOOKED_AT / 2);
    expect(found.patterns).toEqual([{ pattern: 'A+-9{6}', count: found.rows }]);
  });

  it('stay few, whatever the texts', () => {
    const counts = new TextShapeCounts();
    for (let i = 0; i < 20_000; i++) counts.add(`${'!'.repeat(i % 50)}${'?'.repeat(Math.floor(i / 50) % 50)}`, 1);
    const found = counts.describe();
    expect(found?.patterns).toHaveLength(10);
    expect(counts.state().patterns.size).toBeLessThanOrEqual(512);
    expect((found?.patterns.reduce((sum, { count }) => sum + count, 0) ?? 0) + (found?.rest ?? 0)).toBe(20_000);
  });

  it('are the same of texts in a list', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'b', 'Y', 'Z', '0', '9', '_', '-', ' ', 'é'), maxLength: 12 }),
      fc.string({ unit: fc.constantFrom('a', 'A', '\t'), minLength: 60, maxLength: 68 }),
      fc.stringMatching(/^[a-z]{3}-\d{2}$/),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.integer({ min: 0, max: 9 }))),
        fc.integer({ min: 1, max: 3 }),
        (rows, stride) => {
          const [plain, listed] = [new TextShapeCounts(), new TextShapeCounts()];
          const parts = rows.map(([one]) => Buffer.from(one));
          const offsets = new Int32Array(parts.length + 1);
          parts.forEach((part, i) => {
            offsets[i + 1] = offsets[i]! + part.length;
          });
          const bytes = Buffer.concat(parts);
          const textOf = (code: number) => bytes.toString('utf8', offsets[code], offsets[code + 1]);
          const count = parts.length;
          // In two batches of one list.
          for (const isIn of [(code: number) => code < count / 2, (code: number) => code >= count / 2]) {
            const counts = Uint32Array.from(rows, ([, times], code) => (isIn(code) ? times : 0));
            listed.addEncoded({ count, bytes, offsets, textOf }, { counts, entries: count, stride });
            const used = rows.filter((_, code) => counts[code]! > 0);
            for (const [i, [one, times]] of used.entries()) if (i % stride === 0) plain.add(one, times);
          }
          expect(listed.state()).toEqual(plain.state());
        },
      ),
    );
  });

  it('make no string of a text whose pattern is known', () => {
    const counts = new TextShapeCounts();
    let made = 0;
    const bytes = Buffer.from('ab-1cd-2ef.3');
    const textOf = (code: number) => {
      made++;
      return bytes.toString('utf8', 4 * code, 4 * code + 4);
    };
    const list = { count: 2, bytes, offsets: Int32Array.of(0, 4, 8), textOf };
    const used = (...rows: number[]) => ({ counts: Uint32Array.from(rows), entries: rows.length, stride: 1 });
    counts.addEncoded(list, used(2, 3));
    expect(made).toBe(1);
    expect(counts.describe()).toMatchObject({ rows: 5, patterns: [{ pattern: 'a+-9{1}', count: 5 }] });
    // Another sign is another pattern.
    counts.addEncoded({ ...list, count: 3, offsets: Int32Array.of(0, 4, 8, 12) }, used(0, 0, 1));
    expect(counts.describe()?.patterns).toEqual([
      { pattern: 'a+-9{1}', count: 5 },
      { pattern: 'a+.9{1}', count: 1 },
    ]);
  });

  it('merge, and are not made up where a part has none', () => {
    const [a, b] = [texts(['A1', 'B2']), texts(['C3', 'd'])];
    const merged = mergeProfiles(profileOf({ x: a }), profileOf({ x: b })).columns[0];
    expect(merged).toMatchObject({ shapes: shapesOf(['A1', 'B2', 'C3', 'd']) });
    expect(mergeShapes([shapesOf(['a']), undefined])).toBeNull();
    expect(mergeShapes([null, shapesOf(['a'])])).toBeNull();
    expect(mergeShapes([])).toBeNull();
    expect(profileOf({ x: texts([null]) }).columns[0]).toMatchObject({ shapes: null });
  });
});
