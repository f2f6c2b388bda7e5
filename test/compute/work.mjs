import { threadId } from 'node:worker_threads';
import { TidemarkError } from '../../src/errors.ts';

/** What is asked next is answered after that. */
const steps = [];

export async function work({ kind, value }, tell) {
  steps.push(value);
  if (kind === 'refuse') throw new TidemarkError('unreadable-data', value, { details: { row: 3 } });
  if (kind === 'throw') throw new Error(value);
  if (kind === 'wait') Atomics.wait(value, 0, 0);
  if (kind === 'progress') for (const some of value) tell(some);
  const bytes = new Uint8Array([1, 2, 3]);
  return { answer: { value, thread: threadId, steps: [...steps], bytes }, moved: [bytes.buffer] };
}
