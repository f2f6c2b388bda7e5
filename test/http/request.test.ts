import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bodyStream, type HttpContext } from '../../src/http/request.ts';

/** Of a request, as much as its body is read from: by Node's own stream, where it announces a size or none. */
const requestOf = (incoming: PassThrough, size?: number) =>
  ({ env: { incoming }, req: { header: () => size?.toString() } }) as unknown as HttpContext;

describe('a body', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const PACE = { bytes: 1000, milliseconds: 60_000 };

  it('of which nothing more comes is given up, and what came of it is no whole', async () => {
    const incoming = new PassThrough();
    const body = bodyStream(requestOf(incoming), PACE);
    incoming.write('the beginning');
    expect(String((await body.next()).value)).toBe('the beginning');
    const next = body.next();
    const given = expect(next).rejects.toMatchObject({
      code: 'upload-too-slow',
      message: expect.stringMatching(/^Fewer than 1000 bytes of the upload came in 60 seconds/),
    });
    await vi.advanceTimersByTimeAsync(60_000);
    await given;
    expect(incoming.destroyed).toBe(false);
  });

  it('that comes byte by byte to hold its place is given up', async () => {
    const incoming = new PassThrough();
    const body = bodyStream(requestOf(incoming), PACE);
    const read = (async () => {
      let bytes = 0;
      try {
        for await (const chunk of body) bytes += chunk.byteLength;
      } catch (error) {
        return { bytes, error };
      }
      return { bytes, error: null };
    })();
    for (let second = 0; second < 70; second++) {
      incoming.write('x');
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(await read).toMatchObject({ bytes: 60, error: { code: 'upload-too-slow' } });
  });

  it('may come as slowly as that, to a reader that takes its time', async () => {
    const incoming = new PassThrough();
    const body = bodyStream(requestOf(incoming), PACE);
    for (let i = 0; i < 5; i++) {
      const next = body.next();
      await vi.advanceTimersByTimeAsync(59_000);
      incoming.write('x'.repeat(1000));
      expect((await next).value?.byteLength).toBe(1000);
      // Nobody waits meanwhile.
      await vi.advanceTimersByTimeAsync(600_000);
    }
    incoming.end();
    expect((await body.next()).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is announced as small comes in one piece', async () => {
    const incoming = new PassThrough();
    const next = bodyStream(requestOf(incoming, 12), PACE).next();
    for (const part of ['one', ' and ', 'more']) {
      incoming.write(part);
      await vi.advanceTimersByTimeAsync(19_000);
    }
    incoming.end();
    expect(String((await next).value)).toBe('one and more');
    expect(vi.getTimerCount()).toBe(0);
    const empty = new PassThrough();
    empty.end();
    expect((await bodyStream(requestOf(empty, 0), PACE).next()).done).toBe(true);
  });

  it('that is announced as small is given up as any other, or with its sender', async () => {
    const slow = new PassThrough();
    const given = expect(bodyStream(requestOf(slow, 12), PACE).next()).rejects.toMatchObject({
      code: 'upload-too-slow',
    });
    slow.write('one');
    await vi.advanceTimersByTimeAsync(60_000);
    await given;
    expect(slow.destroyed).toBe(false);
    const gone = new PassThrough();
    const aborted = { code: 'upload-aborted' };
    const next = expect(bodyStream(requestOf(gone, 12), PACE).next()).rejects.toMatchObject(aborted);
    gone.write('one');
    gone.destroy();
    await next;
    await expect(bodyStream(requestOf(gone, 12), PACE).next()).rejects.toMatchObject(aborted);
    expect(vi.getTimerCount()).toBe(0);
  });
});
