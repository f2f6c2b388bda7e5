import { describe, expect, it } from 'vitest';
import { createThreadPool } from '../../src/compute/thread-pool.ts';
import { isTidemarkError } from '../../src/errors.ts';

type Request = { readonly kind: 'echo' | 'later' | 'throw' | 'refuse' | 'exit'; readonly value: string };
type Reply = { readonly value: string; readonly thread: number };

const open = (size: number) => createThreadPool<Request, Reply>(new URL('thread.mjs', import.meta.url), size);
const echo = (value: string): Request => ({ kind: 'echo', value });

describe('a pool of threads', () => {
  it('answers each request to whoever asked, on no more threads than it may have', async () => {
    const pool = open(2);
    const values = Array.from({ length: 40 }, (_, i) => `value ${i}`);
    const replies = await Promise.all(values.map((value) => pool.ask(echo(value))));
    expect(replies.map((reply) => reply.value)).toEqual(values);
    expect(new Set(replies.map((reply) => reply.thread)).size).toBe(2);
  });

  it('starts no second thread while the first has nothing to do', async () => {
    const pool = open(4);
    const threads = new Set<number>();
    for (let i = 0; i < 5; i++) threads.add((await pool.ask(echo(''))).thread);
    expect(threads.size).toBe(1);
  });

  it('has them all begin before they are needed, where it is told to', async () => {
    const pool = open(3);
    pool.start();
    pool.start();
    const threads = new Set<number>();
    for (let i = 0; i < 3; i++) threads.add((await pool.ask(echo(''))).thread);
    // The first is always free again; none was started for it.
    expect(threads.size).toBe(1);
    const replies = await Promise.all(['a', 'b', 'c', 'd'].map((value) => pool.ask(echo(value))));
    expect(new Set(replies.map(({ thread }) => thread)).size).toBe(3);
    await pool.close();
  });

  it('hands on what was thrown, with its system code, and works on', async () => {
    const pool = open(1);
    const full = { kind: 'throw', value: 'no space left' } as const;
    await expect(pool.ask(full)).rejects.toMatchObject({ message: 'no space left', code: 'ENOSPC' });
    expect(await pool.ask(echo('again'))).toMatchObject({ value: 'again' });
  });

  it('hands on an error of ours as one', async () => {
    const pool = open(1);
    const refused = await pool.ask({ kind: 'refuse', value: 'It is taken.' }).catch((error: unknown) => error);
    expect(isTidemarkError(refused, 'conflict')).toBe(true);
    expect(refused).toMatchObject({ message: 'It is taken.' });
    await pool.close();
  });

  it('takes other requests while an answer is not ready', async () => {
    const pool = open(1);
    const held = [pool.ask({ kind: 'later', value: 'held' }), pool.ask({ kind: 'later', value: 'fail' })];
    const settled = Promise.allSettled(held);
    expect(await pool.ask(echo('first'))).toMatchObject({ value: 'first' });
    expect(await settled).toMatchObject([
      { status: 'fulfilled', value: { value: 'held' } },
      { status: 'rejected', reason: { message: 'fail', code: 'EIO' } },
    ]);
  });

  it('tells everybody who waits for a thread that ends, and starts another', async () => {
    const pool = open(1);
    const lost = await Promise.allSettled([pool.ask({ kind: 'exit', value: '' }), pool.ask(echo('behind it'))]);
    expect(lost.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await pool.ask(echo('next'))).toMatchObject({ value: 'next' });
  });
});
