import { parentPort } from 'node:worker_threads';
import { isTidemarkError } from '../errors.ts';
import type { AskedWork, Worked, WorkReply } from './work-threads.ts';

/** What every module has whose work is done in threads. */
type WorkModule = {
  readonly work: (request: unknown, tell: (progress: unknown) => void) => Promise<Worked>;
};

parentPort?.on('message', (asked: AskedWork) => void answer(asked));

async function answer({ module, request }: AskedWork): Promise<void> {
  try {
    // Whoever names a module here knows what it is asked.
    const { work } = (await import(module)) as WorkModule;
    const worked = await work(request, (progress) => parentPort?.postMessage({ progress } satisfies WorkReply));
    parentPort?.postMessage({ answer: worked.answer } satisfies WorkReply, [...(worked.moved ?? [])]);
  } catch (error) {
    // What is not about the data ends the thread, and its owner hears why.
    if (!isTidemarkError(error)) throw error;
    const { code, message, details } = error;
    parentPort?.postMessage({ failure: { code, message, details } } satisfies WorkReply);
  }
}
