import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { dataFormat } from '../../formats/data-file.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type Answered, beginComputation } from '../computation/begin.ts';
import { carryOut, type Tell } from '../computation/carry-out.ts';
import { copyingOf } from '../computation/copying.ts';
import { type DiffRequest, resolvePair } from '../dataset/diff.ts';
import { keptVersion } from '../dataset/resolve.ts';
import { type Materialized, materializeFiles, tableFiles } from '../object/materialize.ts';
import { eachFile } from '../object/version-files.ts';
import { runTask } from '../tasks.ts';
import type { RowDiff } from './diff-rows-task.ts';

type Diffing = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'newId' | 'now'>;

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
 * child on verified copies, in bounded memory: at once where it is small, else by a worker.
 * @throws TidemarkError `not-found`, `object-corrupt`, and what `diffRows` throws.
 */
export async function diffVersionRows(ctx: Diffing, actor: Actor, given: RowDiffRequest): Promise<Answered<RowDiff>> {
  requireScope(actor, 'data:read');
  const { from, to } = await resolvePair(ctx, actor, given);
  const { key, samples } = given;
  const pair = { from: from.version, to: to.version, key, samples };
  if (from.version.bytes + to.version.bytes <= ctx.config.limits.atOnceBytes) {
    return { answer: await diffPair(ctx, pair, () => {}) };
  }
  // Read otherwise, they are other tables.
  const readings = [from.version.reading, to.version.reading];
  const request: Pinned = { from: from.version.id, to: to.version.id, key, samples, readings };
  const row = await beginComputation(ctx, actor, { kind: 'diff-rows', request });
  // What was kept was written below and nowhere else.
  return row.state === 'done' ? { answer: row.result as RowDiff } : { begun: row };
}

const pinnedShape = z.object({
  from: z.int(),
  to: z.int(),
  key: z.string().nullable(),
  samples: z.int(),
  readings: z.array(z.unknown()).optional(),
});
type Pinned = z.infer<typeof pinnedShape>;

/** Job: the rows of two large versions. */
export async function carryOutRowDiff(ctx: Diffing, { computationId }: JobPayload<'diff-rows'>): Promise<void> {
  await carryOut(ctx, computationId, async ({ request }, tell) => {
    const { from, to, ...wish } = pinnedShape.parse(request);
    return diffPair(ctx, { ...wish, from: await keptVersion(ctx, from), to: await keptVersion(ctx, to) }, tell);
  });
}

type Pair = Pick<RowDiffRequest, 'key' | 'samples'> & { readonly from: VersionRow; readonly to: VersionRow };

async function diffPair(ctx: Diffing, { from, to, key, samples }: Pair, tell: Tell): Promise<RowDiff> {
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  // A name that the sweep knows for one of ours, should this process be killed.
  const spill = `${newSpoolPath(folder)}.spill`;
  const copies: Materialized[] = [];
  const onCopied = copyingOf([from, to], tell);
  try {
    let plainBytes = 0;
    for (const version of [from, to]) {
      plainBytes += await plainBytesOf(ctx, version);
      copies.push(await materializeFiles(ctx, version.projectId, version, onCopied));
    }
    const [before, after] = copies.map(({ files }) => tableFiles(files));
    const memoryBytes = (ctx.config.limits.computeMegabytes / 2) * 2 ** 20;
    const input = { from: before ?? [], to: after ?? [], key, samples, spill, plainBytes, memoryBytes };
    return await runTask(ctx, 'diff-rows', input, tell);
  } finally {
    for (const copy of copies) await copy.dispose();
    await rm(spill, { recursive: true, force: true });
  }
}

async function plainBytesOf(ctx: Pick<Context, 'db'>, version: VersionRow): Promise<number> {
  let bytes = 0;
  for await (const { path, size } of eachFile(ctx.db, version)) {
    const format = dataFormat(path);
    if (format === null) continue;
    const packed = format === 'parquet' || /\.(?:gz|zst)$/i.test(path);
    bytes += size * (packed ? UNPACKED : 2);
  }
  return bytes;
}
