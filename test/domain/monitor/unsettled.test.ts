import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { transact } from '../../../src/store/postgres/db.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(300, 1));
  await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'daily' });
});
afterAll(() => story.close());

const logDay = (n: number, id: string): Promise<void> =>
  story.log('predictions', predictions(makeRows(60, 10 + n), { id, from: day(n), to: day(n) + DAY }));

describe('windows and predictions that are accepted but not settled', () => {
  it('wait for them when the sender says that nothing more will come', async () => {
    await logDay(0, 'a');
    await story.drain();
    await logDay(0, 'b');
    await logDay(1, 'c');
    const through = new Date(day(2) + DAY).toISOString();
    await story.call('POST', `/v1/models/${MODEL}/watermark`, { through });

    await story.drain(['close-windows']);
    expect(await story.windows()).toMatchObject([{ state: 'open', rows: 60 }]);

    await story.drain();
    const judged = (await story.windows()).filter(({ rows }) => rows > 0);
    expect(judged).toMatchObject([
      { state: 'judged', revision: 1, rows: 120 },
      { state: 'judged', revision: 1, rows: 60 },
    ]);
  });

  it('wait for them when they settle in the very moment in which windows are closed', async () => {
    await logDay(3, 'd');
    await story.drain();
    await logDay(3, 'e');
    await story.call('POST', `/v1/models/${MODEL}/watermark`, { through: new Date(day(4) + DAY).toISOString() });

    let closing: Promise<void> = Promise.resolve();
    await transact(story.ctx.db, async (tx) => {
      // Closing reads its configuration after how far the model has settled, and before what waits: it stops between.
      await tx.execute(sql`lock table monitor_revisions in access exclusive mode`);
      closing = story.drain(['close-windows']);
      await vi.waitFor(async () => {
        const waiting = await tx.execute(
          sql`select 1 from pg_locks where relation = 'monitor_revisions'::regclass and not granted`,
        );
        expect(waiting).toHaveLength(1);
      }, 60_000);
      await story.drain(['settle-batches']);
    });
    await closing;
    await story.drain();
    const [judged] = (await story.windows()).filter(({ start }) => start === new Date(day(3)).toISOString());
    expect(judged).toMatchObject({ state: 'judged', revision: 1, rows: 120 });
  });
});
