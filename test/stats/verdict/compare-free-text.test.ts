import { describe, expect, it } from 'vitest';
import type { CategoryColumn } from '../../../src/stats/column.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import type { JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { profileOf, texts } from '../columns.ts';

const WORDS = 'the a small large house car garden bought sold green with and old new near river for money street'.split(
  ' ',
);

type Style = { readonly words?: number; readonly known?: readonly string[]; readonly missing?: number };

function speak(rows: number, random: Uniform, { words = 6, known = WORDS, missing = 0 }: Style = {}): CategoryColumn {
  const word = (): string => known[Math.floor(random() * known.length)] ?? '';
  return texts(
    Array.from({ length: rows }, () =>
      random() < missing ? null : Array.from({ length: 2 + Math.floor(random() * words) }, word).join(' '),
    ),
  );
}

function judged(reference: CategoryColumn, window: CategoryColumn, policy: Partial<JudgePolicy> = {}) {
  const profile = profileOf({ x: reference }).columns[0]!;
  return judge({ columns: [{ name: 'x', role: 'feature', profile, reference, window }], policy }).columns[0]!;
}

describe('a column of free text', () => {
  it('is judged by what its texts are like, and says how they changed', () => {
    const random = xoshiro128(1);
    const reference = speak(2000, random);
    const longer = judged(reference, speak(1500, random, { words: 10 }));
    expect(longer).toMatchObject({ verdict: 'drift', kind: 'category', bins: [] });
    expect(longer.why).toMatch(/(Length|Words) of the texts: \d+(\.\d+)? on average before, \d+(\.\d+)? now\.$/);
    expect(longer.findings.map(({ measure }) => measure)).toEqual([
      'text/characters@1',
      'text/words@1',
      'text/out-of-vocabulary@1',
      'text/letters@1',
      'text/upper-case@1',
      'text/digits@1',
      'text/spaces@1',
      'text/punctuation@1',
      'text/non-ascii@1',
      'missing_share/difference@1',
    ]);
    expect(JSON.parse(JSON.stringify(longer))).toEqual(longer);
    expect(judged(reference, speak(1500, xoshiro128(2)))).toMatchObject({ verdict: 'no_drift' });
  });

  it('alarms as rarely as was promised while the language is the same', () => {
    const random = xoshiro128(3);
    let alarms = 0;
    for (let t = 0; t < 60; t++) {
      if (judged(speak(400, random), speak(300, random)).p! < 0.05) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(7);
  });

  it('sees new words and missing texts', () => {
    const random = xoshiro128(4);
    const reference = speak(2000, random);
    const foreign = speak(1500, random, { known: [...WORDS, 'haus', 'auto', 'garten'] });
    const fresh = judged(reference, foreign, { measures: ['text/out-of-vocabulary@1'] });
    expect(fresh).toMatchObject({ verdict: 'drift', effect: { measure: 'text/out-of-vocabulary@1' } });
    // All words of the reference are known, so its deviation is nothing.
    expect(fresh.why).toMatch(/New words: 0 % on average before, 1\d(\.\d)? % now\.$/);
    expect(fresh.findings).toHaveLength(2);
    expect(judged(reference, speak(1500, random, { missing: 0.3 }))).toMatchObject({
      verdict: 'drift',
      effect: { measure: 'missing_share/difference@1' },
    });
  });

  it('is none where the texts are names of rows, or were judged before it could be', () => {
    const ids = texts(Array.from({ length: 500 }, (_, i) => `id-${i}`));
    expect(judged(ids, ids)).toMatchObject({ verdict: 'not_comparable' });
    const reference = speak(2000, xoshiro128(5));
    expect(judged(reference, reference, { method: 'judge@2' })).toMatchObject({ verdict: 'not_comparable' });
  });
});
