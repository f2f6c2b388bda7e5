import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../src/stats/verdict/column-comparison.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import { judgeColumn } from '../../../src/stats/verdict/judge-column.ts';
import type { Finding, JudgePolicy, SideCounts } from '../../../src/stats/verdict/judgement.ts';
import { made } from './made.ts';

const W = 'wasserstein/reference-std@1';
const JS = 'js_distance/base2/reference-edges@2';
const MISSING = 'missing_share/difference@1';
const KS = 'ks/two-sided@1';

const counts = (rows: number): SideCounts => ({ rows, nulls: 0, nan: 0, unseen: 0, below: 0, above: 0 });

function comparison(findings: readonly Finding[], said: Partial<Comparison> = {}): Comparison {
  return {
    kind: 'number',
    incomparable: null,
    insufficient: null,
    fewValues: null,
    usable: { reference: 1e6, window: 1e6 },
    cells: 0,
    p: 0.01,
    decidedBy: KS,
    counts: { reference: counts(1e6), window: counts(1e6) },
    bins: [],
    findings,
    ...said,
  };
}

function judged(found: Comparison, q: number | null, said: Partial<JudgePolicy> = {}) {
  const policy = { ...DEFAULT_POLICY, ...said };
  return judgeColumn({ name: 'x', role: 'feature' }, found, { q, level: policy.alpha }, policy);
}

const distance = (value: number | null, said: Partial<Finding> = {}) => made(W, { value, limit: 0.1, ...said });

