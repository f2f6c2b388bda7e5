import { getPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createComputeLanes } from '../../src/compute/lanes.ts';
import type { ComputePool } from '../../src/compute/pool.ts';

const entry = fileURLToPath(new URL('task-child.mjs', import.meta.url));

let lanes: ComputePool | undefined;
afterEach(() => lanes?.close());

function open(): ComputePool {
  lanes = createComputeLanes({ entry, children: 1, timeoutMilliseconds: 60_000, megabytes: 64 });
  return lanes;
}

describe('the lanes of compute tasks', () => {
  it('run what is waited for at once, whatever else is at work', async () => {
    const { run } = open();
    const endless = run('wait', null);
    const queued = run('pid', null);
    endless.catch(() => {});
    queued.catch(() => {});
    expect(await run('echo', 'rows', { waitedFor: true })).toBe('rows');
    await lanes?.close();
    await expect(Promise.allSettled([endless, queued])).resolves.toMatchObject([
      { reason: { code: 'not-ready' } },
      { reason: { code: 'not-ready' } },
    ]);
  });

  it('let what nobody waits for give way to everything else', async () => {
    const { run } = open();
    const behind = Number(await run('pid', null));
    const ahead = Number(await run('pid', null, { waitedFor: true }));
    expect(getPriority(ahead)).toBe(getPriority());
    expect(getPriority(behind)).toBe(Math.max(getPriority(), 5));
  });
});
