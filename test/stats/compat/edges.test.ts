import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { COMPAT_TOOLS, type CompatTool, compareColumnAs, concludeAs } from '../../../src/stats/compat/compare-as.ts';
import { goodnessOfFit, robust } from '../../../src/stats/compat/deequ.ts';
import { jensenShannonDistance, jensenShannonDivergence } from '../../../src/stats/distances/jensen-shannon.ts';
import { wasserstein } from '../../../src/stats/distances/wasserstein.ts';
import { kolmogorovSmirnov } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import { chiSquareTail } from '../../../src/stats/special/chi-square.ts';
import { kolmogorovTail } from '../../../src/stats/special/kolmogorov.ts';
import { numbers, texts, times, vectors } from '../columns.ts';
import { filled } from '../samples.ts';

const found = (tool: CompatTool, reference: Column, current: Column) =>
  compareColumnAs(tool, { name: 'x', reference, current });
const whole = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const words = (counts: Readonly<Record<string, number>>) =>
  texts(Object.entries(counts).flatMap(([text, count]) => filled(count, text)));
const none = { column: 'x', score: null, threshold: null, drift: null, details: {} };

describe('every tool', () => {
  it('says what it is, and what it does not compare', () => {
    expect(COMPAT_TOOLS).toEqual(['evidently', 'nannyml', 'tfdv', 'deequ', 'whylogs', 'scipy']);
    const [some, text, time, vector] = [numbers([1]), texts(['a']), times([1]), vectors([[1, 2]], 2)];
    for (const tool of COMPAT_TOOLS) {
      const report = concludeAs(tool, []);
      expect(report).toMatchObject({
        tool,
        drift: null,
        columns: [],
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      });
      expect(report.rule).not.toBe('');
      for (const [reference, current] of [
        [some, text],
        [text, some],
        [time, time],
        [some, time],
        [vector, some],
        [some, vector],
      ] as const) {
        const finding = found(tool, reference, current);
        expect(finding).toMatchObject(none);
        expect(finding.reason).not.toBe('');
      }
    }
    for (const tool of ['evidently', 'nannyml'] as const) {
      expect(found(tool, time, time).reason).toBe('Dates are not compared.');
      expect(found(tool, some, time).reason).toBe('Dates are not compared.');
      expect(found(tool, time, some).reason).toBe('Dates are not compared.');
      expect(found(tool, vector, some).reason).toBe('Vectors are not compared.');
      expect(found(tool, vector, vector).reason).toBe('Vectors are not compared.');
      expect(found(tool, some, vector).reason).toBe('Vectors are not compared.');
      expect(found(tool, some, text).reason).toBe('The types of the two sides differ.');
    }
    for (const tool of ['tfdv', 'deequ', 'whylogs', 'scipy'] as const) {
      const reason = 'Only numbers with numbers and texts with texts are compared.';
      for (const [reference, current] of [
        [some, text],
        [text, some],
        [time, time],
      ] as const) {
        expect(found(tool, reference, current)).toEqual({ ...none, method: null, reason });
      }
    }
  });

  it('has no number of a side without values', () => {
    const empty = { ...none, reason: 'A side has no values.' };
    const [gone, some] = [numbers([null, Number.NaN]), numbers([1, 2])];
    const [silent, said] = [texts([null]), texts(['a', 'b'])];
    for (const [tool, method, ofTexts] of [
      ['tfdv', 'jensen_shannon_divergence', 'infinity_norm'],
      ['deequ', 'linf_robust', 'linf_robust'],
      ['whylogs', 'ks', 'chi-square'],
    ] as const) {
      for (const pair of [
        [gone, some],
        [some, gone],
      ] as const)
        expect(found(tool, ...pair)).toEqual({ ...empty, method });
      for (const pair of [
        [silent, said],
        [said, silent],
      ] as const)
        expect(found(tool, ...pair)).toEqual({ ...empty, method: ofTexts });
    }
    for (const pair of [
      [gone, some],
      [some, gone],
    ] as const) {
      expect(found('scipy', ...pair)).toEqual({ ...empty, method: 'ks_2samp' });
      expect(found('evidently', ...pair)).toMatchObject({
        undecided: true,
        reason: 'An empty column makes the whole report fail.',
      });
    }
    expect(found('scipy', silent, said)).toMatchObject({ method: 'chi2_contingency', score: null });
    expect(found('scipy', words({ a: 9 }), words({ a: 5 })).reason).toBe(
      'The table has fewer than two filled rows or columns.',
    );
    expect(found('nannyml', numbers(filled(20, null)), numbers(whole(0, 20))).reason).toBe(
      'The reference has no values.',
    );
    expect(found('nannyml', texts(filled(20, null)), texts(filled(20, 'a'))).reason).toBe(
      'The reference has no values.',
    );
  });
});

