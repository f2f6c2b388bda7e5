import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { compareProfiles } from '../../../src/stats/verdict/compare-profiles.ts';
import { MEASURES } from '../../../src/stats/verdict/measures.ts';
import { PROFILE_EFFECTS } from '../../../src/stats/verdict/profile-policy.ts';
import { numbers, profileOf, texts, vectors } from '../columns.ts';

const ROWS = Array.from({ length: 60 }, (_, i) => i);

describe('the effects that profiles are judged by', () => {
  it('are those that a comparison of any kind of column makes, and no others', () => {
    const columns: readonly Column[] = [
      numbers(ROWS),
      texts(ROWS.map((i) => `t${i % 4}`)),
      vectors(
        ROWS.map((i) => [i, -i]),
        2,
      ),
    ];
    const made = columns.flatMap((column) => {
      const profile = profileOf({ x: column }).columns[0]!;
      return compareProfiles(profile, profile).findings.map(({ measure }) => measure);
    });
    const effects = made.filter((measure) => MEASURES[measure].use === 'effect');
    expect([...PROFILE_EFFECTS].sort()).toEqual([...new Set(effects)].sort());
    expect(Object.isFrozen(PROFILE_EFFECTS)).toBe(true);
  });
});
