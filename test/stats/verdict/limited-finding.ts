import type { Finding } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';

/** A finding with a limit and no test, and how many values it stands on. */
export const limited = (measure: MeasureName, limit: number | null): Finding => ({
  measure,
  value: 0,
  direction: 'higher',
  nullMean: null,
  null95: null,
  limit,
  p: null,
  q: null,
  parameters: {},
  reason: null,
});

export const given = { n: 10, m: 10, cells: 0, anyMissing: false, level: 0.05 };
export const W = 'wasserstein/reference-std@1';
export const JS = 'js_distance/base2/reference-edges@2';