describe('as Evidently', () => {
  const level = { threshold: 0.05, reason: null, details: {} };

  it('tests up to a thousand rows of the reference, and measures beyond', () => {
    const [small, large] = [numbers(whole(0, 1000)), numbers(whole(0, 1001))];
    const other = whole(20, 820);
    const { p } = kolmogorovSmirnov(Float64Array.from(whole(0, 1000)), Float64Array.from(other));
    expect(found('evidently', small, numbers(other))).toEqual({
      ...level,
      column: 'x',
      method: 'K-S p_value',
      score: p,
      drift: p <= 0.05,
    });
    const norm = Math.sqrt((1001 ** 2 - 1) / 12);
    const score = wasserstein(Float64Array.from(whole(0, 1001)), Float64Array.from(other)) / norm;
    expect(found('evidently', large, numbers(other))).toEqual({
      column: 'x',
      method: 'Wasserstein distance (normed)',
      score: expect.closeTo(score, 12),
      threshold: 0.1,
      drift: true,
      details: { norm: expect.closeTo(norm, 9) },
      reason: null,
    });
    expect(found('evidently', large, large)).toMatchObject({ score: 0, drift: false });
    // A reference that hardly varies is divided by a thousandth.
    const flat = numbers([...filled(996, 5), ...whole(0, 6).map((i) => 5 + i / 1e6)]);
    expect(found('evidently', flat, flat).details.norm).toBe(0.001);
  });

  it('takes numbers of few different values for categories, and whole ones of ten', () => {
    const method = (values: number[], type: 'int64' | 'float64', current = values) =>
      found('evidently', numbers(values, type), numbers(current, type)).method;
    const cycle = (different: number) => Array.from({ length: 100 }, (_, i) => i % different);
    expect(method(cycle(2), 'float64')).toBe('Z-test p_value');
    expect(method(cycle(5), 'float64')).toBe('chi-square p_value');
    expect(method(cycle(6), 'float64')).toBe('K-S p_value');
    expect(method(cycle(10), 'int64')).toBe('chi-square p_value');
    expect(method(cycle(11), 'int64')).toBe('K-S p_value');
    // By the current table.
    expect(method(cycle(11), 'int64', cycle(10))).toBe('chi-square p_value');
  });

  it('has p-values of shares and of the fit to the reference', () => {
    const two = found('evidently', words({ a: 60, b: 40 }), words({ a: 30, b: 70 }));
    expect(two).toMatchObject({ ...level, method: 'Z-test p_value', drift: true });
    // z² is (0.3)² / (0.45 · 0.55 · 2 / 100).
    expect(two.score).toBeCloseTo(chiSquareTail(0.09 / (0.45 * 0.55 * 0.02), 1), 12);
    expect(found('evidently', words({ a: 60 }), words({ a: 30 }))).toMatchObject({
      method: 'Z-test p_value',
      score: 1,
      drift: false,
    });
    const three = found('evidently', words({ a: 50, b: 30, c: 20 }), words({ a: 70, b: 80, c: 50 }));
    const statistic = (70 - 100) ** 2 / 100 + (80 - 60) ** 2 / 60 + (50 - 40) ** 2 / 40;
    expect(three).toMatchObject({
      ...level,
      method: 'chi-square p_value',
      score: chiSquareTail(statistic, 2),
      drift: true,
    });
    expect(found('evidently', words({ a: 50, b: 30 }), words({ a: 7, b: 8, c: 5 }))).toMatchObject({
      score: 0,
      drift: true,
    });
  });

  it('measures categories of many rows by the natural Jensen-Shannon distance', () => {
    const counts = [
      { a: 600, b: 500 },
      { a: 30, b: 70 },
    ] as const;
    const score = jensenShannonDistance([600, 500], [30, 70])! * Math.sqrt(Math.LN2);
    expect(found('evidently', words(counts[0]), words(counts[1]))).toEqual({
      column: 'x',
      method: 'Jensen-Shannon distance',
      score: expect.closeTo(score, 12),
      threshold: 0.1,
      drift: score >= 0.1,
      details: { base: 'e', bins: 2 },
      reason: null,
    });
  });

  it('measures no distance where nothing moved, and takes no boolean for free text', () => {
    const same = words({ a: 600, b: 500 });
    expect(found('evidently', same, same)).toMatchObject({ score: 0, drift: false });
    const flags = texts(['true', 'false'], 'boolean');
    expect(found('evidently', flags, flags).method).toBe('Z-test p_value');
  });

  it('leaves free text open, by another method beyond a thousand rows', () => {
    const free = (rows: number) => texts(whole(0, rows).map((i) => `text ${i}`));
    expect(found('evidently', free(1000), free(20))).toMatchObject({
      method: 'Percentile text content drift',
      undecided: true,
    });
    expect(found('evidently', free(1001), free(20))).toMatchObject({
      method: 'Absolute text content drift',
      undecided: true,
    });
    expect(found('evidently', free(20), free(20)).reason).toBe(
      'Texts are judged by a classifier over TF-IDF whose training is random.',
    );
    // Half of the current texts being different is not more than half.
    expect(found('evidently', free(20), words({ a: 2, b: 2 })).method).toBe('chi-square p_value');
    expect(found('evidently', free(20), words({ a: 1, b: 2 })).undecided).toBe(true);
  });

  it('says of a table that it drifts where at least half of its columns do, whatever is open', () => {
    const finding = (name: string, drift: boolean | null, said = {}) => ({
      ...none,
      column: name,
      method: null,
      reason: null,
      drift,
      ...said,
    });
    const open = (name: string) => finding(name, null, { undecided: true });
    const says = (...columns: ReturnType<typeof finding>[]) => {
      const { drift, reason } = concludeAs('evidently', columns);
      return [drift, reason];
    };
    expect(says(finding('a', true), finding('b', false))).toEqual([true, null]);
    expect(says(finding('a', true), finding('b', false), finding('c', false))).toEqual([false, null]);
    expect(says(open('a'), finding('b', false))[0]).toBeNull();
    expect(concludeAs('evidently', []).rule).toBe('at least 50 % of the columns drift');
    expect(says()).toEqual([null, 'No column is compared.']);
    expect(says(finding('a', null))).toEqual([null, 'No column is compared.']);
    expect(says(finding('a', true), finding('b', null), finding('c', false))).toEqual([true, null]);
    const six = ['a', 'b', 'c', 'd', 'e', 'f'].map(open);
    expect(says(...six)).toEqual([
      null,
      '0 of 6 columns drift; what it says of a, b, c, d, e and others, which could tip it, cannot be had.',
    ]);
    expect(says(...six.slice(1), finding('g', false))[1]).toMatch(
      /^0 of 6 columns drift; what it says of b, c, d, e, f, which/,
    );
    const empty = finding('e', null, { undecided: true, reason: 'An empty column makes the whole report fail.' });
    expect(says(finding('a', true), empty)).toEqual([null, 'An empty column makes the whole report fail.']);
  });
});

