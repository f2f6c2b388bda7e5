import { threadId } from 'node:worker_threads';
import { answerRequests } from '../../src/compute/thread-pool.ts';

answerRequests(({ kind, value }) => {
  if (kind === 'throw') throw Object.assign(new Error(value), { code: 'ENOSPC' });
  if (kind === 'exit') process.exit(3);
  return { value, thread: threadId };
});
