import { afterAll, beforeAll, expect, it } from 'vitest';
import { measurePerformance } from '../../../src/domain/performance/measure-performance.ts';
import { meanwhile } from '../../support/meanwhile.ts';
import { type Act, startAct } from '../retraining/act.ts';

/** Two measurements of one window at once, of which the slower one has seen fewer labels. */

let act: Act;
beforeAll(async () => {
  act = await startAct({ policy: null });
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
});
afterAll(() => act.close());

it('leaves what was measured beside it, and is made once more', async () => {
  const stored = () => act.ctx.sql<{ windowId: string; rows: number; labelled: number }[]>`
    select window_id as "windowId", rows, labelled from window_performance`;
  const [first] = await stored();
  expect(first).toMatchObject({ rows: 300, labelled: 300 });
  const windowId = Number(first?.windowId);
  await meanwhile(
    act.ctx.sql,
    async (tx) => {
      await tx`select 1 from windows where id = ${windowId} for no key update`;
      await tx`update window_performance set labelled = 299, computed_at = now()`;
    },
    () => measurePerformance(act.ctx, { windowId }),
  );
  expect(await stored()).toEqual([{ ...first, labelled: 299 }]);
  await act.drain();
  expect(await stored()).toEqual([first]);
});
