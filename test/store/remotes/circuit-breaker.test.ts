import { expect, test } from 'vitest';
import { CircuitBreaker } from '../../../src/store/remotes/circuit-breaker.ts';

function makeBreaker() {
  let now = 0;
  let calls = 0;
  const breaker = new CircuitBreaker({
    failures: 3,
    restMilliseconds: 1000,
    counts: (error) => error === 'away',
    refusal: (seconds) => new Error(`rests for ${seconds} s`),
    clock: () => now,
  });
  return {
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    calls: () => calls,
    isOpen: () => breaker.isOpen,
    /** How a call ends: as `how`, or with the refusal. */
    run: (how: string | Promise<string>) =>
      breaker
        .run(async () => {
          calls++;
          const ended = await how;
          if (ended !== 'good') throw ended;
          return ended;
        })
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error))),
  };
}

test('says whether it holds calls back, from the last failure to the first success', async () => {
  const { run, isOpen, pass } = makeBreaker();
  const open: boolean[] = [];
  for (const how of ['away', 'away', 'away']) {
    open.push(isOpen());
    await run(how);
  }
  open.push(isOpen());
  pass(1000);
  open.push(isOpen());
  await run('good');
  open.push(isOpen());
  expect(open).toEqual([false, false, false, true, true, false]);
});

test('lets everything through until one after the other has failed', async () => {
  const { run, calls, pass } = makeBreaker();
  for (const how of ['away', 'away', 'good', 'away', 'away', 'no', 'away', 'away', 'away'])
    expect(await run(how)).toBe(how);
  expect(await run('good')).toBe('rests for 1 s');
  pass(999);
  expect(await run('good')).toBe('rests for 1 s');
  expect(calls()).toBe(9);
});

test('tries with one call after the rest, and goes by how that one ends', async () => {
  const { run, calls, pass } = makeBreaker();
  for (let i = 0; i < 3; i++) await run('away');
  pass(1000);
  const trial = Promise.withResolvers<string>();
  const trying = run(trial.promise);
  expect(await run('good')).toBe('rests for 1 s');
  trial.resolve('away');
  expect(await trying).toBe('away');
  expect(await run('good')).toBe('rests for 1 s');
  pass(1000);
  expect(await run('good')).toBe('good');
  expect([await run('away'), await run('good')]).toEqual(['away', 'good']);
  expect(calls()).toBe(7);
});
