import { describe, expect, it } from 'vitest';
import { unseenShare } from '../../../src/stats/distances/unseen-share.ts';
import type { CategoryProfile } from '../../../src/stats/profile.ts';
import { DEFAULT_POLICY, judge } from '../../../src/stats/verdict/judge.ts';
import type { ColumnJudgement, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { describeUnseen, unseenFinding, unseenInProfiles } from '../../../src/stats/verdict/unseen-finding.ts';
import { profileOf, texts } from '../columns.ts';

const UNSEEN = 'unseen_share/difference@1';

type Counts = Readonly<Record<string, number>>;

const rows = (counts: Counts, nulls = 0) =>
  texts([
    ...Object.entries(counts).flatMap(([text, n]) => Array.from({ length: n }, () => text)),
    ...Array.from({ length: nulls }, () => null),
  ]);

function judged(reference: ReturnType<typeof texts>, window: typeof reference, policy: Partial<JudgePolicy> = {}) {
  const column = { name: 'x', role: 'feature', profile: profileOf({ x: reference }).columns[0]!, reference, window };
  return judge({ columns: [{ ...column, role: 'feature' }], policy }).columns[0]!;
}

const found = ({ findings }: ColumnJudgement) => findings.find(({ measure }) => measure === UNSEEN);

describe('unseen values of a column of texts', () => {
  const reference = rows({ Berlin: 600, Rome: 399, Oslo: 1 });

  it('are counted against those that have a value, less what is expected, and named by their share', () => {
    const window = rows({ Berlin: 576, Rome: 364, Lisbon: 41, Porto: 10, Faro: 5, Evora: 4 }, 3);
    const finding = found(judged(reference, window));
    expect(finding).toMatchObject({
      value: expect.closeTo(0.06 - 0.001, 12),
      direction: 'higher',
      limit: 0.02,
      parameters: {
        ...{ share: 0.06, expected: 0.001, values: 4, unseen: 60, once: 1, twice: 0, n: 1000, m: 1000 },
        ...{
          first: 'Lisbon',
          first_share: 0.041,
          second: 'Porto',
          second_share: 0.01,
          third: 'Faro',
          third_share: 0.005,
        },
      },
    });
    expect(finding?.p).toBeLessThan(1e-10);
    expect(describeUnseen(finding!)).toBe(
      '4 values that the reference does not have, in 6 % of the rows with a value, where 0.1 % are expected: "Lisbon" 4.1 %, "Porto" 1 %, "Faro" 0.5 % and others',
    );
  });

  it('are drift where they are many, and said in its reason', () => {
    const window = rows({ Berlin: 580, Rome: 390, Lisbon: 30 });
    const column = judged(reference, window);
    expect(column).toMatchObject({ verdict: 'drift', effect: { measure: UNSEEN } });
    expect(column.why).toMatch(
      /^Share of unseen values 0.029 is above its limit 0.02, and q = \S+ is below 0.05\. 1 value/,
    );
    expect(column.why).toMatch(
      / that the reference does not have, in 3 % of the rows with a value, where 0.1 % are expected: "Lisbon" 3 %\.$/,
    );
    // Without it, as before, one in fifty of the rows is less than the distance takes for much.
    const before = judged(rows({ a: 500, b: 500 }), rows({ a: 490, b: 487, c: 23 }), { method: 'judge@4' });
    expect(found(before)).toBeUndefined();
  });

  it('are no drift where they are few, where chance gives as many, or where every value is rare', () => {
    expect(found(judged(reference, rows({ Berlin: 600, Rome: 390, Lisbon: 10 })))?.value).toBeLessThan(0.02);
    const few = judged(reference, rows({ Berlin: 30, Rome: 19, Lisbon: 1 }));
    expect(few.verdict).toBe('no_drift');
    expect(found(few)).toMatchObject({ null95: 0.02 });
    const rare = (from: number, many: number) =>
      texts(Array.from({ length: 3 * many }, (_, i) => (i < many ? `new ${from + i}` : `often ${i % 7}`)));
    const third = judged(rare(0, 1000), rare(1000, 300));
    expect(found(third)).toMatchObject({ value: 0, parameters: { share: expect.closeTo(1 / 3, 12), values: 300 } });
    expect(third.verdict).toBe('no_drift');
  });

  it('are not looked for where no text can be new, and without one there is nothing to tell', () => {
    const flags = (count: number) =>
      texts(
        Array.from({ length: 100 }, (_, i) => String(i < count)),
        'boolean',
      );
    const column = { name: 'x', role: 'feature', profile: profileOf({ x: flags(50) }).columns[0]! } as const;
    const made = judge({ columns: [{ ...column, reference: flags(50), window: flags(60) }] }).columns[0]!;
    expect(found(made)).toBeUndefined();
    expect(describeUnseen(found(judged(reference, reference))!)).toBeNull();
    expect(describeUnseen({ measure: 'psi/reference-edges@1', parameters: {} })).toBeNull();
  });

  it('say why there are none where a side has no text', () => {
    const cells = (r: number[], w: number[]) => ({ labels: ['a', 'missing'], r, w });
    expect(unseenFinding(cells([0, 9], [5, 0]), DEFAULT_POLICY).reason).toBe('the reference has no usable values');
    expect(unseenFinding(cells([9, 0], [0, 5]), DEFAULT_POLICY).reason).toBe('the window has no usable values');
  });

  it('name long texts by their beginning', () => {
    const long = '𝒳'.repeat(80);
    const { parameters } = unseenFinding(
      { labels: ['a', long, 'missing'], r: [9, 0, 0], w: [5, 4, 0] },
      DEFAULT_POLICY,
    );
    expect(parameters['first']).toBe(`${'𝒳'.repeat(49)}…`);
  });
});

describe('a finding on unseen values', () => {
  const cells = {
    labels: ['a', 'b', 'c', 'd', 'neither', 'e', 'missing'],
    r: [50, 1, 2, 0, 0, 0, 7],
    w: [20, 0, 0, 9, 0, 3, 5],
  };

  it('is that of their share of the rows with a value, with the law of what the reference has', () => {
    const { excess, expected, p, nullMean, null95 } = unseenShare(12, 32, { n: 53, once: 1, twice: 1 });
    expect(unseenFinding(cells, { ...DEFAULT_POLICY, limits: { [UNSEEN]: 0.3 } })).toEqual({
      measure: UNSEEN,
      value: excess,
      direction: 'higher',
      limit: 0.3,
      nullMean,
      null95,
      p,
      q: null,
      reason: null,
      parameters: {
        ...{ share: 12 / 32, expected, values: 2, unseen: 12, once: 1, twice: 1, n: 53, m: 32 },
        ...{ first: 'd', first_share: 9 / 32, second: 'e', second_share: 3 / 32 },
      },
    });
    expect(expected).toBe(1 / 53);
  });

  it('names the most frequent three, of equally frequent ones the first by their text, and no text twice', () => {
    const named = (counts: Counts) => {
      const [labels, w] = [Object.keys(counts), Object.values(counts)];
      const { parameters } = unseenFinding(
        { labels: ['known', ...labels, 'missing'], r: [9, ...w.map(() => 0), 0], w: [5, ...w, 0] },
        DEFAULT_POLICY,
      );
      expect(Object.keys(parameters).length).toBe(8 + 2 * Math.min(3, labels.length));
      return [parameters['first'], parameters['second'], parameters['third'], parameters['fourth']];
    };
    expect(named({ d: 1, c: 1, a: 2, b: 2, e: 1 })).toEqual(['a', 'b', 'c', undefined]);
    expect(named({ a: 1, b: 2, c: 3, d: 4 })).toEqual(['d', 'c', 'b', undefined]);
    expect(named({ b: 1, a: 1 })).toEqual(['a', 'b', undefined, undefined]);
    expect(named({ d: 4, a: 1 })).toEqual(['d', 'a', undefined, undefined]);
    const exactly = 'x'.repeat(100);
    expect(named({ [exactly]: 2, [`${exactly}y`]: 1 })).toEqual([exactly, `${'x'.repeat(99)}…`, undefined, undefined]);
  });
});

describe('unseen values by two profiles', () => {
  const profile = (column: ReturnType<typeof texts>) => profileOf({ x: column }).columns[0] as CategoryProfile;
  const reference = profile(rows({ a: 90, b: 60, c: 1, d: 2 }, 4));
  const current = profile(rows({ a: 60, e: 30, f: 10 }, 5));
  const between = (a: CategoryProfile, b: CategoryProfile) =>
    unseenInProfiles(a, b, { ...DEFAULT_POLICY, limits: { [UNSEEN]: 0.3 } });

  it('are a finding with bounds, which are one number where both list all of theirs', () => {
    const seen = { n: 153, once: 1, twice: 1 };
    const { excess, p, null95 } = unseenShare(40, 100, seen);
    expect(between(reference, current)).toEqual({
      measure: UNSEEN,
      ...{ lower: excess, value: excess, upper: excess },
      ...{ p: { lower: p, upper: p }, null95, limit: 0.3, reason: null },
    });
    // No row of 40 that are not listed may be of the reference's others but 3 of b, c and d each.
    const top = { ...current.top, values: [{ value: 'a', count: 60 }], rest: 40, complete: false, unlisted: 3 };
    const least = unseenShare(31, 100, seen);
    expect(between(reference, { ...current, top })).toMatchObject({
      lower: least.excess,
      value: expect.closeTo(35.5 / 100 - 1 / 153, 12),
      upper: excess,
      p: { lower: p, upper: least.p },
    });
    expect(between(reference, reference)).toMatchObject({ lower: 0, value: 0, upper: 0 });
  });

  it('are none where the reference lists a part of its texts, or a side has none', () => {
    const none = { measure: UNSEEN, lower: null, value: null, upper: null, p: null, null95: null, limit: 0.3 };
    const part = { ...reference, top: { ...reference.top, complete: false } };
    expect(between(part, current)).toEqual({ ...none, reason: 'the reference does not list all of its values' });
    const empty = profile(rows({}, 6));
    for (const [a, b] of [
      [reference, empty],
      [empty, current],
    ] as const) {
      expect(between(a, b)).toEqual({ ...none, reason: 'a side has no usable values' });
    }
  });
});

describe('what is told of unseen values', () => {
  const told = (parameters: Parameters<typeof describeUnseen>[0]['parameters'], measure = UNSEEN) =>
    describeUnseen({ measure, parameters });

  it('is how many there are, in which share of the rows, and the first of them', () => {
    const one = { share: 0.0512, expected: 0, values: 1, first: 'x', first_share: 0.0512 };
    expect(told(one)).toBe('1 value that the reference does not have, in 5.1 % of the rows with a value: "x" 5.1 %');
    expect(told({ ...one, values: 2 })).toBe(
      '2 values that the reference does not have, in 5.1 % of the rows with a value: "x" 5.1 % and others',
    );
    expect(told({ ...one, values: 2, expected: 0.004, second: 'y', second_share: 0.001 })).toBe(
      '2 values that the reference does not have, in 5.1 % of the rows with a value, where 0.4 % are expected: "x" 5.1 %, "y" 0.1 %',
    );
    expect(told({ share: 0.5, values: 3, first: 'x', first_share: null, second: null, second_share: 0.1 })).toBe(
      '3 values that the reference does not have, in 50 % of the rows with a value:  and others',
    );
  });

  it('is nothing of other measures, and of findings without shares or values', () => {
    const made = { share: 0.1, values: 1, first: 'x', first_share: 0.1 };
    expect(told(made, 'psi/reference-edges@1')).toBeNull();
    expect(told({ ...made, share: null })).toBeNull();
    expect(told({ ...made, values: null })).toBeNull();
    expect(told({ ...made, values: 0 })).toBeNull();
  });
});
