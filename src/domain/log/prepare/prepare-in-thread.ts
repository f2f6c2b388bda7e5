import { extname } from 'node:path';
import { createThreadPool, type ThreadPool } from '../../../compute/thread-pool.ts';
import { type ErrorCode, type ErrorOptions, TidemarkError } from '../../../errors.ts';
import { keepMemory, takeMemory } from '../receive/body-memory.ts';
import type { PreparedBatch, TextOptions } from './prepare-batch.ts';
import type { PrepareOptions } from './prepare-records.ts';
import type { PreparedShared } from './prepare-shared.ts';

/** The bodies' memory moves to the thread, and back with its answer. */
export type ThreadRequest = {
  readonly memory: ArrayBuffer;
  /** Bytes at the memory's beginning. */
  readonly size: number;
  readonly work:
    | { readonly kind: 'batch'; readonly options: TextOptions }
    | { readonly kind: 'shared'; readonly options: PrepareOptions; readonly ends: readonly number[] };
};

export type ThreadAnswer = { readonly memory: ArrayBuffer; readonly outcome: Outcome };

export type Outcome =
  | { readonly batch: PreparedBatch }
  | { readonly shared: PreparedShared | null }
  | { readonly failure: { readonly code: ErrorCode; readonly message: string; readonly options: ErrorOptions } };

/** One prepares as much in a second as the rest of the service makes durable. */
const THREADS = 1;

let threads: ThreadPool<ThreadRequest, ThreadAnswer> | undefined;

/**
 * As `prepareBatch`, in a thread: meanwhile others are served.
 * @param body at the beginning of its memory, which moves to the thread.
 */
export async function prepareBatchInThread(
  body: Uint8Array<ArrayBuffer>,
  options: TextOptions,
): Promise<PreparedBatch> {
  const outcome = await ask({ memory: body.buffer, size: body.byteLength, work: { kind: 'batch', options } });
  if ('batch' in outcome) return outcome.batch;
  throw unexpected(outcome);
}

/** As `prepareShared`, in a thread. */
export async function prepareSharedInThread(
  bodies: readonly Buffer[],
  options: PrepareOptions,
): Promise<PreparedShared | null> {
  const size = bodies.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const memory = takeMemory(size);
  const bytes = new Uint8Array(memory);
  let end = 0;
  const ends = bodies.map((body) => {
    bytes.set(body, end);
    end += body.byteLength;
    return end;
  });
  const outcome = await ask({ memory, size, work: { kind: 'shared', options, ends } });
  if ('shared' in outcome) return outcome.shared;
  throw unexpected(outcome);
}

async function ask(request: ThreadRequest): Promise<Outcome> {
  const entry = new URL(`./preparation-thread${extname(import.meta.url)}`, import.meta.url);
  threads ??= createThreadPool(entry, THREADS);
  const { memory, outcome } = await threads.ask(request, [request.memory]);
  keepMemory(memory);
  return outcome;
}

function unexpected(outcome: Outcome): Error {
  if (!('failure' in outcome)) return new Error('a thread has answered another question');
  const { code, message, options } = outcome.failure;
  return new TidemarkError(code, message, options);
}
