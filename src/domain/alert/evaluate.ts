import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access/access.ts';
import { type EpisodeRow, lockLivingEpisode, setEvaluatedThrough } from '../../store/alert/alerts.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { findMonitorById, lockMonitor, type NamedRevision, revisionInForce } from '../../store/monitor/monitors.ts';
import { listWindows, type WindowRow } from '../../store/monitor/windows.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { letRowsPass } from '../log/receive/right-of-way.ts';
import { evidenceOf } from './evidence.ts';
import { feedWindow, fingerprintOf } from './feed.ts';
import { evaluatePerformance } from './performance.ts';
import { raiseLate } from './raise-late.ts';
import { reconcile } from './reconcile.ts';
import { moveEpisode } from './transition.ts';
import { checkTrouble, feedTrouble } from './trouble.ts';

type Evaluating = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>;

/** Windows fed in one transaction; a longer backlog is several of them. */
const AT_ONCE = 200;

/**
 * Job: feeds judged windows to the monitor's alert, in order of their start and each once, as far as there is no
 * gap that is still to be judged. Transitions, messages, retraining runs and how far it came are one transaction
 * under the lock of the monitor: run twice, or by two at once, it does the same as once.
 */
export async function evaluateAlert(ctx: Evaluating, { monitorId }: JobPayload<'evaluate-alert'>): Promise<void> {
  await letRowsPass(ctx);
  await transact(ctx.db, async (tx) => {
    const locked = await lockMonitor(tx, monitorId);
    const monitor = await findMonitorById(tx, monitorId);
    if (locked === null || monitor === null || locked.deletedAt !== null) return;
    const project = (await findProjectById(tx, monitor.projectId))?.name ?? '';
    const page = { from: monitor.evaluatedThrough, to: null, limit: AT_ONCE, newest: false };
    const windows = await listWindows(tx, monitorId, page);
    const ready = leading(windows);
    // What is scheduled beyond the clock is not in force yet.
    const revision = await revisionInForce(tx, monitorId, ctx.now());
    const living = await lockLivingEpisode(tx, fingerprintOf(monitorId));
    let episode =
      living === null
        ? await raiseLate(tx, ctx, { project, monitor, revision })
        : await reconcile(tx, ctx, { project, monitor, episode: living });
    const watched = { project, monitor };
    for (const window of ready) {
      // Data that is broken or missing is found first: what follows from it is held back by that.
      await feedTrouble(tx, ctx, { watched, window });
      episode = await feedWindow(tx, ctx, { project, monitor, window, episode });
    }
    const last = ready.at(-1);
    // The next window begins later, but where windows overlap not after the end of this one.
    const fedThrough = last === undefined ? monitor.evaluatedThrough : new Date(last.start.getTime() + 1);
    const caughtUp = ready.length < windows.length || windows.length < AT_ONCE;
    const movedTo = caughtUp ? await settleMove(tx, ctx, { newest: revision, episode }) : null;
    const through = later(fedThrough, movedTo);
    if (through !== null) await setEvaluatedThrough(tx, monitorId, through);
    if (caughtUp) {
      await checkTrouble(tx, ctx, watched);
      await evaluatePerformance(tx, ctx, { watched, revision });
    }
    if (!caughtUp) await enqueue(tx, { name: 'evaluate-alert', key: `monitor:${monitorId}`, payload: { monitorId } });
  });
}

/** The windows before the first one whose verdict is still open. */
function leading(windows: readonly WindowRow[]): readonly WindowRow[] {
  const end = windows.findIndex(({ state }) => state === 'open' || state === 'ready');
  return end === -1 ? windows : windows.slice(0, end);
}

/**
 * An alert says that the present differs from the reference. Once the reference has moved, that is no longer
 * what is watched: the episode ends, and windows from before the move are history.
 * @returns the time from which windows count again, null when nothing moved.
 */
async function settleMove(
  tx: Db,
  ctx: Evaluating,
  { newest, episode }: { newest: NamedRevision; episode: EpisodeRow | null },
): Promise<Date | null> {
  if (episode === null) return null;
  const { effectiveFrom, referenceOid } = newest;
  if (effectiveFrom === null) return null;
  if (referenceOid === evidenceOf(episode).reference.oid) return null;
  const detail = { revision: newest.revision, dataset: newest.dataset, version: newest.version, oid: referenceOid };
  const move = { from: episode.state, to: 'resolved', reason: 'reference_moved', author: 'system', detail } as const;
  await moveEpisode(tx, ctx, { episode, move });
  return effectiveFrom;
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
