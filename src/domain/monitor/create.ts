import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { monitorRequest } from '../../../schemas/wire/monitors.ts';
import type { Context } from '../../context.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { holdModel, type ModelRow } from '../../store/monitor/models.ts';
import {
  findMonitorByName,
  holdMonitor,
  insertMonitor,
  insertRevision,
  listRevisions,
  type MonitorRevisionRow,
  type MonitorRow,
  presentRevision,
} from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { calibration, needsCalibration } from '../calibration/calibrate.ts';
import { knowingSeasons, withSeasons } from '../calibration/knowing-seasons.ts';
import { canonicalJson, toJson } from '../canonical.ts';
import {
  applyRequest,
  checkColumns,
  configOf,
  defaultConfig,
  invalidConfig,
  type MonitorConfig,
} from '../configuration/config.ts';
import { requireAffordable } from '../configuration/cost.ts';
import { keepFound } from '../dataset/resolve.ts';
import { resolveModel } from '../model/resolve.ts';
import { chooseReference, referenceColumnNames } from '../reference/reference.ts';
import { describeWindowing, windowingOf } from '../window/windowing.ts';
import { findNamed, type LintedMonitor, readLinted } from './read.ts';

export type CreateRequest = { readonly model: string } & z.output<typeof monitorRequest>;

/** A monitor that was looked through and may be made. */
export type Plan = {
  readonly name: string;
  readonly model: ModelRow;
  readonly version: VersionRow;
  readonly config: MonitorConfig;
  /** What the configuration may have become by now: its seasons may have been decided in the meantime, either way. */
  readonly configs: readonly MonitorConfig[];
  /** Whether it compares with what the version in service was trained on, because nothing else was named. */
  readonly follows: boolean;
  /** The dataset that was named for it. */
  readonly dataset: string | undefined;
};

/**
 * Makes a monitor; a name alone is enough. It judges what is logged from now on and, since predictions are kept,
 * all that was logged before. Repeating the request answers with the one that exists.
 * @throws TidemarkError `invalid-body` with a pointer to each wrong value; `not-found`; `conflict` when the name
 * stands for another configuration or there is nothing to compare with; `not-ready` when columns are named
 * before those of the reference are known.
 */
export async function createMonitor(
  ctx: Pick<Context, 'db' | 'config'>,
  actor: Actor,
  given: CreateRequest,
): Promise<LintedMonitor & { created: boolean }> {
  const planned = async () => [await planMonitor(ctx, actor, given)];
  const [created = false] = await carryOut(ctx.db, planned, (tx, plan) => makeOrFind(tx, actor, plan));
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.name);
  return { ...(await readLinted(ctx.db, monitor)), created };
}

/**
 * Makes several monitors of a model, all or none of them.
 * @throws TidemarkError as `createMonitor`, with pointers that begin with the place in the list.
 */
export async function createMonitors(
  ctx: Pick<Context, 'db' | 'config'>,
  actor: Actor,
  given: { readonly model: string; readonly monitors: readonly z.output<typeof monitorRequest>[] },
): Promise<{ readonly monitors: readonly LintedMonitor[]; readonly created: number }> {
  const planned = async () => {
    const plans: Plan[] = [];
    for (const [i, request] of given.monitors.entries()) {
      plans.push(await atPlace(i, () => planMonitor(ctx, actor, { model: given.model, ...request })));
    }
    return plans;
  };
  const made = await carryOut(ctx.db, planned, (tx, plan, i) => atPlace(i, () => makeOrFind(tx, actor, plan)));
  const monitors: LintedMonitor[] = [];
  for (const { name } of given.monitors) {
    monitors.push(await readLinted(ctx.db, await findNamed(ctx.db, actor.projectId, given.model, name)));
  }
  return { monitors, created: made.filter(Boolean).length };
}

/**
 * Does what was planned for monitors of a model, in one transaction; planned anew where another version has been put into
 * service meanwhile, which one that was given no data goes with.
 */
export async function carryOut<T>(
  db: Db,
  planned: () => Promise<readonly Plan[]>,
  work: (tx: Db, plan: Plan, place: number) => Promise<T>,
): Promise<T[]> {
  for (;;) {
    const plans = await planned();
    const done = await transact(db, async (tx) => {
      const follower = plans.find(({ follows }) => follows);
      if (follower !== undefined && !(await isInService(tx, follower.model))) return null;
      const all: T[] = [];
      for (const [i, plan] of plans.entries()) all.push(await work(tx, plan, i));
      return all;
    });
    if (done !== null) return done;
  }
}

/** Whether the model has the version in service that it had then; it keeps it until the transaction ends. */
const isInService = async (tx: Db, { id, currentVersionId }: ModelRow): Promise<boolean> =>
  (await holdModel(tx, id))?.currentVersionId === currentVersionId;

/** Says of what is wrong with one of a list which one it is. */
async function atPlace<T>(place: number, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (!isTidemarkError(error)) throw error;
    const { code, message, retryAfter, details } = error;
    const found = error.issues.map((issue) => ({ ...issue, pointer: `/${place}${issue.pointer ?? ''}` }));
    const issues = found.length > 0 ? found : [{ code, pointer: `/${place}`, detail: message }];
    const options = { issues, details, ...(retryAfter !== undefined && { retryAfter }) };
    throw new TidemarkError(code, `Number ${place + 1} of the list: ${message}`, options);
  }
}

