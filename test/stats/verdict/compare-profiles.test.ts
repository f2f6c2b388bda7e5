import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { mergeProfiles } from '../../../src/stats/merge-profiles.ts';
import type { ColumnProfile } from '../../../src/stats/profile.ts';
import { compareProfiles } from '../../../src/stats/verdict/compare-profiles.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import { judgeProfiles } from '../../../src/stats/verdict/judge-profiles.ts';
import type { JudgeColumn } from '../../../src/stats/verdict/judgement.ts';
import type { ProfileFinding } from '../../../src/stats/verdict/profile-finding.ts';
import { numbers, profileOf, texts, times } from '../columns.ts';
import { weyl } from '../samples.ts';

const profile = (column: Column): ColumnProfile => profileOf({ x: column }).columns[0]!;

const judged = (reference: Column, window: Column) => {
  const role = 'feature';
  const column: JudgeColumn = { name: 'x', role, profile: profile(reference), reference, window };
  return judge({ columns: [column] }).columns[0]!;
};

/** What the data itself says lies within what the profiles leave, and a decided verdict is the data's own. */
function expectBounds(reference: Column, window: Column, profiles?: readonly [ColumnProfile, ColumnProfile]) {
  const comparison = compareProfiles(...(profiles ?? [profile(reference), profile(window)]));
  const data = judged(reference, window);
  for (const finding of comparison.findings) {
    const exact = data.findings.find(({ measure }) => measure === finding.measure);
    // A reference that does not list all of its texts does not say which are not among them.
    if (finding.measure === 'unseen_share/difference@1' && finding.value === null) continue;
    if (exact === undefined || exact.value === null || finding.reason?.startsWith('on the texts') === true) continue;
    expectWithin(finding, exact.value);
  }
  const [verdict] = judgeProfiles([comparison]);
  if (verdict?.verdict === 'drift' || verdict?.verdict === 'no_drift') expect(verdict.verdict).toBe(data.verdict);
  return { verdict: verdict!, data };
}

function expectWithin({ measure, lower, value, upper }: ProfileFinding, exact: number): void {
  const slack = 1e-9 * Math.max(1, Math.abs(exact));
  const said = `${measure}: ${exact} within [${lower}, ${upper}]`;
  expect(lower, said).toBeLessThanOrEqual(exact + slack);
  expect(upper, said).toBeGreaterThanOrEqual(exact - slack);
  expect(lower).toBeLessThanOrEqual(value!);
  expect(upper).toBeGreaterThanOrEqual(value!);
}

/** Evenly spread numbers, warped: no randomness, any size. */
const spread = (n: number, options: { shift?: number; power?: number; offset?: number } = {}): Column =>
  numbers(
    Array.from(
      { length: n },
      (_, i) => (options.shift ?? 0) + weyl(i + 1 + (options.offset ?? 0), Math.SQRT2) ** (options.power ?? 1),
    ),
  );

describe('the comparison of two profiles', () => {
  const cell = fc.option(
    fc.oneof(
      fc.integer({ min: -20, max: 20 }),
      fc.double({ min: -3, max: 3, noNaN: true }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5),
    ),
    { nil: null, freq: 8 },
  );

  it('of few numbers says exactly what the data does', () => {
    const rows = fc.array(cell, { minLength: 1, maxLength: 150 });
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const { data } = expectBounds(numbers(a), numbers(b));
        const [ks] = compareProfiles(profile(numbers(a)), profile(numbers(b))).findings;
        const exact = data.findings[0];
        if (exact?.value !== null && exact !== undefined) {
          expect(ks?.lower).toBeCloseTo(exact.value, 12);
          expect(ks?.upper).toBeCloseTo(exact.value, 12);
          expect([ks?.p?.lower, ks?.p?.upper]).toEqual([expect.closeTo(exact.p!, 12), expect.closeTo(exact.p!, 12)]);
        }
      }),
    );
  });

  it.each([
    ['the same law', {}, {}],
    ['a shift', {}, { shift: 0.2 }],
    ['a slight shift', {}, { shift: 0.01 }],
    ['another shape', { power: 1 }, { power: 1.4 }],
    ['disjoint ranges', {}, { shift: 3 }],
    ['a heavy tail', { power: -0.4 }, { power: -0.45 }],
  ])('of many numbers bounds it: %s', (_, a, b) => {
    const { verdict } = expectBounds(spread(20_000, a), spread(15_000, { ...b, offset: 77_777 }));
    expect(verdict.verdict).not.toBe('not_comparable');
    const [ks, wasserstein] = verdict.findings;
    expect(ks!.upper! - ks!.lower!).toBeLessThan(0.005);
    expect(wasserstein!.upper! - wasserstein!.lower!).toBeLessThan(0.05);
  });

  it('of merged profiles stays within their own error', () => {
    const parts = Array.from({ length: 6 }, (_, i) => spread(5_000, { offset: i * 9_000, power: 1 + i / 10 }));
    const values = parts.flatMap((part) => (part.kind === 'number' ? [...part.values] : []));
    const merged = mergeProfiles(...parts.map((x) => profileOf({ x }))).columns[0]!;
    const other = spread(30_000, { power: 1.3 });
    expectBounds(numbers(values), other, [merged, profile(other)]);
    expectBounds(other, numbers(values), [profile(other), merged]);
  });

  it('of texts says exactly what the data does while profiles list them all, and bounds it beyond', () => {
    const words = fc.array(fc.option(fc.constantFrom('', 'a', 'b', 'cc', 'dé'), { nil: null }), {
      minLength: 1,
      maxLength: 120,
    });
    fc.assert(
      fc.property(words, words, (a, b) => {
        expectBounds(texts(a), texts(b));
      }),
    );
    const many = (n: number, from: number) =>
      texts(Array.from({ length: n }, (_, i) => `word ${from + Math.floor(9000 * weyl(i, Math.SQRT2) ** 3)}`));
    const { verdict } = expectBounds(many(30_000, 0), many(30_000, 5));
    const distance = verdict.findings.find(({ measure }) => measure.startsWith('js_distance'));
    expect(distance!.lower).toBeLessThan(distance!.upper!);
  });

  it('refuses what cannot be compared, and says why', () => {
    const [number, text, time] = [numbers([1, 2]), texts(['a', 'b']), times([1, 2])];
    expect(compareProfiles(profile(number), profile(text)).incomparable).toBe('One holds float64, the other text.');
    expect(compareProfiles(profile(time), profile(time)).incomparable).toContain('Points in time');
    const ids = texts(Array.from({ length: 300 }, (_, i) => `id ${i}`));
    expect(compareProfiles(profile(ids), profile(ids)).incomparable).toContain('identifiers');
    const [few] = judgeProfiles([compareProfiles(profile(number), profile(number))]);
    expect(few).toMatchObject({ verdict: 'insufficient_data', why: 'At least 50 rows are needed on each side.' });
  });

  it('has no number that JSON lacks, whatever a side is empty of', () => {
    const nothing = numbers(Array.from({ length: 60 }, () => null));
    const constant = numbers(Array.from({ length: 60 }, () => 7));
    const endless = numbers(Array.from({ length: 60 }, () => Number.POSITIVE_INFINITY));
    for (const a of [nothing, constant, endless]) {
      for (const b of [nothing, constant, endless]) {
        const verdicts = judgeProfiles([compareProfiles(profile(a), profile(b))]);
        expect(JSON.parse(JSON.stringify(verdicts))).toEqual(verdicts);
        expectBounds(a, b);
      }
    }
  });
});
