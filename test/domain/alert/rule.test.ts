import { describe, expect, it } from 'vitest';
import { ruleFrom, troubleAfter } from '../../../src/domain/alert/rule.ts';

const alert = { fire_after: 2, resolve_after: 2, minimum_drifted_columns: 1 };

describe('the rule of an alert', () => {
  it('counts windows, or as many as fill a length of time', () => {
    expect(ruleFrom({ alert: { ...alert, fire_within: 5 }, window_seconds: 60 })).toMatchObject({
      fireAfter: 2,
      fireWithin: 5,
      resolveAfter: 2,
    });
    const lasting = { ...alert, fire_within: 5, fire_seconds: 3601, resolve_seconds: 60 };
    expect(ruleFrom({ alert: lasting, window_seconds: 3600 })).toMatchObject({
      fireAfter: 2,
      fireWithin: 2,
      resolveAfter: 1,
    });
  });

  it('is told of data that is broken or does not come, unless somebody says never', () => {
    const windows = (chosen: object) =>
      (['no_data', 'error', 'broken_schema'] as const).map((trouble) =>
        troubleAfter({ window_seconds: 3600, alert: { ...alert, ...chosen } }, trouble),
      );
    // A day of hours.
    expect(windows({})).toEqual([24, 1, 1]);
    const rows = { windowing: { kind: 'rows', rows: 100 } } as const;
    expect(troubleAfter({ ...rows, alert }, 'no_data')).toBeNull();
    expect(troubleAfter({ window_seconds: 604_800, alert }, 'no_data')).toBe(2);
    expect(windows({ no_data_after: null })[0]).toBeNull();
    expect(windows({ no_data_after: 3, error_after: null, schema_after: 2 })).toEqual([3, null, 2]);
  });
});