/** Looks a request through: what it would make. @throws TidemarkError as `createMonitor`. */
export async function planMonitor(
  ctx: Pick<Context, 'db' | 'config'>,
  actor: Actor,
  given: CreateRequest,
): Promise<Plan> {
  requireScope(actor, 'monitors:write');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  if (given.ref !== undefined && given.dataset === undefined) {
    throw invalidConfig([{ code: 'missing-field', pointer: '/dataset', detail: 'a "ref" needs its "dataset"' }]);
  }
  const { version, roles } = await chooseReference(ctx.db, model, given);
  const asked = applyRequest(defaultConfig({ task: model.task, roles }), given);
  await requireColumns(ctx.db, asked, version);
  await requireOtherMonitor(ctx.db, model, asked);
  const config = await knowingSeasons(ctx, { asked, given, versionId: version.id });
  const configs = [config, asked, ...(config.seasons === undefined ? [] : [withSeasons(asked)])];
  const follows = given.dataset === undefined && given.model_version === undefined;
  return { name: given.name, model, version, config, configs, follows, dataset: given.dataset };
}

/** @returns whether it was made. @throws TidemarkError `conflict` when the name stands for another configuration. */
async function makeOrFind(tx: Db, actor: Actor, plan: Plan): Promise<boolean> {
  if ((await insertPlanned(tx, actor, plan)) !== null) return true;
  const { id } = await findNamed(tx, actor.projectId, plan.model.name, plan.name);
  const first = (await listRevisions(tx, id)).at(-1);
  if (first !== undefined && isSame(first, plan)) return false;
  throw new TidemarkError(
    'conflict',
    `The model has a monitor "${plan.name}" with another configuration; change it with PATCH or PUT, or choose another name.`,
  );
}

/** Null when the model has a monitor of that name. */
export async function insertPlanned(tx: Db, actor: Actor, plan: Plan): Promise<MonitorRow | null> {
  const { model, version, config, name } = plan;
  const row = { projectId: actor.projectId, modelId: model.id, name, enabled: 'on' as const };
  const monitor = await insertMonitor(tx, row);
  if (monitor === null) return null;
  await holdPlanned(tx, plan);
  const revision = await insertRevision(tx, {
    monitorId: monitor.id,
    revision: 1,
    effectiveFrom: null,
    config,
    referenceVersionId: version.id,
    referenceOid: version.oid,
    author: actor.author,
    reason: 'created',
  });
  if (needsCalibration(config)) await enqueue(tx, calibration(revision.id));
  await enqueue(tx, { name: 'close-windows', key: `model:${model.id}`, payload: { modelId: model.id } });
  return monitor;
}

/**
 * Keeps what a monitor comes to refer to until the transaction ends. What a version of the model was trained on stays anyway.
 * @throws TidemarkError `gone` for a version that was thrown away meanwhile, and as `requireOtherMonitor`.
 */
export async function holdPlanned(tx: Db, { model, version, config, dataset }: Plan): Promise<void> {
  if (dataset !== undefined) await keepFound(tx, dataset, version);
  await holdOtherMonitor(tx, model, config);
}

/** Whether a revision is what was planned. */
export const isSame = (revision: MonitorRevisionRow, { version, configs }: Plan): boolean =>
  revision.referenceVersionId === version.id &&
  configs.some((config) => canonicalJson(toJson(configOf(revision))) === canonicalJson(toJson(config)));

/** @throws TidemarkError `not-ready` when columns are named that cannot be checked yet. */
export async function requireColumns(
  db: Db,
  config: MonitorConfig,
  version: Parameters<typeof referenceColumnNames>[1],
): Promise<void> {
  const known = await referenceColumnNames(db, version);
  const { columns, importance, segments } = config;
  const named =
    columns.include !== null || columns.exclude.length > 0 || importance !== undefined || segments !== undefined;
  if (known !== null) {
    checkColumns(config, known);
    requireAffordable(config, known);
  } else if (named) {
    throw new TidemarkError('not-ready', 'The columns of the reference are not known yet; try again in a moment.', {
      retryAfter: 2,
    });
  }
}

/** @throws TidemarkError `invalid-body` when windows of another model are asked for, and there are none such or it is no other. */
export async function requireOtherMonitor(
  db: Db,
  judged: { readonly id: number; readonly projectId: number },
  config: MonitorConfig,
): Promise<void> {
  if (config.reference?.kind !== 'model') return;
  const { model, monitor } = config.reference;
  const other = await findMonitorByName(db, judged.projectId, { model, monitor });
  const pointer = '/reference/monitor';
  if (other === null) {
    const detail = `there is no monitor "${monitor}" of a model "${model}"`;
    throw invalidConfig([{ code: 'unknown-monitor', pointer, detail }]);
  }
  if (other.modelId === judged.id) {
    const detail = 'is one of this very model: each window would be compared with its own rows';
    throw invalidConfig([{ code: 'not-together', pointer: '/reference/model', detail }]);
  }
  const theirs = configOf(await presentRevision(db, other.id));
  if (isDeepStrictEqual(windowingOf(theirs), windowingOf(config))) return;
  const detail = `has other windows (${describeWindowing(theirs)}), and the window of the same time is what is compared with`;
  throw invalidConfig([{ code: 'not-together', pointer, detail }]);
}

/** As `requireOtherMonitor`, and it is not deleted before the caller's transaction ends. */
export async function holdOtherMonitor(
  tx: Db,
  judged: { readonly id: number; readonly projectId: number },
  config: MonitorConfig,
): Promise<void> {
  if (config.reference?.kind !== 'model') return;
  const other = await findMonitorByName(tx, judged.projectId, config.reference);
  if (other !== null) await holdMonitor(tx, other.id);
  await requireOtherMonitor(tx, judged, config);
}
