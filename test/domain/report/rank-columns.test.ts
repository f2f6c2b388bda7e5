import { describe, expect, it } from 'vitest';
import { rankColumns } from '../../../src/domain/report/rank-columns.ts';

const said = (column: string, verdict: string, effect: number | null, limit: number | null = 0.1) => ({
  column,
  verdict,
  effect,
  limit,
});

describe('rankColumns', () => {
  it('puts first what drifted in more windows, whatever its size', () => {
    const verdicts = [said('big', 'drift', 0.9), said('often', 'drift', 0.2), said('often', 'drift', 0.2)];
    expect(rankColumns(verdicts)).toEqual(['often', 'big']);
  });

  it('then what came nearest to its limit, then the name', () => {
    const verdicts = [said('b', 'no_drift', 0.01), said('a', 'no_drift', 0.01), said('near', 'no_drift', 0.05)];
    expect(rankColumns(verdicts)).toEqual(['near', 'a', 'b']);
  });

  it('takes columns without an effect or a limit', () => {
    expect(rankColumns([said('none', 'not_comparable', null, null), said('x', 'no_drift', 0.1, 0)])).toEqual([
      'none',
      'x',
    ]);
    expect(rankColumns([])).toEqual([]);
  });
});
