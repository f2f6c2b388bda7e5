import { describe, expect, it } from 'vitest';
import { applyChecks, checksOf } from '../../../src/domain/configuration/checks-config.ts';
import { type CheckFacts, checkWindow } from '../../../src/domain/report/check-window.ts';

const FACTS: CheckFacts = {
  rows: 1000,
  violations: [],
  since: new Set(),
  volume: { mean: Math.log(1000), windows: 5, deviation: 0.1, degrees: 28 },
  lag: 900,
  usualLag: { mean: Math.log(600), windows: 30, deviation: 0.2, degrees: 29 },
};
const STANDARD = checksOf({ lateness_seconds: 3600 });
const found = (facts: Partial<CheckFacts>, checks = STANDARD) =>
  Object.fromEntries(checkWindow({ ...FACTS, ...facts }, checks).map((check) => [check.check, check]));

describe('the checks of a window', () => {
  it('find nothing in one that is like the others', () => {
    expect(Object.values(found({})).map(({ verdict }) => verdict)).toEqual(['sound', 'sound', 'sound']);
  });

  it('find columns that lack or have another type in more rows than may, and name new ones', () => {
    const violations = [
      { column: 'feature.age', code: 'missing', count: 400 },
      { column: 'feature.income', code: 'type', count: 100 },
      { column: 'feature.mood', code: 'unexpected', count: 1000 },
    ];
    expect(found({ violations }).schema).toMatchObject({
      verdict: 'unsound',
      why: 'Columns lack or have another type: age (missing, 40 %). New: mood (unexpected, 100 %).',
      value: 0.4,
      limit: 0.1,
    });
    // What has been so since the first batch has not changed.
    const since = new Set(['feature.age missing', 'feature.mood unexpected']);
    expect(found({ violations, since }).schema).toMatchObject({ verdict: 'sound', value: 0.1 });
  });

  it('find far fewer rows than usual, and far more', () => {
    expect(found({ rows: 400 }).volume).toMatchObject({ verdict: 'unsound', value: 400, limit: 1.5, windows: 5 });
    expect(found({ rows: 2500 }).volume?.verdict).toBe('unsound');
    expect(found({ rows: 700 }).volume?.verdict).toBe('sound');
    expect(found({ rows: 400 }).volume?.why).toMatch(/^400 rows, where about 1000 are usual \(\d+ to \d+ pass\)\.$/);
  });

  it('find rows that came far later than usual, but not within the lateness that is allowed anyway', () => {
    expect(found({ lag: 7200 }).freshness).toMatchObject({ verdict: 'unsound', value: 7200, low: null, limit: 3600 });
    expect(found({ lag: 3000 }).freshness?.verdict).toBe('sound');
  });

  it('say why they could not be made', () => {
    const none = found({ volume: null, usualLag: null });
    expect(none.volume).toMatchObject({ verdict: 'not_judged', p: null });
    // What a later window is held against.
    expect(none.freshness).toMatchObject({ verdict: 'not_judged', value: 900 });
    expect(found({ volume: 'rows' }).volume?.why).toMatch(/have as many/);
    const off = found({}, { schema: null, volume: null, freshnessSeconds: null });
    expect(Object.values(off).map(({ why }) => why)).toEqual(Array.from({ length: 3 }, () => 'It is switched off.'));
  });
});

describe('the configuration of checks', () => {
  const seconds = () => 7200;

  it('keeps what is not named, takes null for off, and null as a whole for the standard', () => {
    const first = applyChecks(undefined, { volume: null }, { seconds });
    expect(first).toEqual({ volume: null });
    const second = applyChecks(first, { freshness: 'PT2H' }, { seconds });
    expect(second).toEqual({ volume: null, freshness_seconds: 7200 });
    expect(checksOf({ checks: second, lateness_seconds: 60 })).toEqual({
      schema: 0.1,
      volume: null,
      freshnessSeconds: 7200,
    });
    expect(applyChecks(second, null, { seconds })).toBeUndefined();
    expect(checksOf({ lateness_seconds: 90_000 }).freshnessSeconds).toBe(90_000);
  });
});
