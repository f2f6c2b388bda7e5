import { answerRequests } from '../../../compute/thread-pool.ts';
import { isTidemarkError } from '../../../errors.ts';
import { prepareBatch } from './prepare-batch.ts';
import type { Outcome, ThreadAnswer, ThreadRequest } from './prepare-in-thread.ts';
import { prepareShared } from './prepare-shared.ts';

/** A thread that prepares bodies of text, one after another. */
answerRequests(prepare, ({ memory, outcome }: ThreadAnswer) => [memory, ...objectsOf(outcome)]);

function prepare({ memory, size, work }: ThreadRequest): ThreadAnswer {
  const bytes = Buffer.from(memory, 0, size);
  try {
    if (work.kind === 'batch') {
      const { parts, ...prepared } = prepareBatch(bytes, work.options);
      return { memory, outcome: { batch: { ...prepared, parts: parts.map(movable) } } };
    }
    const bodies = work.ends.map((end, i) => bytes.subarray(work.ends[i - 1] ?? 0, end));
    const shared = prepareShared(bodies, work.options);
    return { memory, outcome: { shared: shared === null ? null : movable(shared) } };
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    const { code, message, issues, issuesTotal, details } = error;
    return { memory, outcome: { failure: { code, message, options: { issues, issuesTotal, details } } } };
  }
}

/** Memory moves whole: what is a part of more would take the rest with it. */
function movable<T extends { readonly arrow: Uint8Array }>(made: T): T {
  const { buffer, byteLength } = made.arrow;
  const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
  return whole ? made : { ...made, arrow: made.arrow.slice() };
}

function objectsOf(outcome: Outcome): ArrayBuffer[] {
  const made = 'batch' in outcome ? outcome.batch.parts : 'shared' in outcome ? [outcome.shared] : [];
  return made.flatMap((each) => (each !== null && each.arrow.buffer instanceof ArrayBuffer ? [each.arrow.buffer] : []));
}