describe('as NannyML', () => {
  it('has chunks of a tenth of the rows, and one of what is left over', () => {
    const nine = numbers(whole(0, 9));
    expect(found('nannyml', nine, numbers(whole(0, 10))).reason).toBe('Ten chunks need at least 10 rows on each side.');
    expect(found('nannyml', numbers(whole(0, 10)), nine).reason).toBe('Ten chunks need at least 10 rows on each side.');
    const chunks = (rows: number) => found('nannyml', numbers(whole(0, 30)), numbers(whole(0, rows))).details.chunks;
    expect([chunks(10), chunks(20), chunks(29), chunks(39)]).toEqual([10, 10, 15, 13]);
  });

  it('alerts above the mean and three deviations of the reference’s own chunks, the worst of them told', () => {
    const reference = Array.from({ length: 100 }, (_, i) => (i % 10 < 5 ? 'a' : 'b'));
    const current = reference.map((text, i) => (i < 10 ? 'new' : text));
    const { score, threshold, drift, details, ...rest } = found('nannyml', texts(reference), texts(current));
    // Every chunk of the reference is the whole.
    expect([threshold, score, drift]).toEqual([0, 1, true]);
    expect(details).toMatchObject({ base: 2, chunks: 10, alerts: 1, chunk_0: 1, chunk_1: 0, chunk_9: 0 });
    expect(rest).toEqual({ column: 'x', method: 'jensen_shannon', reason: null });
    const gone = texts(reference.map((text, i) => (i < 10 ? null : text)));
    expect(found('nannyml', texts(reference), gone)).toMatchObject({
      score: 0,
      drift: false,
      details: { alerts: 0, chunk_0: null },
    });
  });
});

