import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { jensenShannonDistance } from '../../../src/stats/distances/jensen-shannon.ts';
import { unseenShare } from '../../../src/stats/distances/unseen-share.ts';
import { wassersteinNull } from '../../../src/stats/distances/wasserstein.ts';
import { chiSquareContingency } from '../../../src/stats/hypothesis-tests/chi-square-contingency.ts';
import { kolmogorovSmirnov } from '../../../src/stats/hypothesis-tests/kolmogorov-smirnov.ts';
import type { CategoryProfile, ColumnProfile, NumberProfile, VectorProfile } from '../../../src/stats/profile.ts';
import {
  compareProfiles,
  filledOf,
  incomparableProfiles,
  isNearlyUnique,
  type ProfileComparison,
} from '../../../src/stats/verdict/compare-profiles.ts';
import { measureVectorProfiles } from '../../../src/stats/verdict/compare-vector-profiles.ts';
import { numbers, profileOf, texts, times, vectors } from '../columns.ts';

const profile = <T extends ColumnProfile>(column: Column): T => profileOf({ x: column }).columns[0] as T;
const counting = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);
const found = (comparison: ProfileComparison, measure: string) =>
  comparison.findings.find((one) => one.measure.startsWith(measure))!;
const exactly = (value: number) => ({ lower: value, value, upper: value });
const known = (p: number) => ({ lower: p, upper: p });
const near = (value: number) => exactly(expect.closeTo(value, 10));

const KS = 'ks/two-sided@1';
const W = 'wasserstein/reference-std@1';
const JS = 'js_distance/base2/reference-edges@2';
const UNSEEN = 'unseen_share/difference@1';
const MISSING = 'missing_share/difference@1';
const NONE = { value: null, lower: null, upper: null };

