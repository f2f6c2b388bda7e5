import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import type { Lint } from '../../../schemas/wire/lints.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findNewestCalibration } from '../../store/monitor/calibrations.ts';
import {
  listModelMonitors,
  listMonitors,
  listRevisions,
  type NamedMonitor,
  type NamedRevision,
  presentRevision,
  presentRevisions,
  presentTime,
} from '../../store/monitor/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';
import { type DescribedRevision, describeRevisions } from './changes.ts';
import { readLints } from './read-lints.ts';
import { takingOverAfter } from './timeline.ts';

/** A monitor with the configuration in force at its present. */
export type MonitorDetail = { readonly monitor: NamedMonitor; readonly revision: NamedRevision };

/** How a monitor is named: its own name within its model's. */
export type MonitorName = { readonly model: string; readonly monitor: string };

/** @throws TidemarkError `not-found`, naming the monitors that the model has. */
export async function findNamed(db: Db, projectId: number, model: string, name: string): Promise<NamedMonitor> {
  const owner = await resolveModel(db, projectId, model);
  const known = await listModelMonitors(db, owner.id);
  const found = known.find((monitor) => monitor.name === name);
  if (found !== undefined) return { ...found, model: owner.name };
  const names = known.slice(0, 10).map((monitor) => monitor.name);
  const hint = names.length === 0 ? 'it has none yet' : `it has: ${names.join(', ')}`;
  throw new TidemarkError('not-found', `The model "${owner.name}" has no monitor "${name.slice(0, 100)}"; ${hint}.`);
}

/** A monitor with its configuration, what will take its place, and what is wrong with it. */
export type LintedMonitor = MonitorDetail & {
  readonly lints: readonly Lint[];
  /** Null without a rate of false alarms, and until it is made. */
  readonly calibration: StoredCalibration | null;
  /** Configurations that take over later, in order. */
  readonly scheduled: readonly DescribedRevision[];
  /** Number of the newest revision, whether it is in force or not. */
  readonly newest: number;
};

export async function readLinted(db: Db, monitor: NamedMonitor): Promise<LintedMonitor> {
  const revision = await presentRevision(db, monitor.id);
  const [lints, calibration, revisions] = await Promise.all([
    readLints(db, monitor, revision),
    findNewestCalibration(db, revision.id),
    listRevisions(db, monitor.id),
  ]);
  const [newest = revision] = revisions;
  const later = takingOverAfter(revisions, await presentTime(db, monitor.id));
  const scheduled = describeRevisions(revisions).filter(({ revision: one }) => later.includes(one));
  return { monitor, revision, lints, calibration, scheduled, newest: newest.revision };
}

/** One monitor. @throws TidemarkError `not-found`. */
export async function readMonitor(ctx: Pick<Context, 'db'>, actor: Actor, given: MonitorName): Promise<LintedMonitor> {
  requireScope(actor, 'monitors:read');
  return readLinted(ctx.db, await findNamed(ctx.db, actor.projectId, given.model, given.monitor));
}

/** The monitors of the project by model and name, from the one after `after`. */
export async function readMonitors(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  page: Parameters<typeof listMonitors>[2],
): Promise<MonitorDetail[]> {
  requireScope(actor, 'monitors:read');
  return withRevisions(ctx.db, await listMonitors(ctx.db, actor.projectId, page));
}

/** The monitors of one model by name. @throws TidemarkError `not-found`. */
export async function readModelMonitors(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  model: string,
): Promise<MonitorDetail[]> {
  requireScope(actor, 'monitors:read');
  const owner = await resolveModel(ctx.db, actor.projectId, model);
  const monitors = await listModelMonitors(ctx.db, owner.id);
  return withRevisions(
    ctx.db,
    monitors.map((monitor) => ({ ...monitor, model: owner.name })),
  );
}

/** A monitor's configurations, newest first. @throws TidemarkError `not-found`. */
export async function readRevisions(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: MonitorName,
): Promise<DescribedRevision[]> {
  requireScope(actor, 'monitors:read');
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  return describeRevisions(await listRevisions(ctx.db, monitor.id));
}

async function withRevisions(db: Db, monitors: readonly NamedMonitor[]): Promise<MonitorDetail[]> {
  const revisions = await presentRevisions(
    db,
    monitors.map(({ id }) => id),
  );
  return monitors.flatMap((monitor) => {
    const revision = revisions.get(monitor.id);
    return revision === undefined ? [] : [{ monitor, revision }];
  });
}
