import { describe, expect, it } from 'vitest';
import { type Work, workThreads } from '../../src/compute/work-threads.ts';

type Answer = {
  readonly value: unknown;
  readonly thread: number;
  readonly steps: readonly unknown[];
  readonly bytes: Uint8Array;
};

const module = new URL('work.mjs', import.meta.url);
const run = workThreads({ threads: 2, byShare: true });
const ask = async (kind: string, value: unknown, how: Partial<Work> = {}): Promise<Answer> =>
  (await run({ module, request: { kind, value }, ...how })) as Answer;

/** What a thread waits at until it is opened. */
function gate(): { readonly value: Int32Array; open(): void } {
  const value = new Int32Array(new SharedArrayBuffer(4));
  const open = (): void => {
    Atomics.store(value, 0, 1);
    Atomics.notify(value, 0);
  };
  return { value, open };
}

describe('threads that work', () => {
  it('answer each request to whoever asked, no more of them at once than allowed', async () => {
    const values = Array.from({ length: 30 }, (_, i) => i);
    const answers = await Promise.all(values.map((value) => ask('echo', value)));
    expect(answers.map(({ value }) => value)).toEqual(values);
    expect(new Set(answers.map(({ thread }) => thread)).size).toBeLessThanOrEqual(2);
    expect(answers[0]?.bytes).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('tell how far they are before they answer', async () => {
    const told: unknown[] = [];
    await ask('progress', [1, 2, 3], { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([1, 2, 3]);
  });

  it('do first what is urgent', async () => {
    const order: string[] = [];
    const gates = [gate(), gate()];
    const held = gates.map(({ value }) => ask('wait', value));
    const noting = async (name: string, how: Partial<Work> = {}): Promise<void> => {
      await ask('echo', name, how);
      order.push(name);
    };
    const waiting = ['a', 'b', 'c'].map((name) => noting(name));
    const urgent = noting('now', { urgent: true });
    // One thread goes on while the other is held: what it takes first does not depend on how fast either is.
    gates[0]?.open();
    await urgent;
    gates[1]?.open();
    await Promise.all([...waiting, ...held]);
    expect(order[0]).toBe('now');
  });

  it('move what is to be moved', async () => {
    const bytes = new Uint8Array(8);
    await ask('echo', bytes, { moved: [bytes.buffer] });
    expect(bytes.byteLength).toBe(0);
  });

  it('hand on what is wrong with the data, and work on', async () => {
    await expect(ask('refuse', 'no table')).rejects.toMatchObject({
      ...{ code: 'unreadable-data', message: 'no table', details: { row: 3 } },
    });
    expect(await ask('echo', 'again')).toMatchObject({ value: 'again' });
  });

  it('end with any other error, and others take their place', async () => {
    const { thread } = await ask('echo', 'before');
    await expect(ask('throw', 'broken')).rejects.toThrow('broken');
    const answers = await Promise.all([ask('echo', 1), ask('echo', 2), ask('echo', 3)]);
    expect(answers.map(({ value }) => value)).toEqual([1, 2, 3]);
    expect(answers.some((answer) => answer.thread !== thread)).toBe(true);
  });
});