describe('as whylogs', () => {
  it('has booleans in the sketch of numbers', () => {
    const flags = (yes: number, no: number, nulls: number): Column => ({
      ...texts([...filled(yes, 'true'), ...filled(no, 'false'), ...filled(nulls, null)]),
      type: 'boolean',
      codes: Int32Array.from([...filled(yes, 1), ...filled(no, 0), ...filled(nulls, -1)]),
      dictionary: ['false', 'true'],
    });
    // whylogs 1.6.4 itself.
    expect(found('whylogs', flags(30, 70, 3), flags(50, 60, 0))).toMatchObject({
      method: 'ks',
      score: expect.closeTo(0.1499652071061952, 14),
      drift: false,
      details: { statistic: expect.closeTo(0.15454545454545454, 14) },
    });
  });

  it('expects whole rows of texts, and has an infinite statistic where it expects none', () => {
    const fit = found('whylogs', words({ a: 55, b: 45 }), words({ a: 3, b: 7 }));
    const statistic = (3 - 5) ** 2 / 5 + (7 - 4) ** 2 / 4;
    const p = chiSquareTail(statistic, 1);
    expect(fit).toEqual({
      column: 'x',
      method: 'chi-square',
      score: p,
      threshold: 0.05,
      drift: p < 0.05,
      details: { statistic: expect.closeTo(statistic, 12) },
      reason: null,
    });
    // whylogs 1.6.4 itself, of tables that lack a third and a quarter of their texts: it counts the rows without one too.
    const lacking = (counts: Readonly<Record<string, number>>, nulls: number) =>
      texts([...Object.entries(counts).flatMap(([text, count]) => filled(count, text)), ...filled(nulls, null)]);
    const sparse = found('whylogs', lacking({ a: 50, b: 50 }, 50), lacking({ a: 30, b: 45 }, 25));
    expect(sparse.score).toBeCloseTo(0.03130125999812184, 14);
    expect(sparse.details).toEqual({ statistic: expect.closeTo(4.636363636363636, 12) });
    const rare = found('whylogs', words({ a: 99, b: 1 }), words({ a: 9, b: 1 }));
    expect(rare).toMatchObject({
      score: 0,
      drift: true,
      details: { statistic: null },
      reason: 'The statistic is infinite: of a value no row was expected.',
    });
    expect(found('whylogs', words({ a: 99, b: 1 }), words({ a: 9 }))).toMatchObject({ score: 0, drift: true });
    expect(found('whylogs', numbers(whole(0, 1025)), numbers([1])).method).toBe('ks');
    expect(found('whylogs', words({ a: 9 }), words({ a: 5 }))).toMatchObject({ score: 1, drift: false });
    const many = (different: number) => texts(whole(0, different).map((i) => `t${i}`));
    expect(found('whylogs', many(512), many(5)).score).not.toBeNull();
    for (const pair of [
      [many(513), many(5)],
      [many(5), many(513)],
    ] as const) {
      expect(found('whylogs', ...pair)).toEqual({
        ...none,
        method: 'chi-square',
        reason: 'Beyond 512 different values its counts are estimates.',
      });
    }
  });

  it('compares distribution functions at quantiles, counting what is smaller', () => {
    const [x, y] = [whole(0, 40), whole(5, 65)];
    // At 40 all of x are smaller, of y 35 of 60.
    const statistic = 1 - 35 / 60;
    const { score, details, drift } = found('whylogs', numbers(x), numbers(y));
    expect(details.statistic).toBeCloseTo(statistic, 12);
    expect(score).toBeCloseTo(kolmogorovTail(24, statistic), 12);
    expect(drift).toBe(true);
    expect(found('whylogs', numbers([1, 2]), numbers([1, 2]))).toMatchObject({
      score: 1,
      drift: false,
      threshold: 0.05,
      method: 'ks',
    });
  });
});

