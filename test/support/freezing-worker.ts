import { claimJob, completeJob } from '../../src/store/jobs/jobs.ts';
import { createDirectoryRemote } from '../../src/store/remotes/remote-directory.ts';
import { JOB_HANDLERS } from '../../workers/jobs.ts';
import { createTestContext } from './context.ts';

/**
 * A worker in a process of its own: `freezing-worker.ts <database> <folder of objects>`. It takes one window, stops by
 * SIGSTOP when it knows the verdict and has written nothing, and says when it goes on and has come to its end.
 */
const [url = '', folder = ''] = process.argv.slice(2);
let ids = 0;
const ctx = await createTestContext(url, {
  remote: createDirectoryRemote(folder),
  now: () => new Date(),
  newId: (prefix) => `${prefix}_late_${++ids}`,
});
const run: typeof ctx.compute.run = async (task, ...given) => {
  const output = await ctx.compute.run(task, ...given);
  if (task === 'judge-window') process.kill(process.pid, 'SIGSTOP');
  return output;
};
const job = await claimJob(ctx.db, ['judge-window'], 30);
// Its payload is what was enqueued under this very name.
const payload = job?.payload as { windowId: number };
await JOB_HANDLERS['judge-window']({ ...ctx, compute: { ...ctx.compute, run } }, payload);
const settled = job !== null && (await completeJob(ctx.db, job));
await ctx.close();
process.send?.({ settled });
process.disconnect();
