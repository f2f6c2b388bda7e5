import { enqueue } from '../../store/jobs/jobs.ts';
import { hasLabels } from '../../store/log/label-index.ts';
import { findImportance } from '../../store/monitor/importance.ts';
import { type NamedRevision, revisionInForce } from '../../store/monitor/monitors.ts';
import { findReferencePerformance } from '../../store/monitor/performance.ts';
import { findNextReady, type WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';

/** What can be said of a window beside its verdict on drift: of a model that gets no labels, nothing is measured. */
export type Sayable = { readonly labelled: boolean; readonly estimable: boolean };

/**
 * Asked before the verdict is written: labels that settle later find the window waiting to be judged, or judged, and
 * have it measured themselves.
 */
export async function findSayable(
  db: Db,
  { modelId, revision }: { readonly modelId: number; readonly revision: NamedRevision },
): Promise<Sayable> {
  return { labelled: await hasLabels(db, modelId), estimable: await isEstimable(db, revision) };
}

/** False once an estimate has found that the reference teaches none, and what else it finds out is known. */
async function isEstimable(db: Db, revision: NamedRevision): Promise<boolean> {
  // `measureReference` alone writes it, with this member.
  const measured = (await findReferencePerformance(db, revision.id)) as { readonly reason: string | null } | null;
  if (measured === null || measured.reason === null) return true;
  return configOf(revision).importance === undefined && (await findImportance(db, revision.id)) === null;
}

/** Enqueues what a verdict sets in motion, in its transaction. */
export async function followVerdict(tx: Db, window: WindowRow, { labelled, estimable }: Sayable): Promise<void> {
  const { id: windowId, monitorId } = window;
  await wakeNext(tx, window);
  await enqueue(tx, { name: 'evaluate-alert', key: `monitor:${monitorId}`, payload: { monitorId } });
  const about = { key: `window:${windowId}`, payload: { windowId } };
  if (labelled) await enqueue(tx, { name: 'measure-performance', ...about });
  if (estimable) await enqueue(tx, { name: 'estimate-performance', ...about });
}

/** A later window may have waited to know whether it may be compared with this one. */
async function wakeNext(tx: Db, { monitorId, start }: WindowRow): Promise<void> {
  const next = await findNextReady(tx, monitorId, start);
  if (next === null || !comparesWindows(configOf(await revisionInForce(tx, monitorId, next.start)))) return;
  await enqueue(tx, { name: 'judge-window', key: `window:${next.id}`, payload: { windowId: next.id } });
}

/** Whether what a window is compared with depends on the monitor's windows before it. */
const comparesWindows = ({ reference, compare_previous }: MonitorConfig): boolean =>
  compare_previous === true || (reference !== undefined && reference.kind !== 'model');
