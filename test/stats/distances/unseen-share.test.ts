import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seenValues, unseenLaw, unseenShare } from '../../../src/stats/distances/unseen-share.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { betaBinomialTail } from '../../../src/stats/special/beta-binomial.ts';

type Case = {
  readonly counts: readonly (readonly [rows: number, values: number])[];
  readonly m: number;
  readonly unseen: number;
} & Readonly<Record<'a' | 'b' | 'expected' | 'excess' | 'p' | 'nullMean' | 'null95', number>>;
type Known = Readonly<Record<'once' | 'n' | 'm' | 'unseen' | 'p', number>>;

/** Written by test/fixtures/stats/generate_unseen.py, so its shape is known. */
const VALUES: { readonly cases: readonly Case[]; readonly known: readonly Known[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/unseen-values.json', import.meta.url), 'utf8'),
);

const countsOf = ({ counts }: Case): number[] =>
  counts.flatMap(([rows, values]) => Array.from({ length: values }, () => rows));

describe('the share of unseen values', () => {
  it.each(VALUES.cases)('of $unseen in $m rows beside $counts is that of the definition', (one) => {
    const seen = seenValues([0, ...countsOf(one), 0]);
    const law = unseenLaw(seen, one.m);
    expect(law.a).toBeCloseTo(one.a, 9);
    expect(law.b).toBeCloseTo(one.b, 6);
    const found = unseenShare(one.unseen, one.m, seen);
    expect(found.p / one.p).toBeCloseTo(1, 9);
    for (const name of ['expected', 'excess', 'null95'] as const) expect(found[name], name).toBeCloseTo(one[name], 12);
    expect(found.nullMean).toBeCloseTo(one.nullMean, 9);
  });

  it.each(VALUES.known)(
    'is binomial where the chance is as good as known: $once of $n',
    ({ once, n, m, unseen, p }) => {
      expect(betaBinomialTail(unseen, unseenLaw({ n, once, twice: 0 }, m)) / p).toBeCloseTo(1, 3);
    },
  );

  it('exceeds what is expected as rarely as is said, whatever the values are like', () => {
    const random = xoshiro128(11);
    for (const [values, skew] of [
      [100, 2],
      [1000, 3],
      [100_000, 6],
    ] as const) {
      const draw = (): number => Math.floor(values * random() ** skew);
      let [rare, beyond] = [0, 0];
      for (let i = 0; i < 300; i++) {
        const counts = new Map<number, number>();
        for (let row = 0; row < 1500; row++) {
          const value = draw();
          counts.set(value, (counts.get(value) ?? 0) + 1);
        }
        const unseen = Array.from({ length: 400 }, draw).filter((value) => !counts.has(value)).length;
        const found = unseenShare(unseen, 400, seenValues([...counts.values()]));
        if (found.p < 0.05) rare++;
        if (found.excess > found.null95) beyond++;
      }
      // 15 of 300 are promised; 26 or more have a chance below 0.4 % then.
      expect(rare, `${values} values`).toBeLessThan(26);
      expect(beyond, `${values} values`).toBeLessThan(26);
    }
  });

  it('of one value proves nothing', () => {
    const { excess, null95 } = unseenShare(1, 50, { n: 100_000, once: 0, twice: 0 });
    expect(excess).toBe(null95);
  });
});
