import { describe, expect, it } from 'vitest';
import { addText, emptyRegisters } from '../../../src/stats/summaries/hyperloglog.ts';
import { noTopValues } from '../../../src/stats/summaries/top-values.ts';
import { CROWDED_BATCH, ValueCounts } from '../../../src/stats/summaries/value-counts.ts';

function countsOf(...counts: readonly (readonly [text: string, count: number])[]): ValueCounts {
  const found = new ValueCounts();
  for (const [text, count] of counts) found.add(text, count);
  return found;
}

const named = (n: number, from = 0): string[] => Array.from({ length: n }, (_, i) => `t${from + i}`);

/** More texts than are counted exactly, each with two rows. */
function overflowing(): ValueCounts {
  return countsOf(...named(4097).map((text): [string, number] => [text, 2]));
}

describe('counts of texts', () => {
  it('are listed by frequency, ties by text', () => {
    const counts = countsOf(['b', 2], ['a', 1], ['c', 2], ['a', 1], ['', 5], ['z', 1]);
    expect([counts.exact, counts.distinct]).toEqual([true, 5]);
    expect(counts.describe()).toEqual({
      method: 'exact@1',
      values: [
        { value: '', count: 5 },
        { value: 'a', count: 2 },
        { value: 'b', count: 2 },
        { value: 'c', count: 2 },
        { value: 'z', count: 1 },
      ],
      rest: 0,
      complete: true,
      error: 0,
      unlisted: 0,
      reason: null,
    });
    expect(new ValueCounts().describe()).toMatchObject({ method: 'exact@1', values: [], rest: 0, complete: true });
  });

  it('are exact up to 4,096 texts', () => {
    const counts = countsOf(...named(4096).map((text): [string, number] => [text, 1]));
    expect(counts.exact).toBe(true);
    counts.add('t0', 3);
    expect(counts.exact).toBe(true);
    expect(counts.describe()).toMatchObject({ complete: true, rest: 0 });
    expect(counts.describe().values).toHaveLength(4096);
    counts.add('one more', 1);
    expect([counts.exact, counts.distinct]).toEqual([false, 4097]);
    expect(counts.describe()).toMatchObject({ method: 'misra-gries/4096@1', complete: false, error: 0 });
    expect(CROWDED_BATCH).toBe(4096);
  });

  it('beyond that are those of the 256 most frequent, none of which is short by more than the error', () => {
    const counts = overflowing();
    counts.add('often', 50);
    counts.add('less', 40);
    const found = counts.describe();
    expect(found.values).toHaveLength(256);
    expect(found.values.slice(0, 2)).toEqual([
      { value: 'often', count: 50 },
      { value: 'less', count: 40 },
    ]);
    // Two texts with many rows and 254 with two are listed.
    expect(found).toMatchObject({ rest: 2 * 4097 - 2 * 254, unlisted: 2, error: 0 });
    // The 4,096 largest stay when twice as many are held, less what the next one has.
    const pruned = countsOf(
      ...named(4096).map((text): [string, number] => [text, 5]),
      ...named(4096, 4096).map((text): [string, number] => [text, 3]),
    );
    expect([pruned.distinct, pruned.describe().error]).toEqual([8192, 0]);
    pruned.add('the last', 4);
    expect(pruned.distinct).toBe(4096);
    const rest = pruned.describe();
    expect(pruned.state().error).toBe(4);
    // What is left of a count is one, less than the error: nothing is sure to be frequent.
    expect(rest).toEqual(noTopValues(4096 * 8 + 4, 1 + 2 * 4));
    pruned.add('t9', 9);
    expect(pruned.describe()).toMatchObject({ values: [{ value: 't9', count: 10 }], unlisted: 8 });
  });

  it('list no single rows where not all is counted', () => {
    const ones = countsOf(...named(5000).map((text): [string, number] => [text, 1]));
    expect(ones.describe()).toEqual(noTopValues(5000, 1));
    const twos = countsOf(...named(5000).map((text): [string, number] => [text, 2]));
    expect(twos.describe()).toMatchObject({ reason: null, unlisted: 2 });
  });

  it('do not remember long texts, which may be as frequent as all of them are', () => {
    const counts = countsOf(['x'.repeat(1024), 2], ['y'.repeat(1025), 7], ['z'.repeat(1025), 1], ['a', 3]);
    expect([counts.exact, counts.distinct]).toEqual([false, 2]);
    expect(counts.describe()).toMatchObject({
      values: [{ value: 'a', count: 3 }, { count: 2 }],
      rest: 8,
      complete: false,
      unlisted: 8,
      error: 0,
    });
    expect(countsOf(['y'.repeat(2000), 6]).describe()).toEqual(noTopValues(6, 6));
    expect(countsOf(['y'.repeat(2000), 1]).describe()).toEqual(noTopValues(1, 1));
  });

  it('list no more characters than a profile should hold', () => {
    const long = (i: number): string => `${i}`.padStart(1024, '-');
    // 64 of them are 65,536 characters.
    const whole = countsOf(...Array.from({ length: 64 }, (_, i): [string, number] => [long(i), 2]));
    expect(whole.describe()).toMatchObject({ complete: true, rest: 0, unlisted: 0 });
    whole.add(long(64), 3);
    const found = whole.describe();
    expect(found.values).toHaveLength(64);
    expect(found).toMatchObject({ method: 'exact@1', complete: false, rest: 2, unlisted: 2 });
    // Texts that are all counted may be more than 256.
    expect(countsOf(...named(300).map((text): [string, number] => [text, 1])).describe().values).toHaveLength(300);
  });
});

