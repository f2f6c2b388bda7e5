import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { monitorRequest } from '../../../schemas/wire/monitors.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { enqueue } from '../../store/jobs.ts';
import {
  findMonitorByName,
  insertMonitor,
  insertRevision,
  listRevisions,
  presentRevision,
} from '../../store/monitors.ts';
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
import { resolveModel } from '../model/resolve.ts';
import { chooseReference, referenceColumnNames } from '../reference/reference.ts';
import { describeWindowing, windowingOf } from '../window/windowing.ts';
import { findNamed, type LintedMonitor, readLinted } from './read.ts';

export type CreateRequest = { readonly model: string } & z.output<typeof monitorRequest>;

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
  const created = await transact(ctx.db, async (tx) => {
    const row = { projectId: actor.projectId, modelId: model.id, name: given.name, enabled: 'on' as const };
    const monitor = await insertMonitor(tx, row);
    if (monitor === null) return false;
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
    return true;
  });
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.name);
  // It may have been decided in the meantime, either way.
  const configs = [config, asked, ...(config.seasons === undefined ? [] : [withSeasons(asked)])];
  if (!created) await requireSame(ctx.db, monitor, { configs, versionId: version.id });
  return { ...(await readLinted(ctx.db, monitor)), created };
}

/** @throws TidemarkError `not-ready` when columns are named that cannot be checked yet. */
export async function requireColumns(
  db: Db,
  config: MonitorConfig,
  version: Parameters<typeof referenceColumnNames>[1],
): Promise<void> {
  const known = await referenceColumnNames(db, version);
  const { columns, importance } = config;
  const named = columns.include !== null || columns.exclude.length > 0 || importance !== undefined;
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

async function requireSame(
  db: Db,
  monitor: { id: number; name: string },
  asked: { configs: readonly MonitorConfig[]; versionId: number },
): Promise<void> {
  const first = (await listRevisions(db, monitor.id)).at(-1);
  const same =
    first?.referenceVersionId === asked.versionId &&
    asked.configs.some((config) => canonicalJson(toJson(first.config)) === canonicalJson(toJson(config)));
  if (same) return;
  throw new TidemarkError(
    'conflict',
    `The model has a monitor "${monitor.name}" with another configuration; change it with PATCH or choose another name.`,
  );
}
