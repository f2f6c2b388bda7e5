import { afterAll, beforeAll, expect, it } from 'vitest';
import type { z } from 'zod';
import { alertDetail } from '../../../schemas/wire/alerts.ts';
import type { causeView } from '../../../schemas/wire/policies.ts';
import { considerPolicy } from '../../../src/domain/retraining/consider.ts';
import { meanwhile } from '../../support/meanwhile.ts';
import { type Act, MODEL, startAct } from '../retraining/act.ts';

/** What meets an alert that ends in a transaction which has not been committed yet. */

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: { cooldown: 0, minimum_labelled_rows: 10 } });
  await act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, { alert: { fire_after: 1, resolve_after: 1 } });
  await act.call('PUT', '/v1/retraining', { stopped: true, reason: 'a migration' });
  await act.logDay(0, { shift: 1 });
  await act.closeDay(0);
  await act.drain();
  await act.call('PUT', '/v1/retraining', { stopped: false });
});
afterAll(() => act.close());

/** Has the alert end while `work` is done. */
const endAmid = <T>(work: () => Promise<T>): Promise<T> =>
  meanwhile(
    act.ctx.sql,
    async (tx) => {
      await tx`select 1 from monitors where id = ${act.monitorId} for no key update`;
      await tx`update episodes set state = 'resolved', resolved_at = now()`;
    },
    work,
  );

const again = () => act.ctx.sql`update episodes set state = 'firing', resolved_at = null`;

it('is commented as the alert that it is then', async () => {
  const { id } = (await act.call<{ items: { id: string }[] }>('GET', '/v1/alerts')).body.items[0] ?? { id: '' };
  expect((await endAmid(() => act.call('POST', `/v1/alerts/${id}/comment`, { comment: 'seen' }))).status).toBe(200);
  const { events } = alertDetail.parse((await act.call('GET', `/v1/alerts/${id}`)).body);
  expect(events.at(-1)).toMatchObject({ reason: 'commented', from: 'resolved', to: 'resolved' });
  await again();
});

it('starts no run of a policy that was held back', async () => {
  const causes = async () =>
    (await act.call<{ items: z.infer<typeof causeView>[] }>('GET', '/v1/policies/on-drift/causes')).body.items;
  expect(await causes()).toMatchObject([{ state: 'waiting', cause: { kind: 'alert' } }]);
  const [policy] = await act.ctx.sql<{ id: string }[]>`select id from policies`;
  await endAmid(() => considerPolicy(act.ctx, { policyId: policy?.id ?? '' }));
  expect(await causes()).toMatchObject([{ state: 'lapsed' }]);
  expect((await act.call<{ items: unknown[] }>('GET', '/v1/runs')).body.items).toEqual([]);
});
