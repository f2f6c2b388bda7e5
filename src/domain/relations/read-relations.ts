import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { readKnowledge } from '../dataset/read.ts';
import type { FoundVersion } from '../dataset/resolve.ts';
import { materializeFiles, readableFiles, tableFiles } from '../object/materialize.ts';
import { runTask } from '../tasks.ts';
import type { RowRelations } from './relate-rows-task.ts';

type Relating = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute'>;

/**
 * Duplicate rows of a version, and the correlations of its columns. The data is read when it is asked, by a compute child
 * on verified copies.
 * @throws TidemarkError `not-found`, `not-ready` while it is being profiled, `conflict` for what has no profile.
 */
export async function readRelations(
  ctx: Relating,
  actor: Actor,
  given: { readonly dataset: string; readonly ref: string },
): Promise<{ readonly version: FoundVersion; readonly relations: RowRelations }> {
  requireScope(actor, 'data:read');
  const { version, knowledge } = await readKnowledge(ctx, actor, given);
  if (knowledge.state === 'pending') {
    throw new TidemarkError('not-ready', 'The version is still being profiled; ask again in a moment.', {
      retryAfter: 2,
    });
  }
  if (knowledge.state !== 'ready') {
    throw new TidemarkError('conflict', `The version has no table to look at: ${knowledge.failure.message}`);
  }
  const unreadable = new Set(knowledge.notes.failed.map(({ path }) => path));
  const copies = await materializeFiles(ctx, actor.projectId, version);
  try {
    const relations = await runTask(ctx, 'relate-rows', {
      files: tableFiles(readableFiles(copies.files, unreadable)),
      fields: knowledge.profile.columns.map(({ name, type }) => ({ name, type })),
      rows: knowledge.profile.rows,
      memoryBytes: (ctx.config.limits.computeMegabytes / 2) * 2 ** 20,
    });
    return { version, relations };
  } finally {
    await copies.dispose();
  }
}