describe('as Deequ', () => {
  it('lets chance have its part of a change', () => {
    expect(robust(0.9, 100, 300)).toBeCloseTo(0.9 - 1.8 * Math.sqrt(400 / 30_000), 12);
    expect(robust(0.1, 100, 300)).toBe(0);
    expect(found('deequ', numbers(whole(0, 50)), numbers(whole(100, 150)))).toEqual({
      column: 'x',
      method: 'linf_robust',
      score: robust(1, 50, 50),
      threshold: null,
      drift: null,
      details: { linf_simple: 1 },
      reason: null,
    });
  });

  it('needs ten expected rows of two values, and five of four fifths of more', () => {
    const of = (reference: number[], current: number[]) =>
      goodnessOfFit({ reference: Float64Array.from(reference), current: Float64Array.from(current) });
    expect(of([10, 90], [12, 88])).toMatchObject({ statistic: expect.closeTo(4 / 10 + 4 / 90, 12), reason: null });
    expect(of([9, 91], [12, 88])).toBeNull();
    // One of five may expect fewer.
    const five = of([4, 20, 21, 25, 30], [5, 21, 22, 24, 28])!;
    expect(five.statistic).toBeCloseTo(1 / 4 + 1 / 20 + 1 / 21 + 1 / 25 + 4 / 30, 12);
    expect(five.p).toBeCloseTo(chiSquareTail(five.statistic!, 4), 12);
    // Five expected rows are enough, one value alone is none to compare, and only ties with the second smallest are open.
    expect(of([5, 5, 30, 30, 30], [4, 6, 31, 29, 30])!.statistic).toBeCloseTo(2 / 5 + 2 / 30, 12);
    expect(of([4], [3])).toBeNull();
    expect(of([3, 4, 20, 20, 53], [5, 6, 10, 30, 49])!.reason).toBeNull();
    expect(found('deequ', words({ a: 50, b: 50 }), words({ a: 40, b: 60 })).method).toBe('linf_robust');
    expect(found('deequ', numbers(whole(0, 2049)), numbers([1])).method).toBe('linf_robust');
    const two = of([3, 4, 20, 33, 40], [5, 6, 21, 30, 38])!;
    expect(two.statistic).toBeCloseTo(16 / 7 + 1 / 20 + 9 / 33 + 4 / 40, 12);
    expect(found('deequ', words({ a: 50, b: 50 }), words({ a: 40, b: 60 })).details).toEqual({
      linf_simple: expect.closeTo(0.1, 12),
      chi_square: expect.closeTo(4, 12),
      chi_square_p: expect.closeTo(chiSquareTail(4, 1), 12),
    });
    expect(found('deequ', words({ a: 5, b: 4 }), words({ a: 4, b: 5 })).details).toMatchObject({
      chi_square: null,
      chi_square_p: null,
    });
  });
});

