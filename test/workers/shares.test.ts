import { describe, expect, it } from 'vitest';
import type { ClaimedJob, ClaimOptions, Turn } from '../../src/store/jobs/jobs.ts';
import { Shares } from '../../workers/shares.ts';

let id = 0;
const jobOf = (projectId: number, monitorId = 0): ClaimedJob => ({
  ...{
    id: ++id,
    name: 'deliver-messages',
    payload: {},
    projectId,
    monitorId,
    attempt: 1,
    failures: 0,
    abandoned: false,
    more: false,
  },
});

/** Claims the next of these projects' jobs that may be claimed. */
const claimOf =
  (queue: number[]) =>
  async ({ passedOver = [] }: ClaimOptions) => {
    const at = queue.findIndex((project) => !passedOver.includes(project));
    return at < 0 ? null : jobOf(queue.splice(at, 1)[0] ?? 0);
  };

async function fill(shares: Shares, queue: number[]): Promise<ClaimedJob[]> {
  const claim = claimOf(queue);
  const held: ClaimedJob[] = [];
  for (;;) {
    const job = await shares.take(claim);
    if (job === null) return held;
    held.push(job);
  }
}

describe('shares', () => {
  it('leave as much as one project holds, and of that again as much', async () => {
    const shares = new Shares(128);
    const first = await fill(shares, Array<number>(200).fill(1));
    expect(first).toHaveLength(62);
    const second = await fill(shares, Array<number>(200).fill(2));
    expect(second).toHaveLength(31);
    expect(await fill(shares, [1, 2, 3])).toMatchObject([{ projectId: 3 }]);
  });

  it('give to each again what it gives back', async () => {
    const shares = new Shares(16);
    const queue = Array<number>(20).fill(1);
    const [job, ...others] = await fill(shares, queue);
    if (job === undefined) throw new Error('nothing was claimed');
    expect(await shares.take(claimOf(queue))).toBeNull();
    shares.giveBack(job);
    expect(await fill(shares, queue)).toHaveLength(1);
    for (const one of others) shares.giveBack(one);
    expect(await fill(shares, queue)).toHaveLength(others.length);
  });

  it('hold when many runners ask at once, but for the claims under way', async () => {
    const shares = new Shares(128);
    const claim = claimOf(Array<number>(200).fill(1));
    const jobs = await Promise.all(Array.from({ length: 128 }, () => shares.take(claim)));
    expect(jobs.filter((job) => job !== null).length).toBeLessThanOrEqual(62 + 3);
    expect(await shares.take(claimOf([2]))).not.toBeNull();
  });

  it('do not concern what is nobody’s, and go on after a claim that failed', async () => {
    const shares = new Shares(4);
    for (let i = 0; i < 8; i++) {
      await expect(shares.take(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    }
    for (let i = 0; i < 4; i++) expect(await shares.take(async () => jobOf(0))).not.toBeNull();
  });

  it('leave half of a few runners to others, and remember whose turn it was', async () => {
    const shares = new Shares(8);
    expect(await fill(shares, Array<number>(20).fill(1))).toHaveLength(4);
    expect(await fill(shares, Array<number>(20).fill(2))).toHaveLength(2);
    expect(await fill(shares, [3, 3, 4])).toMatchObject([{ projectId: 3 }, { projectId: 4 }]);
    let told: readonly Turn[] = [];
    const asking = new Shares(8);
    for (const job of [jobOf(1, 7), jobOf(2), jobOf(1, 7)]) await asking.take(async () => job);
    await asking.take(async ({ lately = [] }) => {
      told = lately;
      return null;
    });
    expect(told).toEqual([
      { projectId: 2, monitorId: 0 },
      { projectId: 1, monitorId: 7 },
    ]);
  });
});
