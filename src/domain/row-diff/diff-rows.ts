import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import type { VersionRow } from '../../store/datasets.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { dataFormat } from '../dataset/data-file.ts';
import { type DiffRequest, resolvePair } from '../dataset/diff.ts';
import { type Materialized, materializeFiles } from '../dataset/materialize.ts';
import { eachFile } from '../dataset/version-files.ts';
import { runTask } from '../tasks.ts';
import type { RowDiff } from './diff-rows-task.ts';

type Diffing = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute'>;

export type RowDiffRequest = Pick<DiffRequest, 'dataset' | 'ref' | 'against'> & {
  /** A column, or several with commas between them; null compares whole rows. */
  readonly key: string | null;
  /** Rows of each kind that are shown. */
  readonly samples: number;
};

/** Text bytes that a byte of a packed file stands for, roughly: only how finely rows are spread depends on it. */
const UNPACKED = 8;

/**
 * Which rows were added, removed and changed between two versions, by key. The data of both is read, by a compute
 * child on verified copies, in bounded memory.
 * @throws TidemarkError `not-found`, `object-corrupt`, and what `diffRows` throws.
 */
export async function diffVersionRows(ctx: Diffing, actor: Actor, given: RowDiffRequest): Promise<RowDiff> {
  requireScope(actor, 'data:read');
  const { from, to } = await resolvePair(ctx, actor, given);
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  // A name that the sweep knows for one of ours, should this process be killed.
  const spill = `${newSpoolPath(folder)}.spill`;
  const copies: Materialized[] = [];
  try {
    let plainBytes = 0;
    for (const { version } of [from, to]) {
      plainBytes += await plainBytesOf(ctx, version);
      copies.push(await materializeFiles(ctx, actor.projectId, version));
    }
    const [before, after] = copies.map(({ files }) => files.map(({ file, path }) => ({ file, name: path })));
    const memoryBytes = (ctx.config.limits.computeMegabytes / 2) * 2 ** 20;
    const { key, samples } = given;
    const input = { from: before ?? [], to: after ?? [], key, samples, spill, plainBytes, memoryBytes };
    return await runTask(ctx, 'diff-rows', input);
  } finally {
    for (const copy of copies) await copy.dispose();
    await rm(spill, { recursive: true, force: true });
  }
}

async function plainBytesOf(ctx: Diffing, version: VersionRow): Promise<number> {
  let bytes = 0;
  for await (const { path, size } of eachFile(ctx.db, version)) {
    const format = dataFormat(path);
    if (format === null) continue;
    const packed = format === 'parquet' || /\.(?:gz|zst)$/i.test(path);
    bytes += size * (packed ? UNPACKED : 2);
  }
  return bytes;
}
