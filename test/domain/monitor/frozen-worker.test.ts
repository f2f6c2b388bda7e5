import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createDirectoryRemote } from '../../../src/store/remotes/remote-directory.ts';
import { DAY, day, makeRows, predictions, type Story, setUp, startStory } from './story.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-frozen-'));
let story: Story;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  story = await startStory({ remote: createDirectoryRemote(folder) });
  await setUp(story, makeRows(400, 1));
  await story.call('POST', '/v1/models/credit/monitors', { name: 'daily' });
  await story.call('POST', '/v1/webhooks', { url: 'https://93.184.215.14/', events: ['window.judged'] });
});
afterAll(async () => {
  worker?.kill('SIGKILL');
  await story.close();
  rmSync(folder, { recursive: true });
});

const isStopped = (pid: number): boolean => / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\)/, ''));

const everything = async () => ({
  windows: await story.windows(),
  reports: await story.ctx.sql`select * from reports order by id`,
  messages: await story.ctx.sql`select id, type, subject, body from messages order by id`,
  jobs: await story.ctx.sql`select name, key, state, attempts from jobs order by id`,
});

it('a worker that is frozen past its lease and wakes writes nothing over what another one wrote', async () => {
  await story.log('predictions', predictions(makeRows(300, 2, 3), { id: 'a', from: day(0), to: day(1) }));
  await story.log('predictions', predictions(makeRows(3, 3), { id: 'b', from: day(1) + DAY / 2, to: day(2) }));
  await story.drain(['profile-version', 'settle-batches', 'close-windows', 'calibrate-monitor']);
  const script = new URL('../../support/freezing-worker.ts', import.meta.url);
  worker = fork(script, [story.url, folder], { serialization: 'advanced' });
  const { pid = 0 } = worker;
  const ended = once(worker, 'message');
  await vi.waitFor(() => expect(isStopped(pid)).toBe(true), 60_000);

  // The lease runs out while it stands still, and another worker takes the job.
  await story.ctx.sql`update jobs set lease_until = now() - interval '1 second' where state = 'active'`;
  await story.drain(['judge-window']);
  const before = await everything();
  expect(before.windows[0]).toMatchObject({ state: 'judged', verdict: 'drift' });
  expect(before.reports).toHaveLength(1);
  expect(before.messages).toHaveLength(1);

  worker.kill('SIGCONT');
  const [said] = await ended;
  expect(said).toEqual({ settled: false });
  expect(await everything()).toEqual(before);
});
