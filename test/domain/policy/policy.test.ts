import { describe, expect, it } from 'vitest';
import { policyConfig } from '../../../schemas/wire/policies.ts';
import { configFrom, configOf, describeGuards } from '../../../src/domain/policy/policy.ts';

const pointersOf = (wish: Parameters<typeof configFrom>[0]): string[] => {
  try {
    configFrom(wish);
    return [];
  } catch (error) {
    return (error as { issues: { pointer: string }[] }).issues.map(({ pointer }) => pointer);
  }
};

describe('the configuration of a policy', () => {
  it('is complete with nothing said, and is kept as it is', () => {
    const config = configFrom({});
    expect(policyConfig.parse(config)).toEqual(config);
    expect(config).toEqual({
      on: 'alert',
      promote: 'manual',
      cooldown_seconds: 86_400,
      minimum_labelled_rows: 500,
      deadline_seconds: 86_400,
      span_seconds: null,
      zone: 'UTC',
      schedule: null,
      new_data: null,
      new_labelled_rows: null,
      quiet_hours: [],
      maximum_per_day: null,
      maximum_per_month: null,
      budget: null,
      require_sound_data: true,
      require_judged_promotion: true,
      approval_seconds: null,
      snapshot: { hold_out: 0, balance: false, mix_reference: 0 },
      comparison: { metric: null, minimum_gain: 0, tolerance: 0.02, segments: [] },
    });
  });

  it('reads one that was kept before there were more causes than alerts', () => {
    const { on, promote, cooldown_seconds, minimum_labelled_rows, deadline_seconds, span_seconds } = configFrom({});
    const old = { on, promote, cooldown_seconds, minimum_labelled_rows, deadline_seconds, span_seconds };
    expect(configOf({ config: old })).toEqual(configFrom({}));
  });

  it('takes what is said and leaves the rest as it was', () => {
    const before = configFrom({ cooldown: 0, deadline: 'PT90M', span: 'P2W', maximum_per_day: 2 });
    expect(before).toMatchObject({ cooldown_seconds: 0, deadline_seconds: 5400, span_seconds: 1_209_600 });
    const after = configFrom(
      {
        schedule: '0 3 * * mon',
        zone: 'Europe/Berlin',
        maximum_per_day: null,
        approval: { within: 'PT4H' },
        new_data: { dataset: 'census' },
        quiet_hours: [{ from: '22:00', to: '06:00' }],
      },
      before,
    );
    expect(after).toEqual({
      ...before,
      schedule: '0 3 * * mon',
      zone: 'Europe/Berlin',
      maximum_per_day: null,
      approval_seconds: 14_400,
      new_data: { dataset: 'census', tag: null },
      quiet_hours: [{ days: null, from: '22:00', to: '06:00' }],
    });
    expect(configFrom({ approval: null, schedule: null, new_data: null }, after)).toMatchObject({
      approval_seconds: null,
      schedule: null,
      new_data: null,
    });
    expect(describeGuards(after)).toBe(
      '500 labelled rows, done in 1 hour 30 minutes, not 22:00–06:00, approved by somebody within 4 hours',
    );
  });

  it.each([
    [{ cooldown: 'P1Y', deadline: 'PT1S', span: 'P400D' }, ['/cooldown', '/deadline', '/span']],
    [{ approval: { within: 5 } }, ['/approval/within']],
    [{ promote: 'if_better' as const }, ['/snapshot/hold_out']],
    [{ zone: 'Middle/Earth' }, ['/zone']],
    [{ zone: '+02:00' }, ['/zone']],
    [{ schedule: '0 3 * *' }, ['/schedule']],
    [{ schedule: '0 0 30 2 *' }, ['/schedule']],
    [{ schedule: '61 * * * *' }, ['/schedule']],
  ])('names what cannot be in %j', (wish, pointers) => {
    expect(pointersOf(wish)).toEqual(pointers);
  });
});
