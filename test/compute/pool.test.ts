import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { type ComputePool, type ComputePoolOptions, createComputePool } from '../../src/compute/pool.ts';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { runChildScript } from '../support/child-script.ts';

const ENTRY = fileURLToPath(new URL('task-child.mjs', import.meta.url));
const DIED = { code: 'unreadable-data', message: expect.stringContaining('its reader ended') };

let pool: ComputePool | undefined;
afterEach(() => pool?.close());

function open(options: Partial<ComputePoolOptions> = {}): ComputePool {
  pool = createComputePool({ entry: ENTRY, children: 1, timeoutMilliseconds: 60_000, megabytes: 64, ...options });
  return pool;
}

/** Resolves when no process of that id is left. A child that was killed is reaped within moments. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the compute pool', () => {
  it('runs tasks in order in one warm child, whose answers cross as structured clones', async () => {
    const { run } = open();
    const input = {
      floats: Float64Array.of(1, Number.NaN, -0),
      big: 2n ** 70n,
      when: new Date(5),
      map: new Map([[1, 2]]),
    };
    expect(await run('echo', input)).toEqual(input);
    const pids = await Promise.all([run('pid', null), run('pid', null), run('pid', null)]);
    expect(new Set(pids).size).toBe(1);
    expect(pids[0]).not.toBe(process.pid);
  });

  it('runs as many side by side as it has children', async () => {
    const { run } = open({ children: 2 });
    const pids = await Promise.all([run('pid', null), run('pid', null)]);
    expect(new Set(pids).size).toBe(2);
  });

  it('passes a named failure on, and keeps the child', async () => {
    const { run } = open();
    const pid = await run('pid', null);
    const refused = { code: 'unreadable-data', message: 'row 3 is no row', details: { line: 3 } };
    await expect(run('refuse', null)).rejects.toMatchObject(refused);
    expect(await run('pid', null)).toBe(pid);
  });

  it.each(['hang', 'wait'])('ends a task that takes too long (%s) and goes on', async (task) => {
    const { run } = open();
    const pid = Number(await run('pid', null));
    const late = {
      code: 'unreadable-data',
      message: expect.stringContaining('TIDEMARK_COMPUTE_SECONDS'),
      details: { limit_seconds: 0.05 },
    };
    await expect(run(task, null, { timeoutMilliseconds: 50 })).rejects.toMatchObject(late);
    await gone(pid);
    expect(await run('pid', null)).not.toBe(pid);
  });

  it.each(['crash', 'exit', 'devour'])('outlives a child that ends (%s)', async (task) => {
    const { run } = open();
    const [failed, next] = await Promise.allSettled([run(task, null), run('echo', 'next')]);
    expect(failed).toMatchObject({ status: 'rejected', reason: DIED });
    expect(next).toEqual({ status: 'fulfilled', value: 'next' });
  });

  it('does a task again whose child was killed from outside, once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-pool-'));
    try {
      const { run } = open();
      expect(await run('struck', { file: join(folder, 'once'), times: 1 })).toBe(2);
      await expect(run('struck', { file: join(folder, 'always'), times: 9 })).rejects.toMatchObject(DIED);
      expect(readFileSync(join(folder, 'always'), 'utf8')).toBe('..');
      expect(await run('echo', 'next')).toBe('next');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('starts another child for the one that was killed while it had nothing to do', async () => {
    const { run } = open();
    const pid = Number(await run('pid', null));
    process.kill(pid, 'SIGKILL');
    await gone(pid);
    expect(await run('pid', null)).not.toBe(pid);
  });

  it('refuses an input that cannot cross, and goes on', async () => {
    const { run } = open();
    await expect(run('echo', () => 1)).rejects.toThrow('could not be cloned');
    expect(await run('echo', 1)).toBe(1);
  });

  it('closes: what waits and what runs is not ready, and no child is left', async () => {
    const { run, close } = open();
    const pid = Number(await run('pid', null));
    const given = [run('wait', null), run('echo', 1)];
    const settled = Promise.allSettled(given);
    await close();
    const stopping = { status: 'rejected', reason: { code: 'not-ready', message: 'The service is stopping.' } };
    expect(await settled).toMatchObject([stopping, stopping]);
    await gone(pid);
    await expect(run('echo', 1)).rejects.toMatchObject({ code: 'not-ready' });
    await close();
  });
});

describe("the service's own children", () => {
  const entry = fileURLToPath(new URL('../../workers/compute.ts', import.meta.url));

  it('refuse a task that there is none of, also under a name that every object has', async () => {
    const { run } = open({ entry, megabytes: 256 });
    for (const task of ['nothing', 'constructor', '__proto__'])
      await expect(run(task, null)).rejects.toMatchObject({ code: 'internal', message: `The task "${task}" failed.` });
  });

  it('end when the service dies without a word', async () => {
    const source = pathToFileURL(`${PACKAGE_ROOT}/src/compute/pool.ts`).href;
    // What a child prints is its pid; the parent keeps it busy and is then killed.
    const parent = await runChildScript(`
      import { createComputePool } from ${JSON.stringify(source)};
      const pool = createComputePool({ entry: ${JSON.stringify(ENTRY)}, children: 1, timeoutMilliseconds: 1e6, megabytes: 64 });
      console.log(await pool.run('pid', null));
      pool.run('wait', null);`);
    await parent.kill();
    await gone(Number(parent.line));
  });
});
