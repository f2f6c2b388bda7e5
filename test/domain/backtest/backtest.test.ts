import { describe, expect, it } from 'vitest';
import { backtest, type History } from '../../../src/domain/backtest/backtest.ts';
import type { ClosedWindow } from '../../../src/domain/configuration/sound-data.ts';
import { configFrom } from '../../../src/domain/policy/policy.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 4, 1);
const at = (days: number): Date => new Date(START + days * DAY);
const VERDICTS = { d: 'drift', '.': 'no_drift', n: 'no_data' } as const;

/** Daily windows by letters: `d` drift, `.` none, `n` no data. */
function history(letters: string, more: Partial<History> = {}): History {
  const windows = letters.split('').map((letter, i): ClosedWindow => {
    const verdict = VERDICTS[letter as keyof typeof VERDICTS];
    return { start: at(i), end: at(i + 1), verdict, rows: 100, violations: [], checked: false };
  });
  const rule = { fireAfter: 2, fireWithin: 2, resolveAfter: 2 };
  return { since: at(0), until: at(letters.length), windows, rule, versions: [], labels: [], ...more };
}

const days = (config: Parameters<typeof configFrom>[0], given: History) => {
  const { starts, blocked } = backtest(configFrom({ cooldown: 0, ...config }), given);
  return { starts: starts.map(({ at: time, cause }) => [(time.getTime() - START) / DAY, cause]), blocked };
};

describe('a back-test', () => {
  it('starts one run an alert, when it fires', () => {
    expect(days({}, history('.dd.d....dddd'))).toEqual({
      starts: [
        [3, 'alert'],
        [11, 'alert'],
      ],
      blocked: {},
    });
    expect(days({ on: 'request' }, history('dddd')).starts).toEqual([]);
  });

  it('waits for a cooldown as long as the alert fires, and counts what never came to a run', () => {
    expect(days({ cooldown: 'P10D' }, history('dd..dd..........dddddd'))).toEqual({
      starts: [
        [2, 'alert'],
        [18, 'alert'],
      ],
      blocked: { cooldown: 1 },
    });
    // It still fires when the cooldown ends, between two windows.
    expect(days({ cooldown: 'P4DT12H' }, history('dd..dddddd')).starts).toEqual([
      [2, 'alert'],
      [6.5, 'alert'],
    ]);
  });

  it('keeps the limits of the month and the hours', () => {
    const config = { on: 'request', schedule: '0 12 * * *', maximum_per_month: 3 } as const;
    expect(days(config, history('.'.repeat(40))).starts.map(([day]) => day)).toEqual([0.5, 1.5, 2.5, 31, 31.5, 32.5]);
    const quiet_hours = [{ from: '11:00', to: '18:00' }];
    const quiet = { on: 'request', schedule: '0 12 * * *', quiet_hours } as const;
    expect(days(quiet, history('..')).starts.map(([day]) => day)).toEqual([0.75, 1.75]);
  });

  it('does not retrain on missing data', () => {
    const config = { on: 'request', schedule: '0 12 * * *' } as const;
    expect(days(config, history('.nn.'))).toEqual({
      starts: [
        [0.5, 'schedule'],
        [1.5, 'schedule'],
        [4, 'schedule'],
      ],
      blocked: { missing_data: 1 },
    });
  });

  it('waits until the model that it promoted was judged', () => {
    const config = { on: 'request', schedule: '0 */6 * * *', promote: 'auto' } as const;
    expect(days(config, history('...')).starts.map(([day]) => day)).toEqual([0.25, 2, 3]);
  });

  it('counts versions and labels when they came', () => {
    const data = { on: 'request', new_data: { dataset: 'census' } } as const;
    expect(days(data, history('....', { versions: [at(1), at(1.5), at(9)] })).starts).toEqual([
      [1, 'new_version'],
      [1.5, 'new_version'],
    ]);
    const labels = [1, 1.2, 1.4, 1.6].map((day) => ({ at: at(day), rows: 50 }));
    expect(days({ on: 'request', new_labelled_rows: 100 }, history('....', { labels })).starts).toEqual([
      [1.2, 'new_labels'],
      [1.6, 'new_labels'],
    ]);
  });
});
