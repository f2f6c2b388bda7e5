import { describe, expect, it } from 'vitest';
import { Wake } from '../../workers/wake.ts';

/** Longer than any test may take: who sleeps that long was not woken. */
const LONG = 3_600_000;

/** How many of the sleepers were woken, once all that is due now has run. */
async function woken(sleepers: readonly Promise<void>[]): Promise<number> {
  let count = 0;
  for (const sleeper of sleepers) void sleeper.then(() => count++);
  await new Promise((resolve) => setImmediate(resolve));
  return count;
}

describe('wake', () => {
  it('wakes one sleeper a call, and all at once', async () => {
    const wake = new Wake();
    const sleepers = Array.from({ length: 4 }, () => wake.after(wake.count, LONG));
    expect(await woken(sleepers)).toBe(0);
    wake.one();
    expect(await woken(sleepers)).toBe(1);
    wake.one();
    wake.all();
    await Promise.all(sleepers);
  });

  it('lets nobody sleep through a call that came while they looked', async () => {
    const wake = new Wake();
    const seen = wake.count;
    wake.one();
    await wake.after(seen, LONG);
  });

  it('wakes later what is due later', async () => {
    const wake = new Wake();
    const sleeper = wake.after(wake.count, LONG);
    wake.oneIn(5);
    expect(await woken([sleeper])).toBe(0);
    await sleeper;
  });

  it('ends a sleep whose time is over', async () => {
    await new Wake().after(0, 1);
  });
});
