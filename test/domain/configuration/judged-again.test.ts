import { beforeAll, describe, expect, it } from 'vitest';
import { AGAIN_SHARE, judgedAgain, timesRarer } from '../../../src/domain/configuration/judged-again.ts';
import { DEFAULT_POLICY, type JudgeColumn, judge } from '../../../src/stats/index.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { BESIDES, calibrate, healthyEffects } from '../../../src/stats/verdict/calibration.ts';
import type { JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { numbers, profileOf } from '../../stats/columns.ts';

const COLUMNS = 2;
/** Healthy windows that may be judged as drift, and the windows that are looked at. */
const CHOSEN = 0.1;
const WINDOWS = 120;
const VERDICTS = 6;
/** A window begins with so many rows, and each time as many come late. */
const FIRST = 100;
const LATE = 50;

const random = xoshiro128(11);
/** Every table is moved a little, as the days of one that lives are: no test alone would know them for healthy. */
const table = (rows: number): number[][] =>
  Array.from({ length: COLUMNS }, () => {
    const moved = 0.15 * normalDeviate(random);
    return Array.from({ length: rows }, () => moved + normalDeviate(random));
  });

const reference = Array.from({ length: COLUMNS }, () => Array.from({ length: 800 }, () => normalDeviate(random)));
const pinned = reference.map((values, i) => {
  const column = numbers(values);
  return { name: `c${i}`, column, profile: profileOf({ [`c${i}`]: column }).columns[0]! };
});

const columnsOf = (window: readonly number[][]): JudgeColumn[] =>
  pinned.map(({ name, column, profile }, i) => ({
    ...{ name, profile, reference: column, role: 'feature' },
    window: numbers(window[i] ?? []),
  }));

const POLICY: JudgePolicy = { ...DEFAULT_POLICY, besides: BESIDES };

/** Whether any verdict of the window finds drift: with the budget, and without. */
function watch(limits: JudgePolicy): { spent: boolean; free: boolean } {
  const rows = table(FIRST + (VERDICTS - 1) * LATE);
  const drifts = (count: number, policy: JudgePolicy): boolean =>
    judge({ columns: columnsOf(rows.map((values) => values.slice(0, count))), policy }).dataset.verdict === 'drift';
  let free = false;
  for (let quiet = 0; quiet < VERDICTS; quiet++) {
    const count = FIRST + quiet * LATE;
    // What raised limits find, the others find too.
    if (!drifts(count, limits)) continue;
    free = true;
    if (drifts(count, judgedAgain(limits, quiet))) return { spent: true, free };
  }
  return { spent: false, free };
}

describe('windows that are judged again', () => {
  let limits: JudgePolicy;
  beforeAll(() => {
    const windows = Array.from({ length: 150 }, () =>
      healthyEffects(judge({ columns: columnsOf(table(FIRST)), policy: POLICY })),
    );
    limits = { ...POLICY, calibration: calibrate(windows, { perWindow: CHOSEN * (1 - AGAIN_SHARE), drifted: 1 }) };
  });

  it('have less and less of what was chosen, and all of them together no more', () => {
    const shares = Array.from({ length: 60 }, (_, quiet) => (1 - AGAIN_SHARE) / timesRarer(quiet));
    expect(shares[0]).toBe(0.8);
    expect(shares[1]).toBeCloseTo(0.1, 12);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });

  it('alarm no more often than was chosen, six verdicts each, which they would without a budget', () => {
    const found = Array.from({ length: WINDOWS }, () => watch(limits));
    const spent = found.filter((one) => one.spent).length;
    const free = found.filter((one) => one.free).length;
    const error = Math.sqrt((CHOSEN * (1 - CHOSEN)) / WINDOWS);
    expect(spent / WINDOWS).toBeLessThan(CHOSEN + 2 * error);
    expect(free).toBeGreaterThan(spent);
  }, 120_000);

  it('still find what is plain to see, however late it comes', () => {
    const healthy = table(FIRST);
    const late = healthy.map((values, i) => [
      ...values,
      ...Array.from({ length: FIRST }, () => (i === 1 ? 3 : 0) + normalDeviate(random)),
    ]);
    const verdicts = [1, 2, 5].map(
      (quiet) => judge({ columns: columnsOf(late), policy: judgedAgain(limits, quiet) }).dataset.verdict,
    );
    expect(verdicts).toEqual(['drift', 'drift', 'drift']);
    expect(judgedAgain(limits, 0)).toBe(limits);
  });
});
