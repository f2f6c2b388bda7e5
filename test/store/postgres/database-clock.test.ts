import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { startDatabaseClock } from '../../../src/store/postgres/database-clock.ts';

let sql: postgres.Sql;
beforeAll(() => {
  sql = postgres(inject('postgresUrl'), { max: 1 });
});
afterAll(() => sql.end());

async function databaseTime(): Promise<number> {
  const [row] = await sql<{ now: Date }[]>`select clock_timestamp() as now`;
  return row?.now.getTime() ?? 0;
}

test('tells the time of the database, and goes on with the steady clock', async () => {
  let steady = 5000;
  const before = await databaseTime();
  const clock = await startDatabaseClock(sql, { steady: () => steady });
  const first = clock.now().getTime();
  expect(first).toBeGreaterThanOrEqual(before);
  expect(first).toBeLessThanOrEqual(await databaseTime());
  steady += 60_000;
  expect(clock.now().getTime()).toBe(first + 60_000);
  clock.stop();
});

test('is set by readings that did not take long, and anew now and then', async () => {
  const answers: { row: string; took: number }[] = [];
  let steady = 0;
  // As much of the driver as the clock needs.
  const driver = (async () => {
    const { row, took } = answers.shift() ?? { row: '', took: 0 };
    if (row === '') throw new Error('the database is away');
    steady += took;
    return [{ now: row }];
  }) as unknown as postgres.Sql;
  answers.push(
    { row: '7000', took: 4000 },
    { row: '6000', took: 5000 },
    { row: '10000', took: 10 },
    { row: '', took: 0 },
    { row: '9000', took: 3000 },
    { row: '2000', took: 20 },
  );
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const clock = await startDatabaseClock(driver, { steady: () => steady, everyMilliseconds: 1000 });
    expect(clock.now().getTime()).toBe(10_005);
    await vi.advanceTimersByTimeAsync(1000);
    expect(clock.now().getTime()).toBe(10_005);
    await vi.advanceTimersByTimeAsync(1000);
    expect(clock.now().getTime()).toBe(13_005);
    await vi.advanceTimersByTimeAsync(1000);
    expect(clock.now().getTime()).toBe(2010);
    clock.stop();
    await vi.advanceTimersByTimeAsync(5000);
    expect(answers).toEqual([]);
  } finally {
    vi.useRealTimers();
  }
});
