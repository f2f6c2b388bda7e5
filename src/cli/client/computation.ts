import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { computationErrorShape, computationKind, progressShape } from '../../../schemas/wire/computations.ts';
import { ERROR_CODES, TidemarkError } from '../../errors.ts';
import { progressText } from '../../web/format.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Client } from './client.ts';

/** What is answered in place of an answer while a worker finds it out. */
const computation = z.looseObject({
  id: z.string(),
  kind: computationKind,
  state: z.enum(['waiting', 'done', 'failed']),
  progress: z.looseObject(progressShape.shape).nullable(),
  error: z.looseObject(computationErrorShape.shape).nullable(),
  result: z.unknown(),
});

const POLL_MILLISECONDS = 500;

type Question = Parameters<Client['call']>[3];

type Asking = {
  readonly client: Client;
  readonly terminal: Terminal;
  /** Told what the worker found, before the question is asked again. */
  readonly onDone?: (result: unknown) => void;
};

/**
 * As `client.call` for what the service may have a worker find out: it waits, says how far that is, and asks again.
 * @throws TidemarkError what the computation failed of.
 */
export async function ask<S extends z.ZodType>(
  { client, terminal, onDone }: Asking,
  shape: S,
  [method, path, question]: readonly [method: string, path: string, question: Question],
): Promise<z.output<S>> {
  const either = z.union([computation.transform((begun) => ({ begun })), shape.transform((answer) => ({ answer }))]);
  for (;;) {
    const found = await client.call(either, method, path, question);
    if ('answer' in found) return found.answer;
    const result = await ended(client, terminal, found.begun.id);
    onDone?.(result);
  }
}

/** @returns the computation's own result. */
async function ended(client: Client, terminal: Terminal, id: string): Promise<unknown> {
  for (;;) {
    const { state, progress, error, result } = await client.call(
      computation,
      'GET',
      `/v1/computations/${encodeURIComponent(id)}`,
    );
    if (state === 'done') return result;
    if (state === 'failed') {
      const code = ERROR_CODES.find((known) => known === error?.code) ?? 'internal';
      throw new TidemarkError(code, error?.message ?? 'The service could not find it out.');
    }
    terminal.progress(progress === null ? 'waiting for a worker' : progressText(progress));
    await pause(POLL_MILLISECONDS);
  }
}
