import { expect, it, vi } from 'vitest';
import { ByteCache } from '../../../src/domain/object/manifest-cache.ts';

const bytes = (size: number) => async () => new Uint8Array(size);

it('makes what several ask for once, and not again', async () => {
  const cache = new ByteCache(10);
  const make = vi.fn(bytes(4));
  const [a, b] = await Promise.all([cache.get('x', make), cache.get('x', make)]);
  expect([a === b, (await cache.get('x', make)) === a, make.mock.calls.length]).toEqual([true, true, 1]);
});

it('lets go of what was not asked for the longest', async () => {
  const cache = new ByteCache(10);
  for (const name of ['a', 'b']) await cache.get(name, bytes(5));
  await cache.get('a', bytes(5));
  await cache.get('c', bytes(5));
  expect(['a', 'b', 'c'].map((name) => cache.has(name))).toEqual([true, false, true]);
});

it('keeps nothing that is larger than all that it may keep', async () => {
  const cache = new ByteCache(10);
  expect(await cache.get('large', bytes(11))).toHaveLength(11);
  expect(cache.has('large')).toBe(false);
  await cache.get('small', bytes(10));
  expect(cache.has('small')).toBe(true);
});

it('forgets what failed, for all who asked for it', async () => {
  const cache = new ByteCache(10);
  const fail = async () => Promise.reject(new Error('away'));
  const asked = [cache.get('x', fail), cache.get('x', fail)];
  expect(await Promise.allSettled(asked)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(await cache.get('x', bytes(3))).toHaveLength(3);
});
