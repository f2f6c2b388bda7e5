import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/domain/access/actor.ts';
import { deliverMessages } from '../../src/domain/webhook/deliver-messages.ts';
import { createEndpoint } from '../../src/domain/webhook/endpoints.ts';
import { readMessages } from '../../src/domain/webhook/messages.ts';
import { publishEvent } from '../../src/domain/webhook/publish.ts';
import { testEndpoint } from '../../src/domain/webhook/test-endpoint.ts';
import { transact } from '../../src/store/postgres/db.ts';
import { type Alertmanager, startAlertmanager } from '../support/alertmanager.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventDataOf } from '../support/events.ts';

const program = process.env.ALERTMANAGER;
const actor = systemActor({ id: 1, name: 'default' });

if (program === undefined) console.warn('ALERTMANAGER is not set: alerts are not told to a real one.');

describe.skipIf(program === undefined)('a real Alertmanager (skipped without ALERTMANAGER)', () => {
  let database: TestDatabase;
  let ctx: TestContext;
  let alertmanager: Alertmanager;
  let endpointId: string;
  let late = 0;

  beforeAll(async () => {
    alertmanager = await startAlertmanager(program ?? '');
    database = await createTestDatabase();
    const environment = { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' };
    ctx = await createTestContext(database.url, { environment, now: () => new Date(Date.now() + late) });
    const target = { kind: 'alertmanager' as const, options: {}, credentials: {} };
    endpointId = (await createEndpoint(ctx, actor, { url: alertmanager.url, target })).endpoint.id;
  });
  afterAll(async () => {
    await ctx.close();
    await database.drop();
    await alertmanager.close();
  });

  const tell = (type: 'alert.firing' | 'alert.resolved') =>
    transact(ctx.db, (tx) => publishEvent(tx, ctx, { projectId: 1, type, subject: 'al_1', data: eventDataOf(type) }));
  const drift = async () => (await alertmanager.alerts()).filter(({ labels }) => labels.alertname === 'TidemarkDrift');

  it('takes a test', async () => {
    await testEndpoint(ctx, actor, endpointId);
    await deliverMessages(ctx, { endpointId });
    const [test] = await alertmanager.alerts();
    expect(test?.labels).toEqual({ alertname: 'TidemarkTest', endpoint: endpointId });
  });

  it('holds an alert while it is told again, and lets it go when it has ended', async () => {
    await tell('alert.firing');
    await deliverMessages(ctx, { endpointId });
    const [first] = await drift();
    expect(first?.labels).toMatchObject({ model: 'churn', monitor: 'daily' });
    // A minute later by our clock: what is told again is the same alert, which lasts longer.
    late = 60_000;
    await deliverMessages(ctx, { endpointId });
    const [second, ...others] = await drift();
    expect(others).toEqual([]);
    expect(second?.startsAt).toBe(first?.startsAt);
    expect(Date.parse(second?.endsAt ?? '')).toBeGreaterThan(Date.parse(first?.endsAt ?? ''));
    late = 0;
    await tell('alert.resolved');
    await deliverMessages(ctx, { endpointId });
    expect(await drift()).toEqual([]);
    const { items } = await readMessages(ctx, actor, { endpoint: endpointId, limit: 10 });
    expect(items.map(({ state }) => state)).toEqual(['delivered', 'delivered', 'delivered']);
  });
});
