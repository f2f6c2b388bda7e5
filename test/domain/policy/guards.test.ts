import { describe, expect, it } from 'vitest';
import type { PolicyConfig } from '../../../schemas/wire/policies.ts';
import type { ClosedWindow } from '../../../src/domain/configuration/sound-data.ts';
import { type Facts, weigh } from '../../../src/domain/policy/guards.ts';
import { configFrom } from '../../../src/domain/policy/policy.ts';

const NOW = new Date('2026-05-20T12:00:00.000Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

const window: ClosedWindow = {
  start: ago(86_400),
  end: ago(0),
  verdict: 'drift',
  rows: 100,
  violations: [],
  checked: false,
};
const free: Facts = {
  stopped: null,
  enabled: true,
  newest: null,
  begun: [],
  hasPredictions: true,
  window,
  unjudged: null,
};

const held = (facts: Partial<Facts>, wish: Parameters<typeof configFrom>[0] = {}, byHand = false) =>
  weigh({ ...free, ...facts }, configFrom(wish), { now: NOW, byHand });
const codes = (...given: Parameters<typeof held>) => held(...given).map(({ code }) => code);

const begun = (...seconds: number[]): Facts['begun'] => seconds.map((s) => ({ at: ago(s), cost: null }));
const run = (state: NonNullable<Facts['newest']>['state'], createdAt: Date) => ({ id: 'r', state, createdAt });
const broken = (count: number, code = 'missing'): ClosedWindow => ({
  ...window,
  violations: [{ column: 'income', code, count }],
});

describe('the guards', () => {
  it('let a start pass that nothing speaks against', () => {
    expect(held({})).toEqual([]);
    expect(held({ window: null })).toEqual([]);
  });

  it.each<[string, Partial<Facts>, Parameters<typeof configFrom>[0], boolean]>([
    ['stopped', { stopped: { at: NOW, author: 'ann', reason: 'audit' } }, {}, true],
    ['policy_off', { enabled: false }, {}, false],
    ['run_in_flight', { newest: run('awaiting_approval', ago(1e6)) }, {}, true],
    ['no_predictions', { hasPredictions: false, window: null }, {}, true],
    ['missing_data', { window: { ...window, verdict: 'no_data' } }, {}, false],
    ['missing_data', { window: { ...window, verdict: 'error' } }, {}, false],
    ['broken_schema', { window: broken(11) }, {}, false],
    ['broken_schema', { window: broken(11, 'type') }, {}, false],
    ['promotion_not_judged', { unjudged: { run: 'r', from: NOW } }, {}, false],
    ['cooldown', { newest: run('failed', ago(59.999)) }, { cooldown: 60 }, false],
    ['daily_limit', { begun: begun(60) }, { maximum_per_day: 1 }, true],
    ['monthly_limit', { begun: begun(60, 86_400 * 10) }, { maximum_per_month: 2 }, true],
    ['budget', { begun: begun(60) }, { budget: { per_month: 15, run_estimate: 10 } }, true],
    ['quiet_hours', {}, { quiet_hours: [{ from: '11:00', to: '13:00' }] }, false],
  ])('%s holds back %j with %j, and says what would lift it', (code, facts, wish, byHandToo) => {
    const [found, ...others] = held(facts, wish);
    expect(found).toMatchObject({ code, detail: expect.stringMatching(/./), lifts: expect.stringMatching(/./) });
    expect(others).toEqual([]);
    expect(codes(facts, wish, true)).toEqual(byHandToo ? [code] : []);
  });

  it('give a time where time alone is enough', () => {
    expect(held({ newest: run('failed', ago(59.999)) }, { cooldown: 60 })[0]?.until).toBe(
      new Date(NOW.getTime() + 1).toISOString(),
    );
    expect(held({ newest: run('promoted', ago(60)) }, { cooldown: 60 })).toEqual([]);
    const zone = { zone: 'America/New_York', maximum_per_day: 1, maximum_per_month: 1 };
    expect(held({ begun: begun(60) }, zone).map(({ until }) => until)).toEqual([
      '2026-06-01T04:00:00.000Z',
      '2026-05-21T04:00:00.000Z',
    ]);
    // Yesterday in New York.
    expect(codes({ begun: begun(3600 * 9) }, { zone: 'America/New_York', maximum_per_day: 1 })).toEqual([]);
  });

  it('take a little dirt for no broken schema, and can be told not to look', () => {
    expect(held({ window: broken(10) })).toEqual([]);
    expect(held({ window: broken(100, 'unexpected') })).toEqual([]);
    expect(held({ window: broken(100), unjudged: { run: 'r', from: NOW } }, relaxed)).toEqual([]);
  });

  const relaxed = { require_sound_data: false, require_judged_promotion: false };

  it('name all that holds back, not only the first', () => {
    const config: PolicyConfig = configFrom({ maximum_per_day: 1, quiet_hours: [{ from: '00:00', to: '23:59' }] });
    const facts = { ...free, newest: run('succeeded', ago(10)), begun: begun(10), window: broken(50) };
    expect(weigh(facts, config, { now: NOW, byHand: false }).map(({ code }) => code)).toEqual([
      'broken_schema',
      'daily_limit',
      'cooldown',
      'quiet_hours',
    ]);
  });
});
