import { extname } from 'node:path';
import { createThreadPool, type ThreadPool } from '../../../compute/thread-pool.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import { keepMemory, takeMemory } from '../receive/body-memory.ts';
import type { Arranged, EncodedBatch } from './arrange-batches.ts';

/** The memory moves to the thread, and back with its answer. */
export type ArrangementRequest = {
  readonly memory: ArrayBuffer;
  /** Where each batch's bytes lie in it. */
  readonly batches: readonly {
    readonly id: number;
    readonly kind: BatchKind;
    readonly start: number;
    readonly size: number;
  }[];
  readonly known: readonly string[];
};

export type ArrangementAnswer = { readonly memory: ArrayBuffer; readonly arranged: Arranged };

/** Models are settled one at a time by each worker, and none of them waits for it. */
const THREADS = 1;

let threads: ThreadPool<ArrangementRequest, ArrangementAnswer> | undefined;

/** As `arrangeBatches`, in a thread: tens of thousands of rows take a tenth of a second, in which others are served. */
export async function arrangeInThread(encoded: readonly EncodedBatch[], known: ReadonlySet<string>): Promise<Arranged> {
  let end = 0;
  const batches = encoded.map(({ id, kind, object }) => {
    const start = end;
    end = start + aligned(object.byteLength);
    return { id, kind, start, size: object.byteLength };
  });
  const memory = takeMemory(end);
  for (const [i, { object }] of encoded.entries()) new Uint8Array(memory).set(object, batches[i]?.start ?? 0);
  const entry = new URL(`./arrangement-thread${extname(import.meta.url)}`, import.meta.url);
  threads ??= createThreadPool(entry, THREADS);
  const answer = await threads.ask({ memory, batches, known: [...known] }, [memory]);
  keepMemory(answer.memory);
  return answer.arranged;
}

/** Numbers in them are read in place where they lie at multiples of their size. */
const aligned = (size: number): number => (size + 63) & ~63;
