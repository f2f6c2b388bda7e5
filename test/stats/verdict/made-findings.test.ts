import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { Finding } from '../../../src/stats/verdict/judgement.ts';
import { complete, decision, floorOf } from '../../../src/stats/verdict/made-findings.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';
import { made } from './made.ts';

const sizes = (reference: number, window: number) => ({ reference, window });

describe('the fewest rows', () => {
  it('are asked of both sides, of the window first', () => {
    const said = (reference: number, window: number) =>
      floorOf(sizes(reference, window), sizes(reference, window), DEFAULT_POLICY).insufficient;
    expect(said(50, 50)).toBeNull();
    expect(said(49, 50)).toBe('The reference has 49 rows; at least 50 are needed on each side.');
    expect(said(49, 48)).toBe('The window has 48 rows; at least 50 are needed on each side.');
  });

  it('are then asked of the rows with a value, which no method before judge@3 did', () => {
    const usable = sizes(60, 3);
    const few = 'The window has 3 values; at least 50 are needed on each side.';
    expect(floorOf(sizes(60, 60), usable, DEFAULT_POLICY)).toEqual({ insufficient: null, fewValues: few, usable });
    expect(floorOf(sizes(60, 60), usable, { ...DEFAULT_POLICY, method: 'judge@2' }).fewValues).toBeNull();
    expect(floorOf(sizes(60, 4), usable, DEFAULT_POLICY).fewValues).toBeNull();
    expect(floorOf(sizes(60, 60), sizes(60, 60), DEFAULT_POLICY).fewValues).toBeNull();
  });
});

describe('what the tests say together', () => {
  const missing = made('missing_share/difference@1', { p: 0.03 });
  const floor = (fewValues: string | null) => ({ insufficient: null, fewValues, usable: sizes(100, 100) });

  it('is the smallest p times the number of those that could be made, the first of equals', () => {
    const tests = [
      made('ks/two-sided@1', { p: null }),
      made('levene/mean@1', { p: 0.02 }),
      made('t_test/welch@1', { p: 0.01 }),
      made('t_test/student@1', { p: 0.01 }),
    ];
    expect(decision(tests, missing, floor(null))).toEqual({ p: 0.03, decidedBy: 't_test/welch@1' });
    expect(decision([made('ks/two-sided@1', { p: 0.7 }), tests[1]!], missing, floor(null)).p).toBe(0.04);
    expect(
      decision([made('ks/two-sided@1', { p: 0.7 }), made('levene/mean@1', { p: 0.6 })], missing, floor(null)),
    ).toEqual({
      p: 1,
      decidedBy: 'levene/mean@1',
    });
    expect(decision([tests[0]!], missing, floor(null))).toEqual({ p: 1, decidedBy: null });
  });

  it('is what the missing share says where too few rows have a value', () => {
    expect(decision([made('ks/two-sided@1', { p: 1e-9 })], missing, floor('few'))).toEqual({
      p: 0.03,
      decidedBy: 'missing_share/difference@1',
    });
  });
});

describe('the selected findings', () => {
  const selected = {
    tests: ['z_test/proportions@1', 'chi_square/contingency@1'],
    shown: [],
    standardTests: ['chi_square/contingency@1', 'g_test/contingency@1'],
    distances: ['wasserstein/raw@1'],
    standardDistances: ['wasserstein/raw@1', 'js_distance/base2/reference-edges@2'],
  } satisfies Parameters<typeof complete>[0];
  const completed = (of: (name: MeasureName) => Partial<Finding>) => {
    const asked: (readonly MeasureName[])[] = [];
    const { tests, distances } = complete(selected, (names) => {
      asked.push(names);
      return names.map((name) => [made(name, of(name))]);
    });
    const named = (lists: typeof tests) => lists.flat().map(({ measure }) => measure);
    return { tests: named(tests), distances: named(distances), asked: asked.length };
  };

  it('are those alone where one of them says something', () => {
    const some = completed((name) => (name === 'z_test/proportions@1' ? { p: null } : { p: 1, value: 0, limit: 1 }));
    expect(some).toEqual({ tests: selected.tests, distances: selected.distances, asked: 2 });
  });

  it('are those alone where one of several distances has a value and a limit', () => {
    const chosen = { ...selected, distances: ['wasserstein/raw@1', 'energy/raw@1'] } as const;
    const { distances } = complete(chosen, (names) =>
      names.map((name) => [made(name, { p: 1, value: 1, limit: name === 'energy/raw@1' ? 1 : null })]),
    );
    expect(distances.flat().map(({ measure }) => measure)).toEqual(chosen.distances);
  });

  it('are followed by the standard ones where none has a p, or a value and a limit', () => {
    const all = {
      tests: [...selected.tests, 'g_test/contingency@1'],
      distances: [...selected.distances, 'js_distance/base2/reference-edges@2'],
      asked: 4,
    };
    expect(completed(() => ({ value: null, limit: 1 }))).toEqual(all);
    expect(completed(() => ({ value: 1, limit: null }))).toEqual(all);
  });
});
