import { parentPort } from 'node:worker_threads';
import { type ErrorCode, isTidemarkError } from '../../errors.ts';
import { buffersOf, type Part, type PartRequest, profilePart } from './profile-part.ts';

/** What the thread answers to one request. */
export type ThreadReply =
  | { readonly part: Part }
  /** Before the last one: so many more rows were read. */
  | { readonly rows: number }
  | { readonly failure: { readonly code: ErrorCode; readonly message: string; readonly details: object } };

parentPort?.on('message', (request: PartRequest) => void answer(request));

async function answer(request: PartRequest): Promise<void> {
  try {
    const part = await profilePart(request, (rows) => parentPort?.postMessage({ rows } satisfies ThreadReply));
    parentPort?.postMessage({ part } satisfies ThreadReply, 'states' in part ? buffersOf(part.states) : []);
  } catch (error) {
    // What is not about the data ends the thread, and its owner hears why.
    if (!isTidemarkError(error)) throw error;
    const { code, message, details } = error;
    parentPort?.postMessage({ failure: { code, message, details } } satisfies ThreadReply);
  }
}
