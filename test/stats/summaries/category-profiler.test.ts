import { describe, expect, it } from 'vitest';
import type { CategoryColumn } from '../../../src/stats/column.ts';
import { CategoryProfiler } from '../../../src/stats/summaries/category-profiler.ts';
import { addText, emptyRegisters, encodeRegisters } from '../../../src/stats/summaries/hyperloglog.ts';
import { LOOKED_AT } from '../../../src/stats/summaries/text-shapes.ts';
import { texts } from '../columns.ts';
import { encodedTexts, wordedTexts } from '../encoded-texts.ts';

function profilerOf(...batches: readonly CategoryColumn[]): CategoryProfiler {
  const profiler = new CategoryProfiler(batches[0]?.type ?? 'text');
  for (const batch of batches) profiler.add(batch);
  return profiler;
}

/** Ways in which a reader may hand texts over. */
const FORMS = [(column: CategoryColumn) => column, encodedTexts, wordedTexts];

const named = (n: number, from = 0): string[] => Array.from({ length: n }, (_, i) => `t${from + i}`);
const registersOf = (values: readonly string[]): string => {
  const registers = emptyRegisters();
  for (const text of values) addText(registers, text);
  return encodeRegisters(registers);
};

describe('a profile of texts', () => {
  const rows = [
    ['b', 'aaa', null, 'b', ''],
    ['', null, 'cc', 'b', null],
  ];

  it('counts rows, those without a value, the empty ones and the length of all others', () => {
    const expected = {
      kind: 'category',
      name: 'x',
      type: 'text',
      types: ['text'],
      rows: 10,
      nulls: 3,
      absent: 0,
      empty: 2,
      lengths: { min: 0, mean: 8 / 7, max: 3 },
      shapes: { rows: 7 },
      distinct: { method: 'exact@1', value: 4, error: 0, registers: null },
      top: { complete: true, values: [{ value: 'b', count: 3 }, { value: '', count: 2 }, { count: 1 }, { count: 1 }] },
    };
    expect(profilerOf(...rows.map((part) => texts(part))).finish('x')).toMatchObject(expected);
    expect(profilerOf(...rows.map((part) => encodedTexts(texts(part)))).finish('x')).toMatchObject(expected);
    // Texts of a batch's dictionary that no row has are none.
    const spare = { ...texts(['b', 'aaa']), dictionary: ['b', 'aaa', 'a long one', ''] };
    expect(profilerOf(spare).finish('x')).toMatchObject({ empty: 0, lengths: { max: 3 }, distinct: { value: 2 } });
    const wide = texts(named(9));
    expect(profilerOf(wide, texts(['u', 'u', null])).finish('x')).toMatchObject({ distinct: { value: 10 }, rows: 12 });
  });

  it('has the shapes of each text, whatever lies before and behind it', () => {
    const plain = profilerOf(texts(['a', 'b1', 'c2', 'x9y8'])).finish('x').shapes;
    expect(plain!.patterns).toHaveLength(3);
    for (const made of FORMS)
      expect(profilerOf(made(texts(['a', 'b1', 'c2', 'x9y8']))).finish('x').shapes).toEqual(plain);
  });

  it('has no lengths and no shapes of booleans, nor without a text', () => {
    const none = { lengths: null, shapes: null };
    expect(profilerOf(texts(['true', null, 'false'], 'boolean')).finish('x')).toMatchObject({
      ...none,
      type: 'boolean',
    });
    expect(profilerOf(texts([null, null])).finish('x')).toMatchObject({ ...none, rows: 2, nulls: 2 });
    expect(profilerOf(texts(['true'], 'boolean')).state().shapes.rows).toBe(0);
  });

  it('is that of the whole when another takes what came before', () => {
    const all = new CategoryProfiler('text');
    for (const part of rows) all.absorb(structuredClone(profilerOf(texts(part)).state()));
    expect(all.finish('x')).toEqual(profilerOf(texts(rows.flat())).finish('x'));
    expect(profilerOf(texts(rows[0]!)).state()).toMatchObject({
      kind: 'category',
      registers: null,
      rows: 5,
      nulls: 1,
      empty: 1,
      shortest: 0,
      longest: 3,
      characters: 5,
    });
  });

  it('has registers of what is counted exactly and not listed', () => {
    const long = named(70).map((text) => text.padStart(1000, '-'));
    expect(profilerOf(texts(long)).finish('x').distinct).toEqual({
      method: 'exact@1',
      value: 70,
      error: 0,
      registers: registersOf(long),
    });
  });
});