describe('two profiles of few numbers', () => {
  const x = counting(60);
  const y = counting(80, 6);
  const compared = () => compareProfiles(profile(numbers(x)), profile(numbers(y)));

  it('have the distances that the numbers have', () => {
    const comparison = compared();
    expect(comparison).toMatchObject({ name: 'x', incomparable: null, insufficient: null, fewValues: null });
    expect(comparison.findings.map(({ measure }) => measure)).toEqual([KS, W, JS, MISSING]);
    const { d, p, mode } = kolmogorovSmirnov(Float64Array.from(x), Float64Array.from(y));
    expect(mode).toBe('exact');
    expect(found(comparison, KS)).toEqual({
      measure: KS,
      ...near(d),
      limit: null,
      null95: null,
      p: { lower: expect.closeTo(p, 10), upper: expect.closeTo(p, 10) },
      reason: null,
    });
    // Nothing is missing, so that the one test has all of the level.
    expect(comparison.p).toEqual(known(expect.closeTo(p, 10)));
    // Each of 60 steps moves by 6 at its start and by 26 at its end.
    const std = Math.sqrt((60 ** 2 - 1) / 12);
    expect(found(comparison, W)).toEqual({
      measure: W,
      ...near((6 + 26) / 2 / std),
      limit: 0.1,
      null95: wassersteinNull(60, 80).point95,
      p: null,
      reason: null,
    });
    // Twenty bins of three; of the other side 54 of 80 are in eighteen of them, and 26 above.
    const bins = [...counting(20).map((b) => [3, b < 2 ? 0 : 3]), [0, 26]];
    const js = jensenShannonDistance(
      bins.map(([r]) => r!),
      bins.map(([, w]) => w!),
    )!;
    expect(found(comparison, JS)).toMatchObject({ ...near(js), limit: 0.1, null95: null, p: null, reason: null });
    expect(found(comparison, MISSING)).toMatchObject({ ...exactly(0), limit: 0.05, reason: null });
  });

  it('share the level with what is missing, on either side', () => {
    const gaps = numbers([...y, ...counting(40).map(() => null)]);
    for (const [a, b] of [
      [numbers(x), gaps],
      [gaps, numbers(x)],
      [numbers(x), numbers([...y, ...counting(40).map(() => Number.NaN)])],
    ] as const) {
      const comparison = compareProfiles(profile(a), profile(b));
      const [ks, missing] = [found(comparison, KS), found(comparison, MISSING)];
      const p = Math.min(ks.p!.lower, missing.p!.lower);
      expect(comparison.p).toEqual(known(expect.closeTo(2 * p, 12)));
      expect(missing.p!.lower).toBeLessThan(ks.p!.lower);
      expect(Math.abs(missing.value!)).toBeCloseTo(40 / 120, 12);
    }
  });

  it('leave infinities to the test, and the distance to what is finite', () => {
    const endless = (side: readonly number[]) => [...side, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const plain = compared();
    for (const [a, b] of [
      [endless(x), y],
      [x, endless(y)],
      [endless(x), endless(y)],
    ] as const) {
      const comparison = compareProfiles(profile(numbers(a)), profile(numbers(b)));
      const { d } = kolmogorovSmirnov(Float64Array.from(a).sort(), Float64Array.from(b).sort());
      expect(found(comparison, KS)).toMatchObject(near(d));
      expect(found(comparison, W)).toMatchObject(near(found(plain, W).value!));
    }
  });

  it('say what cannot be had, and why', () => {
    const none = profile(numbers(counting(60).map(() => null)));
    const some = profile(numbers(x));
    const lacking = compareProfiles(none, some);
    expect(found(lacking, KS)).toEqual({
      measure: KS,
      ...NONE,
      limit: null,
      null95: null,
      p: null,
      reason: 'the reference has no usable values',
    });
    expect(found(compareProfiles(some, none), KS).reason).toBe('the other has no usable values');
    expect(found(lacking, W)).toMatchObject({ ...NONE, limit: 0.1, reason: 'a side has no finite values' });
    expect(found(compareProfiles(some, none), W).reason).toBe('a side has no finite values');
    // Sixty rows of sixty are missing, and none of the other sixty.
    expect(found(lacking, MISSING)).toMatchObject(exactly(-1));
    const constant = profile<NumberProfile>(numbers(counting(60).map(() => 7)));
    expect(found(compareProfiles(constant, some), W)).toMatchObject({ ...NONE, reason: 'the reference is constant' });
    expect(found(compareProfiles(constant, constant), W)).toMatchObject({ ...exactly(0), reason: null });
    const wild = profile(numbers(counting(60).map((i) => (i % 2 === 0 ? -1.7e308 : 1.7e308))));
    expect(found(compareProfiles(wild, some), W)).toMatchObject({
      ...NONE,
      limit: 0.1,
      reason: "the reference's spread is beyond the range of numbers",
    });
    const narrow = profile(numbers(counting(60).map((i) => i / 1000)));
    expect(found(compareProfiles(narrow, wild), W)).toMatchObject({
      ...NONE,
      reason: 'the result is beyond the range of numbers',
    });
  });

  it('have the limits of the policy', () => {
    const comparison = compareProfiles(profile(numbers(x)), profile(numbers(y)), {
      limits: { [W]: 0.7, [MISSING]: 0.3 },
    });
    expect([W, JS, MISSING].map((measure) => found(comparison, measure).limit)).toEqual([0.7, 0.1, 0.3]);
  });
});

describe('the fewest rows', () => {
  const column = (values: number, nulls = 0) =>
    profile(numbers([...counting(values), ...counting(nulls).map(() => null)]));

  it('are of rows, and then of values', () => {
    const enough = compareProfiles(column(50), column(50));
    expect(enough).toMatchObject({ insufficient: null, fewValues: null });
    expect(compareProfiles(column(49), column(50)).insufficient).toBe('At least 50 rows are needed on each side.');
    expect(compareProfiles(column(50), column(49)).insufficient).not.toBeNull();
    expect(compareProfiles(column(49), column(50)).fewValues).toBeNull();
    expect(compareProfiles(column(4), column(5), { minimumRows: 4 }).insufficient).toBeNull();
    const few = compareProfiles(column(60), column(49, 31));
    expect(few).toMatchObject({
      insufficient: null,
      fewValues: 'There are 60 and 49 values; at least 50 are needed on each side.',
    });
    // What is missing is all that can be judged.
    expect(few.p).toEqual(found(few, MISSING).p);
    expect(few.p.lower).toBeLessThan(1e-6);
    expect(compareProfiles(column(60), column(50, 31)).fewValues).toBeNull();
  });
});

describe('two profiles of texts', () => {
  const rows = (counts: Readonly<Record<string, number>>, nulls = 0) =>
    texts([
      ...Object.entries(counts).flatMap(([text, n]) => counting(n).map(() => text)),
      ...counting(nulls).map(() => null),
    ]);

  it('have the test and the distance of all texts, missing among them, where all are listed', () => {
    const comparison = compareProfiles(profile(rows({ a: 40, b: 30 }, 10)), profile(rows({ a: 30, b: 50 }, 20)));
    const test = chiSquareContingency([40, 30, 10], [30, 50, 20])!;
    expect(comparison).toMatchObject({ name: 'x', incomparable: null, p: known(expect.closeTo(test.p, 12)) });
    expect(comparison.findings.map(({ measure }) => measure)).toEqual([
      'chi_square/contingency@1',
      JS,
      UNSEEN,
      MISSING,
    ]);
    expect(found(comparison, 'chi_square')).toMatchObject({
      ...near(test.statistic),
      p: known(expect.closeTo(test.p, 12)),
      reason: null,
      limit: null,
    });
    const js = jensenShannonDistance([40, 30, 10], [30, 50, 20])!;
    expect(found(comparison, JS)).toMatchObject({ ...near(js), null95: expect.any(Number), limit: 0.1, reason: null });
    expect(found(comparison, MISSING)).toMatchObject(near(20 / 100 - 10 / 80));
  });

  it('have the texts that the reference lacks, exactly or between bounds, where that lists all of its own', () => {
    const reference = profile<CategoryProfile>(rows({ a: 90, b: 60, c: 1 }));
    const current = profile<CategoryProfile>(rows({ a: 60, d: 30, e: 10 }, 5));
    const seen = { n: 151, once: 1, twice: 0 };
    const exact = unseenShare(40, 100, seen);
    const of = (a: CategoryProfile, b: CategoryProfile) => found(compareProfiles(a, b), UNSEEN);
    const { p, ...rest } = of(reference, current);
    expect(rest).toMatchObject({ ...near(0.4 - 1 / 151), limit: 0.02, null95: exact.null95, reason: null });
    expect(p).toEqual({ lower: exact.p, upper: exact.p });
    // Of 40 rows that are not listed at most 9 may be of the b and 9 of the c that it does not list either.
    const top = { ...current.top, values: [{ value: 'a', count: 60 }], rest: 40, complete: false, unlisted: 9 };
    const part = of(reference, { ...current, top });
    expect(part.lower).toBeCloseTo(0.22 - 1 / 151, 12);
    expect(part.upper).toBeCloseTo(0.4 - 1 / 151, 12);
    expect(part.p).toEqual({ lower: exact.p, upper: unseenShare(22, 100, seen).p });
    const open = of({ ...reference, top: { ...reference.top, complete: false } }, current);
    expect(open).toMatchObject({ value: null, reason: 'the reference does not list all of its values' });
    const flags = profile(texts(['true', 'false'], 'boolean'));
    expect(compareProfiles(flags, flags).findings).toHaveLength(3);
  });

  it('put what only one lists together, which bounds the distance', () => {
    const a = profile<CategoryProfile>(rows({ a: 60, b: 20, c: 20 }));
    const b = profile<CategoryProfile>(rows({ a: 50, d: 50 }));
    const part: CategoryProfile = { ...b, top: { ...b.top, complete: false } };
    const comparison = compareProfiles(a, part);
    // 60 of 100 and 50 of 100 are 'a', the others together; none is missing.
    const coarse = jensenShannonDistance([60, 40], [50, 50])!;
    const others = (0.4 + 0.5) / 2;
    expect(found(comparison, JS)).toMatchObject({
      lower: expect.closeTo(coarse, 12),
      value: expect.closeTo(coarse, 12),
      upper: expect.closeTo(Math.sqrt(coarse ** 2 + others), 12),
    });
    expect(found(comparison, 'chi_square').reason).toBe('on the texts that both profiles list, the others together');
    expect(found(comparison, 'chi_square').value).toBeCloseTo(chiSquareContingency([60, 40], [50, 50])!.statistic, 10);
    // Counts that may be short say nothing from below, on either side.
    const short: CategoryProfile = { ...part, top: { ...part.top, error: 2 } };
    for (const bounds of [found(compareProfiles(a, short), JS), found(compareProfiles(short, a), JS)]) {
      expect(bounds).toMatchObject({ lower: 0, value: expect.closeTo(coarse, 12) });
    }
    const apart = compareProfiles(profile(rows({ a: 60, c: 40 })), {
      ...part,
      top: { ...part.top, values: [], rest: 100 },
    });
    expect(found(apart, JS).upper).toBe(1);
  });

  it('have no test where there is one text, and then nothing can differ', () => {
    const comparison = compareProfiles(profile(rows({ a: 60 })), profile(rows({ a: 70 })));
    expect(comparison.p).toEqual(known(1));
    expect(found(comparison, 'chi_square')).toMatchObject({ ...NONE, p: null, reason: expect.any(String) });
    expect(found(comparison, JS)).toMatchObject(exactly(0));
  });
});

describe('what is made of few values', () => {
  const all = { minimumRows: 0 };

  it('is decided by what is missing where there is nothing else', () => {
    const comparison = compareProfiles(profile(numbers([null, null, null])), profile(numbers([1, 2, 3])), all);
    expect(found(comparison, KS)).toMatchObject({ ...NONE, p: null });
    expect(found(comparison, MISSING).p).toEqual(known(expect.any(Number)));
    expect(comparison.p).toEqual(found(comparison, MISSING).p);
  });

  it('says that a side has no rows', () => {
    const comparison = compareProfiles(profile(numbers([])), profile(numbers([1, 2, null])), all);
    expect(found(comparison, MISSING)).toMatchObject({ ...NONE, reason: 'a side has no rows' });
  });

  it('has the limits of the policy', () => {
    const limits = { [JS]: 0.33, [W]: 0.44, [MISSING]: 0.55 };
    const comparison = compareProfiles(profile(numbers(counting(60))), profile(numbers(counting(60))), { limits });
    for (const name of [JS, W, MISSING] as const) expect(found(comparison, name).limit).toBe(limits[name]);
  });

  it('has the test of rare texts together, of those of two', () => {
    const of = (...counts: number[]) => profile(texts(counts.flatMap((n, k) => counting(n).map(() => `t${k}`))));
    const comparison = compareProfiles(of(40, 30, 2, 1), of(30, 40, 1, 2));
    expect(comparison.findings[0]?.measure).toBe('chi_square/pooled-cells@1');
    expect(comparison.p).toEqual(comparison.findings[0]?.p);
  });
});

describe('two profiles of vectors', () => {
  const some = (n: number, shift: number, scale = 1) =>
    vectors(
      counting(n).map((i) => [shift + scale * Math.sin(i), 3 + Math.cos(i)]),
      2,
    );

  it('have the test of their means, their shift and their angle', () => {
    const [a, b] = [profile<VectorProfile>(some(60, 1)), profile<VectorProfile>(some(70, 1.3))];
    const comparison = compareProfiles(a, b);
    const { means, shift, cosine } = measureVectorProfiles(a, b);
    expect(comparison).toMatchObject({ name: 'x', incomparable: null, p: known(means!.p) });
    expect(comparison.findings.map(({ measure }) => measure)).toEqual([
      'component_means/welch-student@1',
      'centroid_distance/reference-spread@2',
      'centroid_distance/cosine@1',
      MISSING,
    ]);
    expect(found(comparison, 'component_means')).toMatchObject({
      ...exactly(means!.t!),
      p: known(means!.p),
      limit: null,
    });
    expect(found(comparison, 'centroid_distance/reference')).toMatchObject({ ...exactly(shift!), limit: 0.1, p: null });
    expect(found(comparison, 'centroid_distance/cosine')).toMatchObject({ ...exactly(cosine!), limit: null });
    const chosen = compareProfiles(a, b, { limits: { 'centroid_distance/reference-spread@2': 0.5 } });
    expect(found(chosen, 'centroid_distance/reference').limit).toBe(0.5);
  });

  it('share the level with what is missing or not finite', () => {
    const a = profile(some(60, 1));
    const b = profile(
      vectors(
        [...counting(70).map((i) => [1 + Math.sin(i), Math.cos(i)]), ...counting(30).map(() => [Number.NaN, 1])],
        2,
      ),
    );
    for (const comparison of [compareProfiles(a, b), compareProfiles(b, a)]) {
      const [means, missing] = [found(comparison, 'component_means'), found(comparison, MISSING)];
      expect(comparison.p).toEqual(
        known(expect.closeTo(Math.min(1, 2 * Math.min(means.p!.lower, missing.p!.lower)), 12)),
      );
      expect(Math.abs(missing.value!)).toBeCloseTo(0.3, 12);
    }
  });

  it('say why a number cannot be had', () => {
    const none = profile(
      vectors(
        counting(60).map(() => null),
        2,
      ),
    );
    const comparison = compareProfiles(none, profile(some(60, 1)));
    const why = (made: typeof comparison) =>
      made.findings.slice(0, 3).map(({ value, reason }) => (value === null ? reason : value));
    const lacking = 'a side has no finite vectors';
    expect(why(comparison)).toEqual(['a side has too few finite vectors', lacking, lacking]);
    expect(why(compareProfiles(profile(some(60, 1)), none))).toEqual(why(comparison));
    const still = profile(
      vectors(
        counting(60).map(() => [0, 0]),
        2,
      ),
    );
    const wild = profile(
      vectors(
        counting(60).map((i) => [i % 2 === 0 ? -1e200 : 1e200, 0]),
        2,
      ),
    );
    const unvaried = 'does not vary, or by more than numbers can say';
    for (const one of [still, wild]) {
      expect(found(compareProfiles(one, profile(some(60, 1))), 'centroid_distance/reference')).toMatchObject({
        ...NONE,
        reason: `the reference ${unvaried}`,
      });
    }
    const moved = profile(
      vectors(
        counting(60).map(() => [1, 0]),
        2,
      ),
    );
    expect(why(compareProfiles(still, moved))).toEqual([
      `the component ${unvaried}`,
      `the reference ${unvaried}`,
      'a mean vector is 0',
    ]);
    expect(comparison.fewValues).toBe('There are 0 and 60 values; at least 50 are needed on each side.');
  });

  it('are not compared where their lengths differ', () => {
    const three = profile(
      vectors(
        counting(60).map((i) => [i, 1, 2]),
        3,
      ),
    );
    expect(compareProfiles(profile(some(60, 1)), three)).toEqual(
      incomparableProfiles('x', 'One holds vector[2], the other vector[3].'),
    );
  });
});

describe('what is not compared', () => {
  it('has no findings, no p and a reason', () => {
    expect(incomparableProfiles('x', 'Why.')).toEqual({
      name: 'x',
      incomparable: 'Why.',
      insufficient: null,
      fewValues: null,
      p: { lower: 0, upper: 1 },
      findings: [],
    });
    const [number, text, time] = [profile(numbers([1])), profile(texts(['a'])), profile(times([1]))];
    const why = 'Points in time move on by themselves; they are not compared.';
    expect(compareProfiles(time, number)).toEqual(incomparableProfiles('x', why));
    expect(compareProfiles(number, time)).toEqual(incomparableProfiles('x', why));
    expect(compareProfiles(text, number).incomparable).toBe('One holds text, the other float64.');
    const ids = profile(texts(counting(101).map((i) => `id ${i}`)));
    expect(compareProfiles(ids, text)).toEqual(
      incomparableProfiles('x', 'Nearly every value is different, as in a column of identifiers or free text.'),
    );
    expect(compareProfiles(profile(texts(counting(100).map((i) => `id ${i}`))), text).incomparable).toBeNull();
  });

  it('are texts of which more than half, and more than a hundred, are different', () => {
    const of = (different: number, rows: number, nulls = 0) =>
      isNearlyUnique(
        profile(texts([...counting(rows).map((i) => `t${i % different}`), ...counting(nulls).map(() => null)])),
      );
    expect([of(101, 201), of(101, 202), of(100, 150), of(101, 202, 50)]).toEqual([true, false, false, false]);
    expect(of(101, 201, 50)).toBe(true);
    expect(isNearlyUnique(profile(numbers(counting(300))))).toBe(false);
  });
});

describe('the values of a column', () => {
  it('are its rows with a finite vector, a number or a text', () => {
    expect(filledOf(profile(vectors([[1, 2], null, [Number.NaN, 1]], 2)))).toBe(1);
    expect(filledOf(profile(numbers([1, null, Number.NaN, Number.POSITIVE_INFINITY])))).toBe(2);
    expect(filledOf(profile(texts(['a', null, 'b'])))).toBe(2);
  });
});
