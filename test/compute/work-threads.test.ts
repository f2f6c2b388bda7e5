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
    const noting = async (name: string, how: Partial<Work> = {}): Promise<void> => {
      await ask('echo', name, how);
      order.push(name);
    };
    const some = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => noting(name));
    await Promise.all([...some, noting('now', { urgent: true })]);
    // Two were begun before it was asked for.
    expect(order.indexOf('now')).toBeLessThanOrEqual(3);
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
