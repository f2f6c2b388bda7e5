import { threadId } from 'node:worker_threads';
import { answerRequests } from '../../src/compute/thread-pool.ts';
import { TidemarkError } from '../../src/errors.ts';

/** What is answered once something else comes. */
const later = [];

answerRequests(({ kind, value }) => {
  if (kind === 'later') return new Promise((...settle) => later.push({ value, settle }));
  for (const { value: held, settle } of later.splice(0)) {
    if (held === 'fail') settle[1](Object.assign(new Error(held), { code: 'EIO' }));
    else settle[0]({ value: held, thread: threadId });
  }
  if (kind === 'throw') throw Object.assign(new Error(value), { code: 'ENOSPC' });
  if (kind === 'refuse') throw new TidemarkError('conflict', value);
  if (kind === 'exit') process.exit(3);
  return { value, thread: threadId };
});
