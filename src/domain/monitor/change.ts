import { isDeepStrictEqual } from 'node:util';
import type { MonitorChange } from '../../../schemas/wire/monitors.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import {
  listRevisions,
  lockMonitor,
  type MonitorRow,
  type NamedRevision,
  presentRevision,
  setEnabled,
} from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { decideSeasons, saysItself } from '../calibration/knowing-seasons.ts';
import { canonicalJson, toJson } from '../canonical.ts';
import { applyRequest, configOf, invalidConfig, type MonitorConfig } from '../configuration/config.ts';
import { keepFound } from '../dataset/resolve.ts';
import { resolveModel } from '../model/resolve.ts';
import { findReference, rolesFor } from '../reference/reference.ts';
import { windowingOf } from '../window/windowing.ts';
import { holdOtherMonitor, requireColumns } from './create.ts';
import { findNamed, type LintedMonitor, type MonitorName, readLinted } from './read.ts';
import { type NextRevision, reviseFrom } from './revise.ts';

export type ChangeRequest = MonitorName & {
  readonly change: MonitorChange;
  /** The revision that the change was made on; another one in force refuses it. */
  readonly onRevision?: number | undefined;
};

/**
 * Changes a monitor. A new configuration is a new revision, in force for windows that start at or after
 * `effective_from` (the monitor's watermark unless said); closed windows from there on are judged again. What is
 * scheduled for later is changed alike.
 * @throws TidemarkError `invalid-body` with a pointer; `precondition-failed` when somebody else was faster.
 */
export async function changeMonitor(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: ChangeRequest,
): Promise<LintedMonitor> {
  requireScope(actor, 'monitors:write');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  await transact(ctx.db, async (tx) => {
    const locked = await lockForChange(tx, monitor.id, given.onRevision);
    const { change } = given;
    const effectiveFrom =
      change.effective_from === undefined ? await fromNowOn(tx, locked) : new Date(change.effective_from);
    await reviseFrom(tx, {
      monitorId: monitor.id,
      effectiveFrom,
      author: actor.author,
      reason: change.reason ?? 'changed',
      change: (before) => nextConfiguration(tx, { actor, model: given.model, before, change }),
    });
    await enable(tx, locked, given.change.enabled);
  });
  const changed = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  return readLinted(ctx.db, changed);
}

/** @throws TidemarkError `precondition-failed` when another revision is the newest, `not-found` when it was deleted meanwhile. */
export async function lockForChange(tx: Db, id: number, onRevision: number | undefined): Promise<MonitorRow> {
  const locked = await lockMonitor(tx, id);
  if (locked === null || locked.deletedAt !== null) throw new TidemarkError('not-found', 'The monitor was deleted.');
  await requireRevision(tx, id, onRevision);
  return locked;
}

/** From the watermark on; from where the configuration in force begins, if that is later or nothing was seen yet. */
export async function fromNowOn(tx: Db, { id, watermark }: MonitorRow): Promise<Date | null> {
  const { effectiveFrom } = await presentRevision(tx, id);
  if (watermark === null || effectiveFrom === null) return watermark ?? effectiveFrom;
  return watermark > effectiveFrom ? watermark : effectiveFrom;
}

async function requireRevision(tx: Db, monitorId: number, expected: number | undefined): Promise<void> {
  if (expected === undefined) return;
  const [newest] = await listRevisions(tx, monitorId);
  if (expected === newest?.revision) return;
  throw new TidemarkError(
    'precondition-failed',
    `The monitor is at revision ${newest?.revision} by now, not ${expected}; read it again and repeat the change.`,
  );
}

/** What the change asks for; null when nothing would differ. */
async function nextConfiguration(
  tx: Db,
  given: { actor: Actor; model: string; before: NamedRevision; change: MonitorChange },
): Promise<NextRevision | null> {
  const { before, change } = given;
  const profile = await findVersionProfile(tx, before.referenceVersionId);
  // It may be ready before the job that decides by it has run, which comes to the same.
  const { seasons, ...base } = decideSeasons(configOf(before), profile);
  const requested = applyRequest(base, change);
  requireSameWindows(base, requested);
  const moved = change.dataset !== undefined || change.ref !== undefined;
  const named = { dataset: change.dataset ?? before.dataset, ref: change.ref ?? 'latest' };
  const version = moved
    ? await findReference(tx, given.actor.projectId, named)
    : await findVersionById(tx, before.referenceVersionId);
  if (version === null) throw new Error(`reference version ${before.referenceVersionId} is gone`);
  const model = await resolveModel(tx, given.actor.projectId, given.model);
  const other = version.id !== before.referenceVersionId;
  const config = other ? { ...requested, roles: await rolesFor(tx, model, version.id) } : requested;
  if (!other && canonicalJson(toJson(config)) === canonicalJson(toJson(base))) return null;
  if (seasons !== undefined && !saysItself(change)) throw undecided();
  await requireColumns(tx, config, version);
  if (moved) await keepFound(tx, named.dataset, version);
  await holdOtherMonitor(tx, model, config);
  return { config, version };
}

/** @throws TidemarkError `invalid-body` */
export function requireSameWindows(before: MonitorConfig, wanted: MonitorConfig): void {
  const fixed = (pointer: string, what: string): TidemarkError => {
    const detail = `${what} is fixed; make another monitor, which judges all of the past`;
    return invalidConfig([{ code: 'fixed', pointer, detail }]);
  };
  if (!isDeepStrictEqual(windowingOf(wanted), windowingOf(before))) throw fixed('/window', 'how a monitor cuts time');
  if (wanted.model_version !== before.model_version) throw fixed('/model_version', 'whose rows a monitor judges');
}

/** What the change is made on must not depend on who is faster. */
const undecided = (): TidemarkError =>
  new TidemarkError(
    'not-ready',
    'The reference is still being profiled, and the monitor takes its limits from the seasons that it may show; try again in a moment, or say "false_alarms".',
    { retryAfter: 2 },
  );

export async function enable(tx: Db, monitor: MonitorRow, enabled: boolean | undefined): Promise<void> {
  if (enabled === undefined || enabled === (monitor.enabled === 'on')) return;
  await setEnabled(tx, monitor.id, enabled);
  if (!enabled) return;
  const payload = { modelId: monitor.modelId };
  await enqueue(tx, { name: 'close-windows', key: `model:${monitor.modelId}`, payload });
}
