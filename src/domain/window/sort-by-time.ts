import type { ModelRow } from '../../store/monitor/models.ts';
import { type MonitorRow, setWindowed } from '../../store/monitor/monitors.ts';
import {
  type Cells,
  countNewRows,
  findSortable,
  insertEmptyWindows,
  type listSettledBetween,
  listStartsAround,
  saveWindows,
} from '../../store/monitor/window-sorting.ts';
import type { WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type SettledBatch, type SortedWindow, sortBatches } from './sorting.ts';
import { type Closing, horizon, isRipe, latest, type Seen } from './watermark.ts';
import { cellSeconds, GRID_ORIGIN, missingStarts, type TimeGrid, windowEnd, windowsOver } from './window.ts';

/** What sorting goes by. */
export type Sorted = {
  readonly monitor: MonitorRow;
  readonly model: ModelRow;
  readonly latenessSeconds: number;
  /** The model version whose rows count; null: all of them. */
  readonly version: string | null;
};

export type SettledRow = Awaited<ReturnType<typeof listSettledBetween>>[number];

export const cellsOf = (grid: TimeGrid): Cells => ({ origin: GRID_ORIGIN, lengthSeconds: cellSeconds(grid) });

/** Sorts settled batches into the windows that time makes. @returns the windows that are ready to be judged. */
export async function sortByTime(
  tx: Db,
  sorted: Sorted,
  grid: TimeGrid,
  settled: readonly SettledRow[],
): Promise<number[]> {
  const { monitor, latenessSeconds } = sorted;
  const closing = { grid, latenessSeconds };
  const batches = await countedBatches(tx, sorted, grid, settled);
  const starts = [...new Set(batches.flatMap(({ counts }) => counts.map(({ start }) => start)))];
  const windows = (await findSortable(tx, monitor.id, starts)).map(sortable);
  const before = monitor.watermark?.getTime() ?? null;
  const { changed, seen } = sortBatches({ windows, seen: seenBy(monitor), batches, closing });
  const ready = await saveWindows(tx, ownerOf(sorted), changed);
  const through = settled.at(-1)?.sequence ?? monitor.windowedThrough;
  await setWindowed(tx, monitor.id, { through, ...seen });
  const { watermark } = seen;
  if (watermark !== null && changed.length > 0) {
    const firstChanged = changed[0]?.start ?? 0;
    const from = Math.min(firstChanged, before === null ? firstChanged : horizon(before, closing));
    await fillGaps(tx, sorted, closing, { from, horizon: horizon(watermark, closing) });
  }
  return ready;
}

async function countedBatches(
  tx: Db,
  { monitor, version }: Sorted,
  grid: TimeGrid,
  settled: readonly SettledRow[],
): Promise<SettledBatch[]> {
  const predictions = settled.filter(({ kind }) => kind === 'predictions');
  const batchIds = predictions.map(({ id }) => id);
  const counted = await countNewRows(tx, { modelId: monitor.modelId, batchIds, cells: cellsOf(grid), version });
  const byBatch = Map.groupBy(counted, ({ batchId }) => batchId);
  return predictions.map((batch) => ({
    sequence: batch.sequence ?? 0,
    ...reached(batch),
    counts: rowsByWindow(byBatch.get(batch.id) ?? [], grid),
  }));
}

/** How far event time came by what a monitor has sorted. */
export const seenBy = ({ watermark, newestEvent }: Pick<MonitorRow, 'watermark' | 'newestEvent'>): Seen => ({
  watermark: watermark?.getTime() ?? null,
  newest: newestEvent?.getTime() ?? null,
});

/** How far event time came with a batch. No row is believed that is stamped later than it came. */
export const reached = ({ passedTime, maxTime, receivedAt }: Omit<SettledRow, 'id' | 'kind'>) => ({
  passed: passedTime?.getTime() ?? null,
  newest: maxTime === null ? null : Math.min(maxTime.getTime(), receivedAt.getTime()),
});

/** Rows of the windows that cells lie in. */
export function rowsByWindow(
  cells: readonly { readonly cell: number; readonly rows: number }[],
  grid: TimeGrid,
): SettledBatch['counts'] {
  const byStart = new Map<number, number>();
  for (const { cell, rows } of cells) {
    for (const start of windowsOver(cell, grid)) byStart.set(start, (byStart.get(start) ?? 0) + rows);
  }
  return [...byStart].map(([start, rows]) => ({ start, rows }));
}

const sortable = ({ start, end, revision, state, rows }: WindowRow): SortedWindow => ({
  start: start.getTime(),
  end: end.getTime(),
  revision,
  state,
  rows,
});

/**
 * Closes the windows that are over by `passed`, a point in event time that no batch has shown. `silent`: how far the clock
 * makes empty windows. `empty`: how many windows without a prediction came to be.
 */
export async function passTime(
  tx: Db,
  sorted: Sorted,
  grid: TimeGrid,
  given: { readonly passed: number; readonly watermark: number | null; readonly silent: number | null },
): Promise<{ readonly ready: number[]; readonly empty: number }> {
  const { passed, watermark, silent } = given;
  const { monitor, latenessSeconds } = sorted;
  const closing = { grid, latenessSeconds };
  const open = (await findSortable(tx, monitor.id, [])).map(sortable);
  const ripe = open.filter(({ end }) => isRipe(end, passed, latenessSeconds));
  const ready = await saveWindows(
    tx,
    ownerOf(sorted),
    ripe.map((window) => ({ ...window, state: 'ready' })),
  );
  const moved = watermark !== null && watermark !== monitor.watermark?.getTime();
  if (moved) await setWindowed(tx, monitor.id, { through: monitor.windowedThrough, ...seenBy(monitor), watermark });
  let empty = 0;
  if (moved || ripe.length > 0 || silent !== null) {
    const from = Math.min(horizon(monitor.watermark?.getTime() ?? passed, closing), ripe[0]?.start ?? passed);
    const over = latest(watermark, silent);
    const told = over === null ? null : horizon(over, closing);
    empty = await fillGaps(tx, sorted, closing, { from, horizon: horizon(passed, closing), told });
  }
  return { ready, empty };
}

const ownerOf = ({ monitor }: Sorted) => ({ projectId: monitor.projectId, monitorId: monitor.id });

/**
 * Adds the windows in which nothing was predicted, as far as they are over: between others, and after the last one as far
 * as the sender says that no prediction will come, or as the clock does where predictions came as they were made: a
 * history that was filled in is not a model that has gone silent.
 * @returns how many there are.
 */
async function fillGaps(
  tx: Db,
  sorted: Sorted,
  { grid }: Closing,
  span: { readonly from: number; readonly horizon: number; readonly told?: number | null },
): Promise<number> {
  const known = await listStartsAround(tx, sorted.monitor.id, span);
  const last = known.at(-1);
  const { told } = span;
  const after = last !== undefined && told != null && last < told ? [told] : [];
  const missing = missingStarts([...known, ...after], span.horizon, grid);
  await insertEmptyWindows(
    tx,
    ownerOf(sorted),
    missing.map((start) => ({ start, end: windowEnd(start, grid) })),
  );
  return missing.length;
}
