import { describe, expect, it } from 'vitest';
import { FORMER_MEASURES, presentMeasure } from '../../../src/stats/verdict/former-measures.ts';
import { measuresNamed } from '../../../src/stats/verdict/measure-name.ts';
import { isMeasureName } from '../../../src/stats/verdict/measures.ts';
import { isTableMeasureName } from '../../../src/stats/verdict/table-measures.ts';

const isMade = (name: string): boolean => isMeasureName(name) || isTableMeasureName(name);

/** What names its law, or what it is made of, has another name by another one. */
const RENAMED = [
  ['centroid_distance/gamma', 'centroid_distance/dealing'],
  ['mmd/vectors/random-features', 'mmd/vectors/landmarks'],
];

describe('the former name of a measure', () => {
  it('stands for what is made now, which is a later version', () => {
    expect(FORMER_MEASURES.length).toBeGreaterThan(0);
    expect(Object.isFrozen(FORMER_MEASURES)).toBe(true);
    for (const former of FORMER_MEASURES) {
      const present = presentMeasure(former);
      expect([isMade(former), isMade(present)]).toEqual([false, true]);
      const [[name, version], [nameNow, versionNow]] = [former.split('@'), present.split('@')];
      if (nameNow === name) expect(Number(versionNow)).toBeGreaterThan(Number(version));
      else expect(RENAMED).toContainEqual([name, nameNow]);
    }
    expect(presentMeasure('mmd/linear-time@1')).toBe('mmd/linear-time@2');
    expect(presentMeasure('l_infinity/shares@1')).toBe('l_infinity/shares@2');
  });

  it('is understood wherever a measure is named, and no other word is', () => {
    for (const former of FORMER_MEASURES) expect(measuresNamed(former)).toEqual([presentMeasure(former)]);
    for (const name of ['psi/reference-edges@1', 'rank_correlations/largest-change@1', 'nonsense', 'constructor'])
      expect(presentMeasure(name)).toBe(name);
  });
});
