import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type compareQuery, compareRequest } from '../../../schemas/wire/compare.ts';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { DATA_ENDINGS, dataFormat } from '../../formats/data-file.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { newSpoolPath } from '../../store/objects/object-spool.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import type { Json } from '../canonical.ts';
import { type Answered, beginComputation } from '../computation/begin.ts';
import { carryOut, type Tell } from '../computation/carry-out.ts';
import { copyingOf } from '../computation/copying.ts';
import { keptVersion, parseVersionName, resolveVersion } from '../dataset/resolve.ts';
import { type CompareOptions, compatTool } from '../files/compare-files.ts';
import type { LocalTable } from '../files/local-table.ts';
import { checkDates } from '../object/check-dates.ts';
import { type Materialized, materializeFiles } from '../object/materialize.ts';
import { runTask } from '../tasks.ts';

export type Comparing = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'newId' | 'now'>;

export type Comparison = { readonly [key: string]: Json };

/** How two tables are to be compared, as it crosses a border and as it is kept. */
export type Wishes = Omit<z.output<typeof compareRequest>, 'reference' | 'current'> &
  Omit<z.output<typeof compareQuery>, 'reference' | 'path'>;

/**
 * Judges one version against another, from the bytes of both: at once where they are small, else by a worker.
 * @throws TidemarkError `not-found`, `bad-request` for a column, measure or tool that there is not, `unreadable-data`,
 * `too-large`, `object-corrupt`.
 */
export async function compareVersions(
  ctx: Comparing,
  actor: Actor,
  given: { readonly reference: string; readonly current: string; readonly wishes: Wishes },
): Promise<Answered<Comparison>> {
  requireScope(actor, 'data:read');
  const wishes = checkWishes(given.wishes);
  const reference = await findSide(ctx, actor, given.reference);
  const current = await findSide(ctx, actor, given.current);
  if (reference.version.bytes + current.version.bytes <= ctx.config.limits.atOnceBytes) {
    return { answer: await judge(ctx, { reference, current, wishes }, () => {}) };
  }
  const request: Pinned = { reference: pin(reference), current: pin(current), wishes };
  const row = await beginComputation(ctx, actor, { kind: 'compare', request });
  // What was kept was written below and nowhere else.
  return row.state === 'done' ? { answer: row.result as Comparison } : { begun: row };
}

const pinShape = z.object({ name: z.string(), versionId: z.int(), oid: z.string(), reading: z.unknown().optional() });
const pinnedShape = z.object({
  reference: pinShape,
  current: pinShape,
  wishes: compareRequest.omit({ reference: true, current: true }),
});
type Pinned = z.input<typeof pinnedShape>;

/** Job: the comparison of two large versions. */
export async function carryOutComparison(
  ctx: Comparing,
  { computationId }: JobPayload<'compare-versions'>,
): Promise<void> {
  await carryOut(ctx, computationId, async ({ request }, tell) => {
    const { reference, current, wishes } = pinnedShape.parse(request);
    return judge(ctx, { reference: await unpin(ctx, reference), current: await unpin(ctx, current), wishes }, tell);
  });
}

export type Side = { readonly name: string; readonly version: VersionRow };

/** The version that a name means now. @throws TidemarkError `not-found`, `conflict` for one without tables. */
export async function findSide(ctx: Pick<Context, 'db'>, actor: Actor, text: string): Promise<Side> {
  const { dataset, ref } = parseVersionName('', text);
  const version = await resolveVersion(ctx.db, actor.projectId, dataset, ref);
  return { name: `${version.dataset}@v${version.number}`, version };
}

/** With how it is read: read otherwise, it is another table. */
const pin = ({ name, version }: Side) => ({
  ...{ name, versionId: version.id, oid: version.oid },
  ...(version.reading !== null && { reading: version.reading }),
});

async function unpin(ctx: Pick<Context, 'db'>, { name, versionId }: z.infer<typeof pinShape>): Promise<Side> {
  return { name, version: await keptVersion(ctx, versionId) };
}

