import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { rowsRecipe } from '../../../schemas/wire/derive.ts';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findDatasetById, findVersionById } from '../../store/dataset/datasets.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import { type Actor, systemActor } from '../access/actor.ts';
import { type Answered, beginComputation } from '../computation/begin.ts';
import { carryOut, type Tell } from '../computation/carry-out.ts';
import { copyingOf } from '../computation/copying.ts';
import { pushFile } from '../dataset/push.ts';
import type { Recorded } from '../dataset/record-version.ts';
import { keptVersion } from '../dataset/resolve.ts';
import { type Materialized, materializeFiles, tableFiles } from '../object/materialize.ts';
import { runTask } from '../tasks.ts';
import type { RowRecipe } from './derive-rows-task.ts';
import { type Deriving, notesOf, type Prepared, parentsOf, pinned } from './sources.ts';

/**
 * Makes a Parquet file of rows of versions: their tables one after the other, filtered, cut to columns, sampled or
 * split: at once where they are small, else by a worker.
 * @throws TidemarkError as `deriveRows`, and what a push throws; nothing is left behind then.
 */
export async function deriveRowsVersion(
  ctx: Deriving,
  actor: Actor,
  given: Prepared<RowRecipe>,
): Promise<Answered<Recorded>> {
  const { sources, idempotencyKey } = given;
  const bytes = sources.reduce((sum, { version }) => sum + version.bytes, 0);
  if (bytes <= ctx.config.limits.atOnceBytes) return { answer: await make(ctx, actor, given, () => {}) };
  // As `orderShape` reads it again.
  const request = {
    ...given,
    sources: sources.map(({ dataset, version }) => ({
      ...{ dataset, versionId: version.id },
      ...(version.reading !== null && { reading: version.reading }),
    })),
  };
  const holds = async (result: unknown): Promise<boolean> => (await recordedAs(ctx, result)) !== null;
  const row = await beginComputation(ctx, actor, { kind: 'derive-rows', request, idempotencyKey, holds });
  const recorded = row.state === 'done' ? await recordedAs(ctx, row.result) : null;
  if (recorded === null) return { begun: row };
  // A key is given its first answer again; without one, who asks again has made nothing.
  return { answer: idempotencyKey === undefined ? { ...recorded, created: false } : recorded };
}

const optional = z.string().optional();

/** An order as it is kept; it was checked when it came. */
const orderShape = z.object({
  dataset: z.string(),
  sources: z.array(z.object({ dataset: z.string(), versionId: z.int() })),
  recipe: rowsRecipe,
  ...{ path: optional, message: optional, author: optional, gitRev: optional, tag: optional, idempotencyKey: optional },
  labels: z.record(z.string(), z.string()).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

const outcomeShape = z.object({ versionId: z.int(), created: z.boolean() });

/** The version that was made; null when it has been deleted since. */
async function recordedAs(ctx: Pick<Context, 'db'>, result: unknown): Promise<Recorded | null> {
  const { versionId, created } = outcomeShape.parse(result);
  const version = await findVersionById(ctx.db, versionId);
  if (version === null || version.trashedAt !== null) return null;
  const dataset = await findDatasetById(ctx.db, version.datasetId);
  return dataset === null ? null : { dataset, version, created };
}

/** Job: a version of rows of large ones. Whoever asked for it has made it. */
export async function carryOutDerivation(ctx: Deriving, { computationId }: JobPayload<'derive-rows'>): Promise<void> {
  await carryOut(ctx, computationId, async ({ request, projectId, project, author }, tell) => {
    const { sources: kept, ...order } = orderShape.parse(request);
    const sources: Prepared<RowRecipe>['sources'][number][] = [];
    for (const { dataset, versionId } of kept) sources.push({ dataset, version: await keptVersion(ctx, versionId) });
    const actor = { ...systemActor({ id: projectId, name: project }), author };
    const { version, created } = await make(ctx, actor, { ...order, sources }, tell);
    return { dataset: order.dataset, ref: `v${version.number}`, oid: version.oid, versionId: version.id, created };
  });
}

async function make(ctx: Deriving, actor: Actor, given: Prepared<RowRecipe>, tell: Tell): Promise<Recorded> {
  const { sources, recipe } = given;
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  // A name that the sweep knows for one of ours, should this process be killed.
  const output = newSpoolPath(folder);
  const copies: Materialized[] = [];
  const onCopied = copyingOf(
    sources.map(({ version }) => version),
    tell,
  );
  try {
    for (const { version } of sources) copies.push(await materializeFiles(ctx, actor.projectId, version, onCopied));
    const without = copies.findIndex(({ files }) => files.length === 0);
    if (without !== -1) throw noTable(parentsOf(sources)[without]);
    const tables = copies.flatMap(({ files }) => tableFiles(files));
    const memoryBytes = (ctx.config.limits.computeMegabytes / 2) * 2 ** 20;
    const { rows, sourceRows } = await runTask(ctx, 'derive-rows', { recipe, tables, output, memoryBytes }, tell);
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

/** Left out without a word, a source would be missing in what is made of it. */
function noTable(source: unknown): TidemarkError {
  return new TidemarkError(
    'conflict',
    `The source ${String(source)} holds no table that rows could be taken of; a recipe of files, which removes, adds or settles conflicts, takes them as they are.`,
  );
}

/** The first source's own name, as the Parquet file that it now is. */
function nameOf({ sources, dataset }: Prepared<RowRecipe>): string {
  const name = sources[0]?.version.path.split('/').at(-1) ?? dataset;
  return `${name.replace(/\.(?:gz|zst)$/i, '').replace(/\.\w+$/, '')}.parquet`;
}
