import type { Finding } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';

/** A finding of which only that matters which is said. */
export const made = (measure: MeasureName, said: Partial<Finding> = {}): Finding => ({
  measure,
  value: null,
  direction: 'higher',
  nullMean: null,
  null95: null,
  limit: null,
  p: null,
  q: null,
  parameters: {},
  reason: null,
  ...said,
});
