import type { z } from 'zod';
import { computationErrorShape, type computationView, progressShape } from '../../../schemas/wire/computations.ts';
import type { ComputationRow } from '../../store/jobs/computations.ts';
import type { Answer } from '../route.ts';

const addressOf = (publicUrl: string, { id }: ComputationRow): string => `${publicUrl}/v1/computations/${id}`;

export function viewComputation(publicUrl: string, row: ComputationRow): z.infer<typeof computationView> {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    progress: progressShape.nullable().parse(row.progress),
    result: row.result,
    error: computationErrorShape.nullable().parse(row.error),
    author: row.author,
    created_at: row.createdAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
    links: { self: addressOf(publicUrl, row) },
  };
}

/** What is answered while a worker finds it out. */
export const answerBegun = (publicUrl: string, row: ComputationRow): Answer => ({
  status: 202,
  body: viewComputation(publicUrl, row),
  headers: { location: addressOf(publicUrl, row), 'retry-after': '1' },
});
