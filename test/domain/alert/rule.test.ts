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

  it('is told of data that is broken unless somebody says never, and of none only when somebody asks', () => {
    const windows = (chosen: object) =>
      (['no_data', 'error', 'broken_schema'] as const).map((trouble) =>
        troubleAfter({ alert: { ...alert, ...chosen } }, trouble),
      );
    expect(windows({})).toEqual([null, 1, 1]);
    expect(windows({ no_data_after: 3, error_after: null, schema_after: 2 })).toEqual([3, null, 2]);
  });
});
