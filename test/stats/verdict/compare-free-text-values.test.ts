import { describe, expect, it } from 'vitest';
import { wasserstein, wassersteinNull } from '../../../src/stats/distances/wasserstein.ts';
import { combinedRanks } from '../../../src/stats/hypothesis-tests/combined-ranks.ts';
import { shuffledRows } from '../../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { describeTexts, TEXT_DESCRIPTORS, vocabularyOf } from '../../../src/stats/summaries/text-descriptors.ts';
import { compareFreeText, textChange } from '../../../src/stats/verdict/compare-free-text.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { numberSample } from '../../../src/stats/verdict/samples.ts';
import { TEXT_MEASURE_OF } from '../../../src/stats/verdict/text-measures.ts';
import { texts } from '../columns.ts';

type Texts = readonly (string | null)[];

/** The chance that rows are drawn with. */
const SEED = 10;
const WORDS = 'der Hund schläft, die 3 Katzen laufen über 27 Straßen & Wege WEITER fort'.split(' ');

const speak = (rows: number, seed: number, longest = 6): string[] => {
  const random = xoshiro128(seed);
  const word = (): string => WORDS[Math.floor(WORDS.length * random())]!;
  return Array.from({ length: rows }, (_, i) => {
    return [`${i}${word()}`, ...Array.from({ length: 1 + Math.floor(longest * random()) }, word)].join(' ');
  });
};

const compared = (reference: Texts, window: Texts, policy: Partial<JudgePolicy> = {}) =>
  compareFreeText({ reference: texts(reference), window: texts(window) }, { ...DEFAULT_POLICY, ...policy });

describe('a comparison of free text', () => {
  const reference = [...speak(300, 1), null, null];
  const window = [...speak(200, 2, 9), null, '¿qué?'];

  /** Half of the reference gives the words that are known, the other half is described. */
  function described() {
    const order = shuffledRows(reference.length, xoshiro128(SEED));
    const of = (rows: Int32Array): Texts => Array.from(rows, (row) => reference[row]!);
    const half = reference.length >> 1;
    const known = vocabularyOf(texts(of(order.subarray(0, half))));
    return [describeTexts(texts(of(order.subarray(half))), known), describeTexts(texts(window), known)] as const;
  }

  it('has of each descriptor how far it moved, and the test of its numbers', () => {
    const { findings } = compared(reference, window)!;
    const [before, after] = described();
    for (const name of TEXT_DESCRIPTORS) {
      const [x, y] = [numberSample(before[name]).finite, numberSample(after[name]).finite];
      const mean = (of: Float64Array): number => of.reduce((sum, v) => sum + v, 0) / of.length;
      const std = Math.sqrt(x.reduce((sum, v) => sum + (v - mean(x)) ** 2, 0) / x.length);
      const scale = Math.max(std, name === 'characters' || name === 'words' ? 1 : 0.01);
      const law = wassersteinNull(x.length, y.length);
      const found = findings.find(({ measure }) => measure === TEXT_MEASURE_OF[name]);
      expect(found, name).toMatchObject({
        value: expect.closeTo(wasserstein(x, y) / scale, 9),
        nullMean: expect.closeTo((law.mean * std) / scale, 9),
        null95: expect.closeTo((law.point95 * std) / scale, 9),
        p: combinedRanks(x, y)?.p ?? null,
        parameters: {
          ...{ n: x.length, m: y.length },
          referenceMean: expect.closeTo(mean(x), 9),
          windowMean: expect.closeTo(mean(y), 9),
          referenceStd: expect.closeTo(std, 9),
        },
      });
    }
    expect(findings).toHaveLength(TEXT_DESCRIPTORS.length + 1);
  });

  it('divides by one character or word at least, and by one per cent of shares', () => {
    // Nothing varies before: 5 characters and 2 words, of which 4 characters are letters.
    const rows = (text: string): Texts => Array.from({ length: 60 }, () => text);
    const { findings } = compared(rows('ab cd'), rows('abc de fg'))!;
    const moved = (name: keyof typeof TEXT_MEASURE_OF) =>
      findings.find(({ measure }) => measure === TEXT_MEASURE_OF[name])!.value!;
    expect(moved('characters')).toBeCloseTo(9 - 5, 12);
    expect(moved('words')).toBeCloseTo(3 - 2, 12);
    expect(moved('letters')).toBeCloseTo((4 / 5 - 7 / 9) / 0.01, 10);
  });

  it('counts the rows and those without a text, and is decided by all tests together', () => {
    const found = compared(reference, window)!;
    const none = { nan: 0, unseen: 0, below: 0, above: 0 };
    expect(found).toMatchObject({
      kind: 'category',
      incomparable: null,
      insufficient: null,
      fewValues: null,
      usable: { reference: 300, window: 201 },
      cells: 0,
      bins: [],
      counts: { reference: { rows: 302, nulls: 2, ...none }, window: { rows: 202, nulls: 1, ...none } },
    });
    const missing = found.findings.at(-1)!;
    expect(missing).toMatchObject({
      measure: 'missing_share/difference@1',
      value: 1 / 202 - 2 / 302,
      parameters: { reference: 2 / 302, window: 1 / 202 },
    });
    const tests = found.findings.flatMap(({ p }) => p ?? []);
    expect(found.p).toBeCloseTo(Math.min(1, Math.min(...tests) * tests.length), 12);
    // Where every row has a text, whether it has one is no test.
    const full = compared(speak(300, 1), speak(200, 3))!;
    const others = full.findings.slice(0, -1).flatMap(({ p }) => p ?? []);
    expect(full.p).toBeCloseTo(Math.min(1, Math.min(...others) * others.length), 12);
    for (const [a, b] of [
      [speak(300, 1), window],
      [reference, speak(200, 3)],
    ] as const) {
      const { findings, p } = compared(a, b)!;
      const all = findings.flatMap((one) => one.p ?? []);
      expect(p).toBeCloseTo(Math.min(1, Math.min(...all) * all.length), 12);
    }
  });

  it('has the descriptors that are named, or all of them where none is', () => {
    const named = (...measures: NonNullable<JudgePolicy['measures']>) =>
      compared(reference, window, { measures })!.findings.map(({ measure }) => measure);
    expect(named('text/words@1', 'ks/two-sided@1')).toEqual(['text/words@1', 'missing_share/difference@1']);
    expect(named('ks/two-sided@1')).toHaveLength(10);
    expect(named()).toHaveLength(10);
  });

  it('says which side has no text to be described', () => {
    const empty = compared(reference, [null, null, null])!;
    expect(empty.findings[0]).toMatchObject({ value: null, reason: 'the window has no usable values' });
    expect(empty.insufficient).toMatch(/window has 3 rows/);
  });
});

