import { describe, expect, it } from 'vitest';
import { rarer } from '../../../src/stats/verdict/calibration.ts';
import type { Calibration } from '../../../src/stats/verdict/judgement.ts';
import { type JudgedDrift, rarityOf } from '../../../src/stats/verdict/rarity.ts';

const KS = 'wasserstein/reference-std@1';
const CALIBRATION: Calibration = {
  method: 'largest-column/conformal@2',
  windows: 200,
  perWindow: 1 / 30,
  factor: 1.2,
  tail: 'counted',
  scales: { a: { [KS]: 2 } },
};

const drift = (given: Partial<JudgedDrift> = {}): JudgedDrift => ({
  name: 'a',
  verdict: 'drift',
  weight: 1,
  q: 0.001,
  effect: { measure: KS, value: 0.5, limit: 0.24 },
  null95: 0.1,
  ...given,
});
const policy = { alpha: 0.05, minimumDriftedColumns: 1 };

describe('how rare drift is', () => {
  it('is the q-value against its level where no limits were made', () => {
    expect(rarityOf([drift(), drift({ q: 0.01 })], [], policy)).toBeCloseTo(50, 10);
    expect(rarityOf([drift(), drift({ q: 0.01 })], [], { ...policy, minimumDriftedColumns: 2 })).toBeCloseTo(5, 10);
    expect(rarityOf([drift({ q: 0 })], [], policy)).toBe(1e300);
    // Whichever column comes first.
    expect(rarityOf([drift({ q: 0.01 }), drift({ q: 0.02 }), drift()], [], policy)).toBeCloseTo(50, 10);
    // So it is of a column of which no effect is known, whatever limits were made.
    const limited = { ...policy, calibration: CALIBRATION };
    expect(rarityOf([drift({ effect: null })], [], limited)).toBeCloseTo(50, 10);
    expect(rarityOf([drift({ null95: 0 })], [], limited)).toBe(1e300);
  });

  it('is so many times as the limits could be made rarer and still be reached', () => {
    for (const value of [0.25, 0.5, 0.9]) {
      const effect = { measure: KS, value: -value, limit: 0.24 };
      const times = rarityOf([drift({ effect })], [], { ...policy, calibration: CALIBRATION });
      // 0.1 is the 95 % point and 2 the scale: the limit of that rarity is the effect itself.
      expect(rarer(CALIBRATION, times).factor * 2 * 0.1).toBeCloseTo(value, 10);
    }
  });

  it('takes the limit for what chance gives where nothing else is known of it', () => {
    const effect = { measure: KS, value: 0.48, limit: 0.24 };
    const [known, unknown] = [0.12 / 1.2, null].map((null95) =>
      rarityOf([drift({ name: 'b', effect, null95 })], [], { ...policy, calibration: CALIBRATION }),
    );
    expect(unknown).toBeCloseTo(30, 10);
    expect(known).toBeGreaterThan(unknown ?? 0);
  });

  it('counts nothing that did not drift, or decides nothing, and measures of whole rows by their q', () => {
    expect(rarityOf([drift({ verdict: 'no_drift' }), drift({ weight: 0 })], [], policy)).toBe(0);
    expect(rarityOf([drift({ q: 0.04 })], [0.0005], policy)).toBeCloseTo(100, 10);
  });
});
