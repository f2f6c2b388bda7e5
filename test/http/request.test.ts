import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bodyStream, type HttpContext } from '../../src/http/request.ts';

/** Of a request, as much as its body is read from. */
const requestOf = (incoming: PassThrough) => ({ env: { incoming } }) as unknown as HttpContext;

describe('a body', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('of which nothing more comes is given up, and what came of it is no whole', async () => {
    const incoming = new PassThrough();
    const body = bodyStream(requestOf(incoming), 60_000);
    incoming.write('the beginning');
    expect(String((await body.next()).value)).toBe('the beginning');
    const next = body.next();
    const given = expect(next).rejects.toMatchObject({
      code: 'upload-aborted',
      message: expect.stringMatching(/^Nothing more of the upload came for 60 seconds/),
    });
    await vi.advanceTimersByTimeAsync(60_000);
    await given;
    expect(incoming.destroyed).toBe(false);
  });

  it('may come as slowly as it comes, to a reader that takes its time', async () => {
    const incoming = new PassThrough();
    const body = bodyStream(requestOf(incoming), 60_000);
    for (const byte of 'slowly') {
      const next = body.next();
      await vi.advanceTimersByTimeAsync(59_000);
      incoming.write(byte);
      expect(String((await next).value)).toBe(byte);
      // Nobody waits meanwhile.
      await vi.advanceTimersByTimeAsync(600_000);
    }
    incoming.end();
    expect((await body.next()).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
