import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Reservation, reserveBytes } from '../../../../src/domain/log/receive/bytes-in-flight.ts';
import { behindRows, letRowsPass } from '../../../../src/domain/log/receive/right-of-way.ts';
import { createTestContext, TEST_TIME, type TestContext } from '../../../support/context.ts';
import { createTestDatabase } from '../../../support/database.ts';

let now = TEST_TIME.getTime();
let ctx: TestContext;
let drop: () => Promise<void>;
const held: Reservation[] = [];
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url, { now: () => new Date(now) });
  drop = database.drop;
});
afterEach(() => {
  for (const reservation of held.splice(0)) reservation.release();
  now += 10_000;
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

const rows = (): Reservation => {
  const reservation = reserveBytes(ctx, 0);
  held.push(reservation);
  return reservation;
};

/** Jobs that end when they are told to, and how many are under way. */
function jobs() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const fails = new Map<number, (error: Error) => void>();
  const run = behindRows(async (_, id: number) => {
    begun.push(id);
    await new Promise<void>((resolve, reject) => {
      ends.set(id, resolve);
      fails.set(id, reject);
    });
  });
  const done = [0, 1, 2, 3].map((id) => run(ctx, id));
  return { begun, done, end: (id: number) => ends.get(id)?.(), fail: (id: number) => fails.get(id)?.(new Error('no')) };
}

describe('a job behind rows', () => {
  it('runs beside as many others as there are, where no rows come', async () => {
    const { begun, done, end } = jobs();
    await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
    for (const id of begun) end(id);
    await Promise.all(done);
  });

  it('is one more than there are compute children while rows come, and each comes to its turn', async () => {
    rows().release();
    const { begun, done, end, fail } = jobs();
    await expect.poll(() => begun).toEqual([0, 1]);
    fail(0);
    await expect(done[0]).rejects.toThrow('no');
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    // They have stopped coming: whoever ends next lets all the others go on.
    now += 10_000;
    end(1);
    await done[1];
    await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
    for (const id of [2, 3]) end(id);
    await Promise.all(done.slice(2));
  });
});

describe('a rest after a job', () => {
  const takes = behindRows(async (_, milliseconds: number) => {
    now += milliseconds;
  });
  /** Of jobs of so many milliseconds, how long each is not over. */
  const restsAfter = async (milliseconds: number): Promise<number> => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    try {
      const begun = performance.now();
      const job = takes(ctx, milliseconds);
      await vi.runAllTimersAsync();
      await job;
      return performance.now() - begun;
    } finally {
      vi.useRealTimers();
    }
  };

  it('is as long as the job was while rows come, and a second at the most', async () => {
    rows().release();
    expect(await restsAfter(40)).toBe(40);
    expect(await restsAfter(0)).toBe(0);
    // Rows that are on their way were let pass before, as long as it has patience.
    rows();
    expect(await restsAfter(60_000)).toBe(100 + 1000);
  });

  it('is not taken where no rows come', async () => {
    expect(await restsAfter(40)).toBe(0);
  });
});

describe('a step', () => {
  it('is taken at once where no rows are on their way, and when the last of them are there', async () => {
    await letRowsPass(ctx);
    const [one, other] = [rows(), rows()];
    const taken: string[] = [];
    const step = letRowsPass(ctx).then(() => taken.push('step'));
    one.release();
    await Promise.resolve();
    expect(taken).toEqual([]);
    other.release();
    await step;
    expect(taken).toEqual(['step']);
  });

  it('is not put off for ever', async () => {
    rows();
    await letRowsPass(ctx);
    expect(held).toHaveLength(1);
  });
});
