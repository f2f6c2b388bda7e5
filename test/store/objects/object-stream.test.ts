import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSlots } from '../../../src/store/objects/object-slots.ts';
import { clampRange, releasable } from '../../../src/store/objects/object-stream.ts';

describe('releasable', () => {
  const stream = () => Readable.from([new Uint8Array(1), new Uint8Array(1)]);

  test('lets the stream go when its reader leaves, also before the first chunk', async () => {
    const unread = stream();
    await releasable(unread, undefined)[Symbol.asyncIterator]().return?.();
    expect(unread.destroyed).toBe(true);
    const half = stream();
    for await (const _ of releasable(half, undefined)) break;
    expect(half.destroyed).toBe(true);
  });

  test('lets it go by signal, without an unhandled error when nobody reads', async () => {
    const controller = new AbortController();
    const unread = stream();
    const bytes = releasable(unread, controller.signal);
    controller.abort();
    await new Promise((resolve) => unread.once('close', resolve));
    await expect(bytes[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('names a failure of the store', async () => {
    const failing = new Readable({ read: () => void failing.destroy(Object.assign(new Error('x'), { code: 'EIO' })) });
    await expect(releasable(failing, undefined)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'store-unavailable',
    });
  });
});

test('a clamped range is inside the object and never reversed', () => {
  const bound = fc.option(fc.integer({ min: -5, max: 30 }), { nil: undefined });
  fc.assert(
    fc.property(bound, bound, fc.nat({ max: 20 }), (start, end, size) => {
      const range = clampRange({ start, end }, size);
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
      expect(range.end).toBeLessThanOrEqual(size);
      const bytes = Array.from({ length: size }, (_, i) => i);
      expect(bytes.slice(range.start, range.end)).toEqual(
        bytes.slice(Math.max(start ?? 0, 0), Math.max(end ?? size, 0)),
      );
    }),
  );
});

test('slots let so many run at once, in order, and go on after a failure', async () => {
  const slots = createSlots(3);
  const started: number[] = [];
  let running = 0;
  const tasks = Array.from({ length: 20 }, (_, i) =>
    slots(async () => {
      started.push(i);
      expect(++running).toBeLessThanOrEqual(3);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      if (i % 4 === 0) throw new Error('no');
      return i;
    }),
  );
  const settled = await Promise.allSettled(tasks);
  expect(settled.filter((s) => s.status === 'rejected')).toHaveLength(5);
  expect(started).toEqual(Array.from({ length: 20 }, (_, i) => i));
});