describe('a profile of more texts than can be counted', () => {
  it('has registers of all of them, and counts of those that come again', () => {
    for (const made of FORMS) {
      const profiler = profilerOf(
        ...[named(3000), named(3000, 3000), named(5000, 6000)].map((part) => made(texts(part))),
      );
      const found = profiler.finish('x');
      expect(found.distinct).toMatchObject({ method: 'hyperloglog/p14@1', registers: registersOf(named(11_000)) });
      // Each of the last five thousand is met once in its batch, and not remembered.
      expect(profiler.state().values.counts.size).toBe(6000);
      expect(profiler.state().values).toMatchObject({ total: 11_000, error: 1, overflowed: true });
      expect(found).toMatchObject({ rows: 11_000, nulls: 0, lengths: { min: 2, max: 6 } });
    }
  });

  it('remembers what is met twice in a batch, and all of a batch of few', () => {
    const often = [...named(5000, 6000), 't6000'];
    for (const made of FORMS) {
      const parts = [texts(named(5000)), made(texts(often)), made(texts(['z']))];
      const { counts, total } = profilerOf(...parts).state().values;
      expect(counts.get('t6000')).toBe(2);
      expect(counts.has('t6001')).toBe(false);
      expect(counts.get('z')).toBe(1);
      expect(total).toBe(10_002);
    }
    // Of the first batch 4,097 are remembered; at the 8,193rd all go, since each has one row.
    expect(profilerOf(texts(named(5000)), texts(named(4096, 20_000))).state().values.counts.size).toBe(
      4097 + 4096 - 8193,
    );
  });

  it.each([
    ['beyond ASCII and empty', ['é', '', 'éé'], 6],
    ['of ASCII alone, the longest amid them, and empty', ['x'.repeat(20), '', 'y'], 20],
  ] as const)('counts those %s that are not remembered', (_, some, max) => {
    const odd = [...named(2500, 6000), ...some, ...named(2499, 8500)];
    for (const made of FORMS) {
      const found = profilerOf(texts(named(5000)), made(texts(odd))).finish('x');
      expect(found).toMatchObject({ empty: 1, rows: 10_002, lengths: { min: 0, max } });
      const characters = [...named(5000), ...odd].reduce((sum, text) => sum + text.length, 0);
      expect(found.lengths!.mean).toBeCloseTo(characters / 10_002, 9);
      expect(found.distinct).toMatchObject({ registers: registersOf([...named(5000), ...odd]) });
    }
  });

  it('has the registers of all parts, whichever of them had any', () => {
    const [few, many] = [named(4000), named(5000, 6000)];
    for (const parts of [
      [few, many],
      [many, few],
      [few, named(4000, 4000)],
      [few, few],
    ]) {
      const all = new CategoryProfiler('text');
      for (const part of parts) all.absorb(profilerOf(texts(part)).state());
      const different = [...new Set(parts.flat())];
      const { distinct } = all.finish('x');
      if (different.length <= 4096) expect(distinct).toMatchObject({ method: 'exact@1', value: different.length });
      else expect(distinct).toMatchObject({ method: 'hyperloglog/p14@1', registers: registersOf(different) });
    }
  });

  it('has the shapes of evenly spread ones of a batch', () => {
    const looked = (n: number) => profilerOf(texts(named(n))).finish('x').shapes!.rows;
    expect(looked(LOOKED_AT)).toBe(LOOKED_AT);
    expect(looked(LOOKED_AT + 1)).toBe((LOOKED_AT + 2) / 2);
    expect(looked(3 * LOOKED_AT)).toBe(LOOKED_AT);
    // Every third of those that a row has, beginning with the first.
    const spare = { ...texts(named(3 * LOOKED_AT).map((text) => `${text}!`)) };
    const { patterns } = profilerOf({ ...spare, dictionary: spare.dictionary }).state().shapes;
    expect([...patterns.values()].reduce((sum, count) => sum + count, 0)).toBe(LOOKED_AT);
  });

  it('looks at texts that a row has, whatever else the dictionary of a batch holds', () => {
    const [spare, used] = [LOOKED_AT + 1, 2 * LOOKED_AT];
    const dictionary = named(spare + used).map((text, code) => (code === spare ? 'FIRST' : text));
    const codes = Int32Array.from({ length: used }, (_, i) => spare + i);
    const { rows, patterns } = profilerOf({ ...texts([]), dictionary, codes, length: used }).state().shapes;
    // Every second one, beginning with the first.
    expect(rows).toBe(LOOKED_AT);
    expect(patterns.get('A+')).toBe(1);
    expect([...patterns.values()].every((count) => count > 0)).toBe(true);
    // Few texts of a large dictionary are remembered, also where not all are any more.
    const few = { ...texts(named(5000, 6000)), codes: Int32Array.of(7, 9), length: 2 };
    const { counts, error } = profilerOf(texts(named(5000)), few).state().values;
    expect([counts.get('t6007'), counts.get('t6009')]).toEqual([1, 1]);
    expect(error).toBe(profilerOf(texts(named(5000))).state().values.error);
    // Rows are those of the column, not of the room that it has.
    expect(
      profilerOf({ ...texts(['a', 'b', 'b']), length: 2 })
        .state()
        .values.counts.get('b'),
    ).toBe(1);
  });

  it('has registers of texts that are not remembered any more, and of those that are too long to be', () => {
    const parts = [0, 3000, 6000, 9000].map((from) => named(3000, from));
    const { distinct } = profilerOf(...parts.map((part) => texts(part))).finish('x');
    expect(distinct.registers).toBe(registersOf(parts.flat()));
    const long = 'x'.repeat(1025);
    const found = profilerOf(texts(['a', long, 'b'])).finish('x');
    expect(found.distinct).toMatchObject({ method: 'hyperloglog/p14@1', value: 3 });
    expect(found.distinct.registers).toBe(registersOf(['a', long, 'b']));
  });
});
