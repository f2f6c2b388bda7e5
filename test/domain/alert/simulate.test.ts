import { describe, expect, it } from 'vitest';
import { simulateAlerts } from '../../../src/domain/alert/simulate.ts';

const rule = { fireAfter: 2, fireWithin: 2, resolveAfter: 2 };

/** One window a day: `x` drifts, `.` does not, `?` cannot be judged. */
const windows = (text: string, columns: readonly string[] = ['a']) =>
  text.split('').map((mark, i) => ({
    start: i,
    end: i + 1,
    verdict: mark === 'x' ? ('drift' as const) : mark === '.' ? ('no_drift' as const) : ('insufficient_data' as const),
    driftedColumns: mark === 'x' ? columns : [],
  }));
const spans = (text: string) =>
  simulateAlerts(windows(text), rule).map(({ from, firedAt, resolvedAt }) => [from, firedAt, resolvedAt]);

describe('alerts that would have fired', () => {
  it('begin, fire and end as the machine has them', () => {
    expect(spans('..xx...')).toEqual([[2, 4, 6]]);
    expect(spans('xxxx')).toEqual([[0, 2, null]]);
    expect(spans('xx..xx')).toEqual([
      [0, 2, 4],
      [4, 6, null],
    ]);
    // Drift that returns before it was resolved is the same alert.
    expect(spans('xx.xx..')).toEqual([[0, 2, 7]]);
  });

  it('are none where drift does not last', () => {
    expect(spans('')).toEqual([]);
    expect(spans('x.x.x.')).toEqual([]);
    expect(spans('.?.')).toEqual([]);
    expect(spans('x?x')).toEqual([[0, 3, null]]);
  });

  it('name the columns that drifted, those in most windows first', () => {
    const given = [...windows('x', ['b', 'a']), ...windows('xx', ['b'])].map((window, i) => ({ ...window, start: i }));
    expect(simulateAlerts(given, rule)[0]?.columns).toEqual(['b', 'a']);
  });
});