describe('texts that are a language', () => {
  const isLanguage = (rows: Texts): boolean => compared(rows, rows) !== null;
  const mixed = (share: number, some: string, others: string): Texts =>
    Array.from({ length: 400 }, (_, i) => (i < share * 400 ? some : others));

  it('have a space in half of them, and letters for half of their characters', () => {
    expect(isLanguage(mixed(0.5, 'two words', 'one'))).toBe(true);
    expect(isLanguage(mixed(0.49, 'two words', 'one'))).toBe(false);
    expect(isLanguage(mixed(1, 'ab 1', ''))).toBe(true);
    expect(isLanguage(mixed(1, 'ab 12', ''))).toBe(false);
    expect(isLanguage(mixed(1, '3 4', ''))).toBe(false);
    expect(isLanguage([null, null])).toBe(false);
    expect(isLanguage([])).toBe(false);
  });

  it('are told by five hundred rows of them', () => {
    const rows = 5_000;
    const glance = shuffledRows(rows, xoshiro128(SEED)).subarray(0, 500);
    const ids = Array.from({ length: rows }, (_, i): string => `id${i}`);
    const spoken = [...ids];
    for (const row of glance) spoken[row] = 'two words';
    expect(isLanguage(spoken)).toBe(true);
    for (const row of glance.subarray(0, 251)) spoken[row] = 'one';
    expect(isLanguage(spoken)).toBe(false);
  });
});

describe('what is told of a change', () => {
  const told = (measure: keyof typeof TEXT_MEASURE_OF, referenceMean: unknown, windowMean: unknown) =>
    textChange({ measure: TEXT_MEASURE_OF[measure], parameters: { referenceMean, windowMean } as never });

  it('is both means, in per cent where they are shares', () => {
    expect(told('characters', 12.3456, 100)).toBe('Length of the texts: 12.3 on average before, 100 now.');
    expect(told('words', 2, 2.5)).toBe('Words of the texts: 2 on average before, 2.5 now.');
    expect(told('digits', 0.01234, 0.5)).toBe('Digits: 1.23 % on average before, 50 % now.');
  });

  it('is nothing of other measures, or without both means', () => {
    const parameters = { referenceMean: 1, windowMean: 2 };
    expect(textChange({ measure: 'ks/two-sided@1', parameters })).toBeNull();
    expect(told('words', null, 2)).toBeNull();
    expect(told('words', 2, undefined)).toBeNull();
  });
});