describe('as TFDV and SciPy', () => {
  it('names the value that changed most', () => {
    expect(found('tfdv', words({ a: 5, b: 3, c: 2 }), words({ a: 1, b: 5, c: 4 }))).toMatchObject({
      method: 'infinity_norm',
      score: expect.closeTo(0.4, 12),
      threshold: null,
      drift: null,
      details: { value: 'a' },
      reason: null,
    });
    expect(found('tfdv', numbers([1, 2]), numbers([1, 2]))).toEqual({
      ...none,
      method: 'jensen_shannon_divergence',
      score: 0,
      reason: null,
    });
  });

  it('looks at the thousand most frequent values of a side, of equals at the last', () => {
    const names = Array.from({ length: 1001 }, (_, i) => `t${String(i).padStart(4, '0')}`);
    const divergence = jensenShannonDivergence([2, ...filled(999, 1), 0], [3, ...filled(999, 0), 2])!;
    for (const order of [names, names.toReversed()]) {
      const finding = found('tfdv', texts([...order, 'z', 'z']), words({ z: 3, t0001: 2 }));
      // Left out are the first two of those with one row.
      expect(finding).toMatchObject({ score: expect.closeTo(0.6 - 2 / 1001, 12), details: { value: 'z' } });
      expect(finding.details.jensen_shannon_divergence).toBeCloseTo(divergence, 12);
    }
  });

  it('has texts in the order of their code points, not of the units that they are made of', () => {
    // Two units stand for each of the second, both below the one of each of the first.
    const plain = Array.from({ length: 990 }, (_, i) => String.fromCodePoint(0xe000 + i));
    const beyond = Array.from({ length: 20 }, (_, i) => String.fromCodePoint(0x10000 + i));
    // Ten of the first are left out, among them the very first.
    expect(found('tfdv', texts([...plain, ...beyond]), texts([...beyond, '\ue000']))).toMatchObject({
      score: expect.closeTo(1 / 21, 12),
      details: { value: '\ue000' },
    });
  });

  it('has no distance of more texts than its sketch holds, and of long ones that are one for it', () => {
    const names = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);
    const reason = 'Of more than 1024 different texts its sketch holds some, by the order of a hash table.';
    for (const pair of [
      [texts(names(1025)), texts(['t1'])],
      [texts(['t1']), texts(names(1025))],
    ] as const) {
      expect(found('tfdv', ...pair)).toEqual({ ...none, method: 'infinity_norm', reason });
    }
    expect(found('tfdv', texts(names(1024)), texts(names(1024)))).toMatchObject({ score: 0, reason: null });
    const long = ['l'.repeat(1025), 'é'.repeat(513), '\u{20ac}'.repeat(342)];
    expect(found('tfdv', texts(long), words({ __LARGE_BYTES__: 2 }))).toMatchObject({ score: 0 });
    const held = ['l'.repeat(1024), 'é'.repeat(512), '\u{20ac}'.repeat(341)];
    expect(found('tfdv', texts(held), words({ __LARGE_BYTES__: 2 }))).toMatchObject({ score: 1 });
  });

  it('takes booleans for the numbers that they are to it', () => {
    const flags = texts(['true', null, 'false', 'true', 'true'], 'boolean');
    const others = texts(['false', 'true', 'false'], 'boolean');
    const divergence = found('tfdv', numbers([1, 0, 1, 1]), numbers([0, 1, 0]));
    expect(found('tfdv', flags, others)).toEqual(divergence);
    expect(found('tfdv', flags, numbers([0, 1, 0]))).toEqual(divergence);
    const reason = 'Only numbers with numbers and texts with texts are compared.';
    for (const pair of [
      [flags, texts(['true'])],
      [texts(['true']), flags],
    ] as const) {
      expect(found('tfdv', ...pair)).toEqual({ ...none, method: null, reason });
    }
  });

  it('counts a p-value of Cramér and von Mises up to twenty rows a side, where nothing is tied', () => {
    const p = (x: number[], y: number[]) => found('scipy', numbers(x), numbers(y)).details.cramervonmises_2samp_p;
    const tied = (rows: number) => Array.from({ length: rows }, (_, i) => i % 4);
    expect([p(tied(20), tied(5)), p(tied(5), tied(20))]).toEqual([null, null]);
    for (const said of [p(tied(21), tied(5)), p(tied(5), tied(21))]) expect(said).toBeGreaterThan(0);
  });

  it('has the first test by its name, with the others beside it', () => {
    const [x, y] = [whole(0, 30), whole(4, 44)];
    const { d, p } = kolmogorovSmirnov(Float64Array.from(x), Float64Array.from(y));
    expect(found('scipy', numbers(x), numbers(y))).toMatchObject({
      method: 'ks_2samp',
      score: p,
      threshold: null,
      drift: null,
      details: { statistic: d, wasserstein_distance: wasserstein(Float64Array.from(x), Float64Array.from(y)) },
      reason: null,
    });
  });
});
