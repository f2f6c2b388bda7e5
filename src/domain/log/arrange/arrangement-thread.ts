import { answerRequests } from '../../../compute/thread-pool.ts';
import { arrangeBatches } from './arrange-batches.ts';
import type { ArrangementAnswer, ArrangementRequest } from './arrange-in-thread.ts';

/** A thread that arranges batches for their settlement. */
answerRequests(
  ({ memory, batches, known }: ArrangementRequest): ArrangementAnswer => {
    const encoded = batches.map(({ id, kind, start, size }) => ({
      id,
      kind,
      object: new Uint8Array(memory, start, size),
    }));
    return { memory, arranged: arrangeBatches(encoded, new Set(known)) };
  },
  ({ memory, arranged }) => [
    memory,
    ...arranged.batches.flatMap(({ times, contents, labels }) => [times.buffer, contents.buffer, labels.rows.buffer]),
    ...arranged.slices.flatMap(({ batches, rows }) => [batches.buffer, rows.buffer]),
  ],
);
