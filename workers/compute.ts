import type { ComputeReply, ComputeRequest } from '../src/compute/pool.ts';
import type { Tell } from '../src/domain/computation/carry-out.ts';
import { TASKS, type TaskName } from '../src/domain/tasks.ts';
import { isTidemarkError } from '../src/errors.ts';

/** A compute child: runs one task at a time and may be killed at any moment. It holds no connection and no state. */
process.on('message', (request: ComputeRequest) => {
  void answer(request).then(send);
});

// The service died without a word: nobody waits for an answer any more.
process.on('disconnect', end);

function end(): void {
  process.exit(0);
}

/** What is being sent when the service dies fails before it is heard that it has. */
function send(message: ComputeReply): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) end();
  });
}

async function answer({ id, task, input }: ComputeRequest): Promise<ComputeReply> {
  try {
    if (!isTask(task)) throw new Error(`there is no task "${task}"`);
    // The typed side of this call is `runTask`, which sent name and input together.
    const run: (input: never, tell: Tell) => Promise<unknown> = TASKS[task];
    const tell: Tell = (progress) => send({ id, progress });
    return { id, output: await run(input as never, tell) };
  } catch (error) {
    if (isTidemarkError(error)) {
      return { id, failure: { code: error.code, message: error.message, details: { ...error.details } } };
    }
    const trace = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${JSON.stringify({ level: 50, msg: 'compute task failed', task, trace })}\n`);
    return { id, failure: { code: 'internal', message: `The task "${task}" failed.`, details: {} } };
  }
}

const isTask = (name: string): name is TaskName => Object.hasOwn(TASKS, name);