describe('the verdict on a column', () => {
  it('needs an effect that reaches its limit, and a q below alpha', () => {
    const of = (value: number, q: number) => judged(comparison([distance(value)]), q);
    expect(of(0.1, 0.049)).toMatchObject({
      verdict: 'drift',
      why: 'Wasserstein distance 0.1 is above its limit 0.1, and q = 0.049 is below 0.05.',
    });
    expect(of(0.3, 0.05)).toMatchObject({
      verdict: 'no_drift',
      why: 'Wasserstein distance 0.3 is above its limit 0.1, but q = 0.05 is not below 0.05.',
    });
    expect(of(0.09, 0.01)).toMatchObject({
      verdict: 'no_drift',
      why: 'Wasserstein distance 0.09 is below its limit 0.1, although q = 0.01 is below 0.05.',
    });
    expect(of(0.09, 0.5).why).toBe('Wasserstein distance 0.09 is below its limit 0.1, and q = 0.5 is not below 0.05.');
    expect(of(0, 0).why).toBe('Wasserstein distance 0 is below its limit 0.1, although q < 1e-300 is below 0.05.');
  });

  it('needs more than chance gives at these sizes', () => {
    const of = (null95: number | null) => judged(comparison([distance(0.3, { null95 })]), 0.001);
    expect(of(0.29).verdict).toBe('drift');
    expect(of(0.3)).toMatchObject({
      verdict: 'no_drift',
      why: 'Wasserstein distance 0.3 is no more than chance gives at these sizes; q = 0.001 is below 0.05.',
    });
    expect(judged(comparison([distance(0.1, { null95: 0.2 })]), 0.001).why).toMatch(/no more than chance/);
    // Nothing is not beyond a limit of 0.
    expect(judged(comparison([distance(0, { limit: 0 })]), 0.001).verdict).toBe('no_drift');
  });

  it('says of a fall that it is one', () => {
    const of = (value: number) => judged(comparison([made(MISSING, { value, limit: 0.05 })]), 0.01).why;
    expect(of(-0.2)).toBe(
      'Change of the missing share -0.2 is a fall by more than its limit 0.05, and q = 0.01 is below 0.05.',
    );
    expect(of(-0.02)).toBe(
      'Change of the missing share -0.02 is within its limit 0.05, although q = 0.01 is below 0.05.',
    );
  });

  it('is none where no effect could be measured', () => {
    const none = judged(comparison([distance(null), made(KS, { value: 1, p: 0 }), made(W, { value: 9 })]), 0.01);
    expect(none).toMatchObject({
      verdict: 'no_drift',
      why: 'No effect could be measured; q = 0.01 is below 0.05.',
      effect: null,
    });
  });

  it('names the effect that matters before one that does not, then the largest for its limit', () => {
    const effect = (...findings: Finding[]) => judged(comparison(findings), 0.01).effect?.measure;
    const loud = distance(2, { null95: 3 });
    const plain = made(JS, { value: 0.2, limit: 0.1 });
    const fall = made(MISSING, { value: -0.5, limit: 0.05 });
    expect(effect(loud, plain)).toBe(JS);
    expect(effect(plain, loud)).toBe(JS);
    expect(effect(plain, fall)).toBe(MISSING);
    expect(effect(fall, plain)).toBe(MISSING);
    expect(effect(loud, distance(0.01), made(JS, { value: 0.02, limit: 0.1 }))).toBe(W);
    expect(effect(plain, made(MISSING, { value: 0.15, limit: 0.05 }))).toBe(MISSING);
    // Of equals the first.
    expect(effect(plain, distance(0.2))).toBe(JS);
    // A limit of 0 is passed by anything, and by how much still counts.
    expect(effect(made(JS, { value: 0.1, limit: 0 }), distance(0.2, { limit: 0 }))).toBe(W);
    // An index that nobody chose is only shown.
    expect(effect(plain, made('psi/reference-edges@1', { value: 5, limit: 0.1 }))).toBe(JS);
  });

  it('puts the q on the test that decided', () => {
    const { findings, q } = judged(comparison([made(KS, { p: 0.01 }), distance(0.5)]), 0.02);
    expect([q, ...findings.map((one) => one.q)]).toEqual([0.02, 0.02, null]);
  });

  it('says why a column cannot be judged, what is too little, and that a segment is not', () => {
    const some = [distance(0.5)];
    expect(judged(comparison(some, { incomparable: 'No.', insufficient: 'Few.' }), 0.001)).toMatchObject({
      verdict: 'not_comparable',
      why: 'No.',
    });
    expect(judged(comparison(some, { insufficient: 'Few.' }), null)).toMatchObject({
      verdict: 'insufficient_data',
      why: 'Few.',
    });
    expect(judged(comparison(some), null)).toMatchObject({
      verdict: 'not_comparable',
      why: 'A segment is described, not judged.',
    });
    const few = { reference: 1e6, window: 20 };
    const little = comparison(some, { insufficient: 'Few.', usable: few });
    expect(judged(little, null).why).toMatch(
      /^Few\. To tell a Wasserstein distance .* takes about \d+ values of the window\.$/,
    );
    expect(judged(little, null, { method: 'judge@2' })).not.toHaveProperty('needed');
    expect(judged(little, null, { method: 'judge@2' }).why).toBe('Few.');
  });

  it('is that of the missing share alone where few rows have a value', () => {
    const missing = (value: number) => made(MISSING, { value, limit: 0.05 });
    const of = (value: number) =>
      judged(comparison([distance(5), missing(value)], { fewValues: 'Few values.' }), 0.001);
    expect(of(0.9)).toMatchObject({ verdict: 'drift', effect: { measure: MISSING } });
    expect(of(0.01)).toMatchObject({ verdict: 'insufficient_data', why: 'Few values.', effect: { measure: MISSING } });
  });

  it('tells how free text changed, and that a column of weight 0 decides nothing', () => {
    const words = made('text/words@1', {
      value: 1,
      limit: 0.2,
      parameters: { referenceMean: 4, windowMean: 9.5 },
    });
    const of = (q: number, weights?: Record<string, number>) =>
      judged(comparison([words]), q, weights === undefined ? {} : { weights });
    expect(judged(comparison([made(KS, { p: 0.01 }), words]), 0.01).why).toMatch(/9\.5 now\.$/);
    expect(of(0.01).why).toMatch(/is below 0\.05\. Words of the texts: 4 on average before, 9\.5 now\.$/);
    expect(of(0.5).why).toMatch(/is not below 0\.05\.$/);
    expect(of(0.01)).not.toHaveProperty('weight');
    expect(of(0.01, { x: 0 })).toMatchObject({
      weight: 0,
      why: expect.stringMatching(/9\.5 now\. Its weight is 0, so it decides nothing\.$/),
    });
    expect(of(0.5, { x: 0 }).why).toMatch(/is not below 0\.05\.$/);
    expect(of(0.01, { y: 0 })).toMatchObject({ weight: 1, why: expect.stringMatching(/9\.5 now\.$/) });
  });

  it('tells which values are new where they matter, whichever effect is the strongest', () => {
    const unseen = (value: number) =>
      made('unseen_share/difference@1', {
        value,
        limit: 0.02,
        parameters: { share: 0.03, expected: 0, values: 1, first: 'Faro', first_share: 0.03 },
      });
    const told = '1 value that the reference does not have, in 3 % of the rows with a value: "Faro" 3 %.';
    const strong = made(JS, { value: 0.9, limit: 0.1 });
    const of = (q: number, ...findings: Finding[]) => judged(comparison(findings, { kind: 'category' }), q).why;
    expect(of(0.01, strong, unseen(0.03))).toBe(
      `Jensen-Shannon distance 0.9 is above its limit 0.1, and q = 0.01 is below 0.05. ${told}`,
    );
    // Too few to matter, or where nothing drifts.
    expect(of(0.01, strong, unseen(0.01))).toMatch(/is below 0\.05\.$/);
    expect(of(0.5, strong, unseen(0.03))).toMatch(/is not below 0\.05\.$/);
  });

  it('needs more values only where a form for that is known', () => {
    const usable = { reference: 20, window: 20 };
    const of = (said: Partial<Comparison>, findings = [distance(0.1)]) =>
      judged(comparison(findings, { usable, counts: { reference: counts(20), window: counts(20) }, ...said }), 0.5)
        .needed;
    expect(of({})).toMatchObject({ measure: W });
    expect(of({ kind: 'vector' })).toBeNull();
    const texts = [made(JS, { value: 0.1, limit: 0.1 })];
    expect(of({ kind: 'category', cells: 4 }, texts)).toMatchObject({ measure: JS });
    // Of free text each descriptor has a law of its own.
    expect(of({ kind: 'category', cells: 0 }, texts)).toBeNull();
    // A test of the missing share takes half of the level, whichever side has missing rows.
    const whole = of({})!.window;
    for (const [reference, window] of [
      [21, 20],
      [20, 21],
    ] as const) {
      expect(of({ counts: { reference: counts(reference), window: counts(window) } })!.window).toBeGreaterThan(whole);
    }
  });

  it('has the limits of a calibration where there is one', () => {
    const calibration = {
      method: 'largest-column/conformal@2',
      windows: 100,
      perWindow: 0.01,
      factor: 3,
      tail: 'counted',
      scales: { x: { [W]: 2 } },
    } as const;
    const { effect, verdict } = judged(comparison([distance(0.5, { null95: 0.1 })]), 0.001, { calibration });
    expect(effect?.limit).toBeCloseTo(0.6, 12);
    expect(verdict).toBe('no_drift');
  });
});
