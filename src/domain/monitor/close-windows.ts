import type { Context } from '../../context.ts';
import { type Db, transact } from '../../store/db.ts';
import { enqueue } from '../../store/jobs.ts';
import { findModelById, type ModelRow } from '../../store/models.ts';
import { listModelMonitors, lockMonitor, type MonitorRow, newestRevision, setWindowed } from '../../store/monitors.ts';
import {
  countNewRows,
  databaseNow,
  earliestUnsettled,
  fillGaps,
  findLabelledWindows,
  findSortable,
  type Grid,
  listSettledBetween,
  saveWindows,
} from '../../store/window-sorting.ts';
import type { WindowRow } from '../../store/windows.ts';
import { configOf, type MonitorConfig } from './config.ts';
import { latest, type SettledBatch, type SortedWindow, sortBatches } from './sorting.ts';
import { type Closing, horizon, idleWatermark, isRipe } from './watermark.ts';
import { GRID_ORIGIN, LONGEST_GAP, windowEnd } from './window.ts';

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

/** What a monitor's windows are made by. */
type Sorter = {
  readonly monitor: MonitorRow;
  readonly model: ModelRow;
  readonly closing: Closing;
  readonly grid: Grid;
};

/** Sorts the next settled batches; the last step closes what waits for no batch. @returns true while there are more. */
async function sortSome(tx: Db, monitorId: number): Promise<boolean> {
  const monitor = await lockMonitor(tx, monitorId);
  // Read before the batches: its watermark may be used once all that had settled by now is sorted.
  const model = monitor === null ? null : await findModelById(tx, monitor.modelId);
  if (monitor === null || model === null) return false;
  const config = configOf(await newestRevision(tx, monitorId));
  const lengthSeconds = config.window_seconds;
  const closing = { lengthSeconds, latenessSeconds: config.lateness_seconds };
  const sorter = { monitor, model, closing, grid: { origin: GRID_ORIGIN, lengthSeconds } };
  const span = { after: monitor.windowedThrough, through: model.settleSequence, limit: BATCHES_AT_ONCE };
  const settled = await listSettledBetween(tx, model.id, span);
  const ready = settled.length === 0 ? await closePassed(tx, sorter, config) : await sortSettled(tx, sorter, settled);
  const labelBatches = settled.filter(({ kind }) => kind === 'labels').map(({ id }) => id);
  const labelled = await relabelled(tx, sorter, labelBatches);
  for (const windowId of ready) {
    await enqueue(tx, { name: 'judge-window', key: `window:${windowId}`, payload: { windowId } });
  }
  for (const windowId of labelled) {
    await enqueue(tx, { name: 'measure-performance', key: `window:${windowId}`, payload: { windowId } });
  }
  return settled.length > 0;
}

type SettledRow = Awaited<ReturnType<typeof listSettledBetween>>[number];

async function sortSettled(tx: Db, sorter: Sorter, settled: readonly SettledRow[]): Promise<number[]> {
  const { monitor, closing, grid } = sorter;
  const batches = await countedBatches(tx, sorter, settled);
  const starts = [...new Set(batches.flatMap(({ counts }) => counts.map(({ start }) => start)))];
  const windows = (await findSortable(tx, monitor.id, starts)).map(sortable);
  const before = monitor.watermark?.getTime() ?? null;
  const { changed, watermark } = sortBatches({ windows, watermark: before, batches, closing });
  const ready = await save(tx, sorter, changed);
  const through = settled.at(-1)?.sequence ?? monitor.windowedThrough;
  await setWindowed(tx, monitor.id, { through, watermark: watermark === null ? null : new Date(watermark) });
  if (watermark !== null && changed.length > 0) {
    const firstChanged = changed[0]?.start ?? 0;
    const from = Math.min(firstChanged, before === null ? firstChanged : horizon(before, closing));
    await fillGaps(tx, ownerOf(monitor), { from, horizon: horizon(watermark, closing), grid, longest: LONGEST_GAP });
  }
  return ready;
}

async function countedBatches(tx: Db, sorter: Sorter, settled: readonly SettledRow[]): Promise<SettledBatch[]> {
  const predictions = settled.filter(({ kind }) => kind === 'predictions');
  const batchIds = predictions.map(({ id }) => id);
  const counted = await countNewRows(tx, { modelId: sorter.monitor.modelId, batchIds, grid: sorter.grid });
  const byBatch = Map.groupBy(counted, ({ batchId }) => batchId);
  return predictions.map(({ id, sequence, maxTime }) => ({
    sequence: sequence ?? 0,
    maxTime: maxTime?.getTime() ?? null,
    counts: byBatch.get(id) ?? [],
  }));
}

const sortable = ({ start, revision, state, rows }: WindowRow): SortedWindow => ({
  start: start.getTime(),
  revision,
  state,
  rows,
});

/**
 * Closes the windows that no batch closes: the sender has said that event time has passed them, or no batch comes
 * any more and the clock has. What was accepted before is judged with them: they wait for its settlement, which
 * calls again.
 */
async function closePassed(tx: Db, sorter: Sorter, config: MonitorConfig): Promise<number[]> {
  const { monitor, model, closing, grid } = sorter;
  const unsettled = await earliestUnsettled(tx, model.id);
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
  const open = (await findSortable(tx, monitor.id, [])).map(sortable);
  const ripe = open.filter(({ start }) => isRipe(start, passed, closing));
  const ready = await save(
    tx,
    sorter,
    ripe.map((window) => ({ ...window, state: 'ready' })),
  );
  const moved = watermark !== null && watermark !== monitor.watermark?.getTime();
  if (moved) await setWindowed(tx, monitor.id, { through: monitor.windowedThrough, watermark: new Date(watermark) });
  if (moved || ripe.length > 0) {
    const from = Math.min(horizon(monitor.watermark?.getTime() ?? passed, closing), ripe[0]?.start ?? passed);
    await fillGaps(tx, ownerOf(monitor), { from, horizon: horizon(passed, closing), grid, longest: LONGEST_GAP });
  }
  return ready;
}

/** A point in time, held back to `limit` where there is one. */
const earlier = (time: number | null, limit: number | null): number | null =>
  time === null || limit === null ? time : Math.min(time, limit);

async function save(tx: Db, { monitor, closing }: Sorter, changed: readonly SortedWindow[]): Promise<number[]> {
  const changes = changed.map((window) => ({ ...window, end: windowEnd(window.start, closing.lengthSeconds) }));
  return saveWindows(tx, ownerOf(monitor), changes);
}

const ownerOf = (monitor: MonitorRow) => ({ projectId: monitor.projectId, monitorId: monitor.id });

async function relabelled(tx: Db, { monitor, grid }: Sorter, batchIds: readonly number[]): Promise<number[]> {
  if (batchIds.length === 0) return [];
  return findLabelledWindows(tx, { modelId: monitor.modelId, monitorId: monitor.id, batchIds, grid });
}
