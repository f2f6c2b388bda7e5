import type { Context } from '../../context.ts';
import { enqueue, enqueueForWindows } from '../../store/jobs/jobs.ts';
import { findNewestArrival } from '../../store/log/batches.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { listModelMonitors, lockMonitor, type MonitorRow, presentRevision } from '../../store/monitor/monitors.ts';
import { findLabelledRowWindows } from '../../store/monitor/row-windows.ts';
import {
  databaseNow,
  findLabelledWindows,
  findUnsettled,
  listSettledBetween,
} from '../../store/monitor/window-sorting.ts';
import { MOST_SILENT } from '../../store/monitor/windows.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { RowSorter } from '../window/sort-by-rows.ts';
import { cellsOf, passTime, type SettledRow, type Sorted, sortByTime } from '../window/sort-by-time.ts';
import { idleWatermark, isLive, latest } from '../window/watermark.ts';
import { longestSeconds, type TimeGrid, usualSeconds, type Windowing } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';

/** Batches sorted in one transaction. */
const BATCHES_AT_ONCE = 200;

/**
 * Job: sorts what has settled into the windows of each monitor of a model, and closes the windows that event
 * time (or, where the model has gone quiet, the clock) has passed. A monitor made later sorts all of the past.
 * Each step is one transaction that remembers how far it came.
 */
export async function closeWindows(ctx: Pick<Context, 'db'>, { modelId }: { modelId: number }): Promise<void> {
  for (const monitor of await listModelMonitors(ctx.db, modelId)) {
    if (monitor.enabled === 'off') continue;
    let more = true;
    while (more) more = await transact(ctx.db, (tx) => sortSome(tx, monitor.id));
  }
}

/** Sorts the next settled batches; the last step closes what waits for no batch. @returns true while there are more. */
async function sortSome(tx: Db, monitorId: number): Promise<boolean> {
  const monitor = await lockMonitor(tx, monitorId);
  // Read before the batches: its watermark may be used once all that had settled by now is sorted.
  const model = monitor === null ? null : await findModelById(tx, monitor.modelId);
  if (monitor === null || model === null) return false;
  const config = configOf(await presentRevision(tx, monitorId));
  const windowing = windowingOf(config);
  const version = config.model_version ?? null;
  const sorted = { monitor, model, latenessSeconds: config.lateness_seconds, version };
  const span = { after: monitor.windowedThrough, through: model.settleSequence, limit: BATCHES_AT_ONCE };
  const settled = await listSettledBetween(tx, model.id, span);
  if (settled.length === 0) {
    const { earliest, settledThrough } = await findUnsettled(tx, model.id);
    // What has settled since the model was read waits for nothing any more, but is not sorted: its windows stay open.
    if (settledThrough !== model.settleSequence) return true;
    await enqueueForWindows(
      tx,
      'judge-window',
      await closePassed(tx, sorted, { windowing, config, unsettled: earliest }),
    );
    return false;
  }
  await enqueueForWindows(tx, 'judge-window', await sortSettled(tx, sorted, windowing, settled));
  const labelBatches = settled.filter(({ kind }) => kind === 'labels').map(({ id }) => id);
  const labelled = await relabelled(tx, monitor, windowing, labelBatches);
  await enqueueForWindows(tx, 'measure-performance', labelled);
  return true;
}

async function sortSettled(
  tx: Db,
  sorted: Sorted,
  windowing: Windowing,
  settled: readonly SettledRow[],
): Promise<number[]> {
  if (windowing.kind !== 'rows') return sortByTime(tx, sorted, windowing, settled);
  return (await RowSorter.begin(tx, sorted, windowing.rows)).sort(settled);
}

/**
 * Closes the windows that no batch closes: the sender has said that event time has passed them, or no batch comes
 * any more and the clock has. What was accepted before is judged with them: they wait for its settlement, which
 * calls again.
 */
async function closePassed(
  tx: Db,
  sorted: Sorted,
  given: { windowing: Windowing; config: MonitorConfig; unsettled: number | null },
): Promise<number[]> {
  const { monitor, model } = sorted;
  const { windowing, config, unsettled } = given;
  const watermark = latest(
    monitor.watermark?.getTime() ?? null,
    earlier(model.watermark?.getTime() ?? null, unsettled),
  );
  const until = idleWatermark({
    now: await databaseNow(tx),
    lastBatchAt: model.lastBatchAt?.getTime() ?? null,
    idleAfterSeconds: config.idle_after_seconds,
  });
  const passed = latest(watermark, earlier(until, unsettled));
  if (passed === null) return [];
  if (windowing.kind !== 'rows') {
    const silent = await silentThrough(tx, sorted, { windowing, until: earlier(until, unsettled) });
    const { ready, empty } = await passTime(tx, sorted, windowing, { passed, watermark, silent });
    // Nothing is judged in an empty window, so that nothing else would have it looked at.
    if (empty > 0) await evaluate(tx, monitor.id);
    return ready;
  }
  return (await RowSorter.begin(tx, sorted, windowing.rows)).pass(passed, watermark);
}

/** How far the clock makes empty windows after the last prediction: where those came about when they were made. */
async function silentThrough(
  tx: Db,
  { model, latenessSeconds }: Sorted,
  { windowing, until }: { windowing: TimeGrid; until: number | null },
): Promise<number | null> {
  const arrival = until === null ? null : await findNewestArrival(tx, model.id);
  if (until === null || arrival === null) return null;
  const lengthSeconds = usualLength(windowing);
  if (!isLive(arrival, { lengthSeconds, latenessSeconds })) return null;
  return Math.min(until, arrival.newest.getTime() + (MOST_SILENT * lengthSeconds + latenessSeconds) * 1000);
}

const usualLength = (grid: TimeGrid): number =>
  grid.kind === 'steps' ? grid.lengthSeconds : (usualSeconds(grid) ?? 0);

const evaluate = (tx: Db, monitorId: number): Promise<unknown> =>
  enqueue(tx, { name: 'evaluate-alert', key: `monitor:${monitorId}`, payload: { monitorId } });

/** A point in time, held back to `limit` where there is one. */
const earlier = (time: number | null, limit: number | null): number | null =>
  time === null || limit === null ? time : Math.min(time, limit);

async function relabelled(
  tx: Db,
  monitor: MonitorRow,
  windowing: Windowing,
  batchIds: readonly number[],
): Promise<number[]> {
  if (batchIds.length === 0) return [];
  const given = { modelId: monitor.modelId, monitorId: monitor.id, batchIds };
  if (windowing.kind === 'rows') return findLabelledRowWindows(tx, given);
  return findLabelledWindows(tx, { ...given, cells: cellsOf(windowing), longestSeconds: longestSeconds(windowing) });
}
