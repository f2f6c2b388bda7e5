import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventShapes } from '../../../schemas/wire/events.ts';
import { beyondBudget } from '../../../src/domain/policy/budget.ts';
import { configFrom, describeGuards } from '../../../src/domain/policy/policy.ts';
import { type Act, startAct } from '../retraining/act.ts';

const NOW = new Date('2026-05-20T12:00:00.000Z');
const hoursAgo = (hours: number, cost: number | null = null) => ({
  at: new Date(NOW.getTime() - hours * 3_600_000),
  cost,
});
const within = (per_month: number, run_estimate: number, more: object = {}) =>
  configFrom({ budget: { per_month, run_estimate, ...more } });

describe('the budget of a policy', () => {
  it('holds back nothing where there is none', () => {
    expect(beyondBudget([hoursAgo(1, 1e9)], configFrom({}), NOW)).toEqual([]);
  });

  it('counts what runs say they cost, and takes those that say nothing at the estimate', () => {
    const config = within(100, 30, { currency: 'EUR' });
    expect(beyondBudget([hoursAgo(1, 10), hoursAgo(2)], config, NOW)).toEqual([]);
    expect(beyondBudget([hoursAgo(1, 10.25), hoursAgo(2), hoursAgo(3, 31)], config, NOW)).toEqual([
      {
        code: 'budget',
        detail:
          'The runs of this month cost 71.25 EUR (1 of 3 taken at the estimate), and another one is taken to cost 30 EUR, of at most 100 EUR',
        lifts: 'The next month begins (UTC), or the budget is raised',
        until: '2026-06-01T00:00:00.000Z',
      },
    ]);
    // One that turned out cheaper makes room again.
    expect(beyondBudget([hoursAgo(1, 10), hoursAgo(2, 1), hoursAgo(3, 31)], config, NOW)).toEqual([]);
    expect(describeGuards(config)).toContain('at most 100 EUR a month');
  });

  it('counts by the months of its zone', () => {
    const config = { ...within(10, 10), zone: 'America/New_York' };
    const at = new Date('2026-05-01T03:59:59.999Z');
    expect(beyondBudget([{ at, cost: null }], config, NOW)).toEqual([]);
    expect(beyondBudget([{ at: new Date('2026-05-01T04:00:00Z'), cost: null }], config, NOW)[0]?.until).toBe(
      '2026-06-01T04:00:00.000Z',
    );
  });

  it('says that no time lifts what a single run is beyond', () => {
    const [blocked] = beyondBudget([], within(5, 10), NOW);
    expect(blocked).toMatchObject({ code: 'budget', lifts: 'The budget is raised' });
    expect(blocked).not.toHaveProperty('until');
  });

  it('is never exceeded by runs that cost what they were taken to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 60 }), (cents, times) => {
        const [estimate, most] = [cents / 100, (cents * times) / 100];
        const config = within(most, estimate);
        const runs = [];
        while (runs.length < 100 && beyondBudget(runs, config, NOW).length === 0) runs.push(hoursAgo(1, estimate));
        expect(runs).toHaveLength(times);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a run that says what it costs', () => {
  let act: Act;
  beforeAll(async () => {
    act = await startAct({ policy: { on: 'request', cooldown: 0, budget: { per_month: 25, run_estimate: 10 } } });
    await act.logDay(0);
    await act.closeDay(0);
    await act.drain();
  });
  afterAll(() => act.close());

  const start = () => act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' });

  it('is counted as that from then on, and the next one is held back, by hand too', async () => {
    expect(await start()).toMatchObject({ status: 202 });
    await act.drain();
    const order = eventShapes['retraining.requested'].parse(act.events().at(-1)?.data);
    const report = async (token: string, body: object) => {
      const headers = { authorization: `Bearer ${token}` };
      return act.call<{ next_token: string }>('POST', `/v1/runs/${order.run}/events`, body, headers);
    };
    const { token } = order.callback;
    expect(await report(token, { state: 'running', cost: -1 })).toMatchObject({ status: 422 });
    const running = await report(token, { state: 'running', cost: 4.5 });
    expect(await act.call('GET', `/v1/runs/${order.run}`)).toMatchObject({ body: { cost: 4.5 } });
    await report(running.body.next_token, { state: 'failed', message: 'out of memory', cost: 15.5 });
    expect(await start()).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('The runs of this month cost 15.5,'), guard: 'budget' },
    });
    expect(await act.call('GET', '/v1/policies/on-drift/preview')).toMatchObject({
      body: { would_start: false, blocked: [{ code: 'budget', until: expect.any(String) }] },
    });
    const raised = { budget: { per_month: 30, run_estimate: 10, currency: 'EUR' } };
    expect(await act.call('PATCH', '/v1/policies/on-drift', raised)).toMatchObject({ status: 200, body: raised });
    expect(await start()).toMatchObject({ status: 202 });
  });
});
