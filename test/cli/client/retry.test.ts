import { describe, expect, it } from 'vitest';
import { Passing, waitOf, withRetries } from '../../../src/cli/client/retry.ts';

const lost = new Error('lost');

/** Fails that many times, asking to be tried again at once. */
function failing(times: number) {
  let tried = 0;
  return {
    attempt: async () => {
      tried++;
      if (tried <= times) throw new Passing(lost, 0);
      return tried;
    },
    tried: () => tried,
  };
}
const quiet = { random: () => 0, onWait: () => {} };

describe('something that can be repeated', () => {
  it('is tried until it is done', async () => {
    await expect(withRetries(failing(19).attempt, quiet)).resolves.toBe(20);
  });

  it('is given up in the end with what was wrong', async () => {
    const work = failing(100);
    await expect(withRetries(work.attempt, quiet)).rejects.toBe(lost);
    expect(work.tried()).toBe(20);
  });

  it('is not repeated when it failed for good', async () => {
    let tried = 0;
    const attempt = async () => {
      tried++;
      throw lost;
    };
    await expect(withRetries(attempt, quiet)).rejects.toBe(lost);
    expect(tried).toBe(1);
  });

  it('is not repeated when that makes no sense, or when the wait would be too long', async () => {
    const work = failing(1);
    await expect(withRetries(work.attempt, { ...quiet, worthIt: () => false })).rejects.toBe(lost);
    const late = async () => {
      throw new Passing(lost, 31_000);
    };
    await expect(withRetries(late, quiet)).rejects.toBe(lost);
    expect(work.tried()).toBe(1);
  });

  it('is not waited for once somebody stops it', async () => {
    const stop = new AbortController();
    const attempt = async () => {
      throw new Passing(lost, 20_000);
    };
    const onWait = () => stop.abort();
    await expect(withRetries(attempt, { ...quiet, onWait, signal: stop.signal })).rejects.toThrow(/abort/i);
  });

  it('waits longer each time, and never as long as its neighbour', async () => {
    const waits = async (random: number) => {
      const stop = new AbortController();
      const told: number[] = [];
      const onWait = (milliseconds: number) => {
        told.push(milliseconds);
        stop.abort();
      };
      const attempt = async () => {
        throw new Passing(lost);
      };
      await withRetries(attempt, { random: () => random, onWait, signal: stop.signal }).catch(() => {});
      return told;
    };
    expect(await waits(0)).toEqual([125]);
    expect(await waits(0.5)).toEqual([187.5]);
  });
});

describe('Retry-After', () => {
  it('is a number of seconds, or nothing that we act on', () => {
    expect(['3', '0', undefined, 'Wed, 21 Oct 2015 07:28:00 GMT', '-1', '1e3'].map(waitOf)).toEqual([
      3000,
      0,
      ...Array.from({ length: 4 }, () => null),
    ]);
  });
});
