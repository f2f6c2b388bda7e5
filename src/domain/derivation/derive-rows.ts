import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import type { Actor } from '../access/actor.ts';
import { type Materialized, materializeFiles } from '../dataset/materialize.ts';
import { pushFile } from '../dataset/push.ts';
import type { Recorded } from '../dataset/record-version.ts';
import { runTask } from '../tasks.ts';
import type { RowRecipe } from './derive-rows-task.ts';
import { type Deriving, notesOf, type Prepared, parentsOf, pinned } from './sources.ts';

/**
 * Makes a Parquet file of rows of versions: their tables one after the other, filtered, cut to columns, sampled or
 * split. The work is done by a compute child on verified copies, in bounded memory.
 * @throws TidemarkError as `deriveRows`, and what a push throws; nothing is left behind then.
 */
export async function deriveRowsVersion(ctx: Deriving, actor: Actor, given: Prepared<RowRecipe>): Promise<Recorded> {
  const { sources, recipe } = given;
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  // A name that the sweep knows for one of ours, should this process be killed.
  const output = newSpoolPath(folder);
  const copies: Materialized[] = [];
  try {
    for (const { version } of sources) copies.push(await materializeFiles(ctx, actor.projectId, version));
    const tables = copies.flatMap(({ files }) => files.map(({ file, path }) => ({ file, name: path })));
    const memoryBytes = (ctx.config.limits.computeMegabytes / 2) * 2 ** 20;
    const { rows, sourceRows } = await runTask(ctx, 'derive-rows', { recipe, tables, output, memoryBytes });
    return await pushFile(ctx, actor, {
      ...notesOf(given),
      path: given.path ?? nameOf(given),
      source: createReadStream(output),
      message: given.message ?? `${rows} of ${sourceRows} rows of ${parentsOf(sources).join(', ')}`,
      parents: parentsOf(sources),
      provenance: { kind: 'derived', recipe: { sources: pinned(sources), rows: recipe }, rows },
    });
  } finally {
    for (const copy of copies) await copy.dispose();
    await rm(output, { force: true });
  }
}

/** The first source's own name, as the Parquet file that it now is. */
function nameOf({ sources, dataset }: Prepared<RowRecipe>): string {
  const name = sources[0]?.version.path.split('/').at(-1) ?? dataset;
  return `${name.replace(/\.(?:gz|zst)$/i, '').replace(/\.\w+$/, '')}.parquet`;
}