async function judge(
  ctx: Comparing,
  { reference, current, wishes }: { readonly reference: Side; readonly current: Side; readonly wishes: Wishes },
  tell: Tell,
): Promise<Comparison> {
  const copies: Materialized[] = [];
  const onCopied = copyingOf([reference.version, current.version], tell);
  try {
    const tables: LocalTable[] = [];
    for (const { name, version } of [reference, current]) {
      const copy = await materializeFiles(ctx, version.projectId, version, onCopied);
      copies.push(copy);
      tables.push(tableOf(name, copy));
    }
    const [before, after] = tables;
    if (before === undefined || after === undefined) throw new Error('two sides give two tables');
    return await judgeTables(ctx, { reference: before, current: after, wishes }, tell);
  } finally {
    for (const copy of copies) await copy.dispose();
  }
}

/** @throws TidemarkError `conflict` where there is none. */
export function tableOf(name: string, { files, reading }: Materialized): LocalTable {
  if (files.length === 0) throw new TidemarkError('conflict', `No file of ${name} ends with ${DATA_ENDINGS}.`);
  return { name, files, reading };
}

export async function judgeTables(
  ctx: Pick<Context, 'config' | 'compute'>,
  { reference, current, wishes }: { reference: LocalTable; current: LocalTable; wishes: Wishes },
  tell: Tell,
): Promise<Comparison> {
  const { computeMegabytes, profileThreads } = ctx.config.limits;
  // A name that the sweep knows for one of ours, should this process be killed.
  const folder = `${newSpoolPath(join(resolve(ctx.config.data), 'tmp'))}.spill`;
  await mkdir(folder, { recursive: true });
  try {
    const reading = { memoryBytes: (computeMegabytes / 2) * 2 ** 20, threads: profileThreads, folder };
    const options = { ...optionsOf(wishes), ...reading };
    return await runTask(ctx, 'compare-tables', { reference, current, options }, tell);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws TidemarkError `bad-request` for a tool that there is not, `invalid-body` for what says no way to write dates. */
export function checkWishes(wishes: Wishes): Wishes {
  checkDates(wishes.dates, '/dates');
  if (wishes.as !== undefined) compatTool(wishes.as);
  return wishes;
}

/** @throws TidemarkError `bad-path` for a name that promises no table. */
export function checkTableName(name: string): string {
  if (dataFormat(name) !== null) return name;
  throw new TidemarkError('bad-path', `"${name.slice(0, 200)}" promises no table: it has to end with ${DATA_ENDINGS}.`);
}

function optionsOf(wishes: Wishes): Omit<CompareOptions, 'memoryBytes' | 'threads' | 'folder'> {
  const {
    columns,
    exclude = [],
    categories = [],
    types = {},
    header,
    decimal,
    thousands,
    dates,
    missing,
    measures,
    effects,
    alpha,
    adjustment,
    weights,
    segment,
    slices,
    as,
  } = wishes;
  return {
    include: columns ?? null,
    exclude,
    categories,
    types,
    csv: {
      ...(header === undefined ? {} : { header }),
      ...(decimal === undefined ? {} : { decimal }),
      ...(thousands === undefined ? {} : { thousands }),
      ...(dates === undefined ? {} : { dates }),
      ...(missing === undefined ? {} : { missing }),
    },
    partitions: wishes.partitions,
    measures: measures ?? null,
    policy: {
      ...(alpha === undefined ? {} : { alpha }),
      ...(wishes.minimum_rows === undefined ? {} : { minimumRows: wishes.minimum_rows }),
      ...(adjustment === undefined ? {} : { adjustment }),
      ...(weights === undefined ? {} : { weights }),
      ...(wishes.drifted_share === undefined ? {} : { minimumDriftedShare: wishes.drifted_share }),
      limits: effects ?? {},
      slices: slices ?? false,
    },
    falseAlarms: wishes.false_alarms ?? null,
    segment: segment ?? null,
    as: as === undefined ? null : compatTool(as),
  };
}