describe('counts of which a part is not known', () => {
  it('are of all rows, each short by what may be missing', () => {
    const counts = countsOf(['a', 9], ['b', 2], ['c', 3]);
    counts.addUnknown(0, 5);
    expect(counts.exact).toBe(true);
    counts.addUnknown(10, 2);
    expect(counts.exact).toBe(false);
    // Two of 'b' could be nothing but what is missing of others.
    expect(counts.describe()).toEqual({
      method: 'misra-gries/4096@1',
      values: [
        { value: 'a', count: 9 },
        { value: 'c', count: 3 },
      ],
      rest: 12,
      complete: false,
      error: 2,
      unlisted: 4,
      reason: null,
    });
  });

  it('leave what is held and not listed unlisted with what may be missing of it', () => {
    const counts = overflowing();
    counts.addUnknown(5, 1);
    expect(counts.describe()).toMatchObject({ error: 1, unlisted: 2 + 1 });
  });
});

describe('counts of disjoint rows', () => {
  it('are those of all rows', () => {
    const [a, b] = [countsOf(['a', 2], ['b', 1]), countsOf(['b', 3], ['c', 1])];
    a.absorb(b.state());
    expect(a.describe()).toEqual(countsOf(['a', 2], ['b', 4], ['c', 1]).describe());
    const unsure = countsOf(['a', 7], ['y'.repeat(1025), 2]);
    unsure.addUnknown(4, 1);
    const all = countsOf(['a', 2], ['x'.repeat(1025), 3]);
    all.absorb(unsure.state());
    // Thirteen more rows of the other part, seven of them counted.
    expect(all.describe()).toMatchObject({ values: [{ value: 'a', count: 9 }], rest: 3 + 6, error: 1, unlisted: 5 });
    const exact = countsOf(['a', 2]);
    exact.absorb(overflowing().state());
    expect(exact.exact).toBe(false);
    const long = countsOf(['a', 2]);
    long.absorb(countsOf(['y'.repeat(1025), 2]).state());
    expect(long.exact).toBe(false);
  });

  it('give their texts to registers', () => {
    const [found, expected] = [emptyRegisters(), emptyRegisters()];
    countsOf(['a', 2], ['b', 1]).addTo(found);
    for (const text of ['a', 'b']) addText(expected, text);
    expect(found).toEqual(expected);
  });
});
