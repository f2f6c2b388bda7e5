import type { ModelRow } from '../../store/monitor/models.ts';
import { eachEventTime, listBatchesSince } from '../../store/monitor/row-windows.ts';
import { countNewRows } from '../../store/monitor/window-sorting.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import { type CutWindow, RowCutter } from '../window/row-windows.ts';
import { cellsOf, rowsByWindow } from '../window/sort-by-time.ts';
import { horizon } from '../window/watermark.ts';
import { firstUnended, shiftedStart, type TimeGrid, windowEnd, windowStart } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';

/** The windows with rows that a configuration would have made of what is logged, in order of time. */
export type History = {
  /** Before the ones asked for: what they may be compared with. */
  readonly lead: readonly CutWindow[];
  readonly windows: readonly CutWindow[];
};

/** Event time begins here, for the database too. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');

/** The newest `count` closed windows as a configuration would make them; windows of rows are cut as if no row had come late. */
export async function listHistory(
  db: Db,
  given: {
    readonly model: ModelRow;
    readonly config: MonitorConfig;
    readonly count: number /** Only windows that end by this point; all when absent. */;
    readonly to?: number;
  },
): Promise<History> {
  const { model, config, count, to = Number.POSITIVE_INFINITY } = given;
  const windowing = windowingOf(config);
  const version = config.model_version ?? null;
  const passed = model.watermark === null ? null : model.watermark.getTime();
  if (passed === null) return { lead: [], windows: [] };
  const all =
    windowing.kind === 'rows'
      ? await cutHistory(db, { model, version, until: passed - config.lateness_seconds * 1000, rows: windowing.rows })
      : null;
  if (all !== null) return { lead: all.slice(0, -count), windows: all.slice(-count) };
  const grid = windowing as TimeGrid;
  const closed = horizon(passed, { grid, latenessSeconds: config.lateness_seconds });
  const end = to === Number.POSITIVE_INFINITY ? closed : Math.min(closed, firstUnended(to, grid));
  let first = end;
  for (let i = 0; i < count; i++) first = before(first, grid);
  const found = await countHistory(db, { model, version, grid, from: leadStart(first, config, grid), end });
  return { lead: found.filter(({ start }) => start < first), windows: found.filter(({ start }) => start >= first) };
}

const before = (start: number, grid: TimeGrid): number =>
  grid.kind === 'steps' ? start - grid.stepSeconds * 1000 : windowStart(start - 1, grid);

/** Where the windows begin that the first one may be compared with. */
function leadStart(first: number, { reference, compare_previous }: MonitorConfig, grid: TimeGrid): number {
  if (reference?.kind === 'same_time') {
    return shiftedStart(first, -2 * reference.count * (reference.every === 'day' ? 1 : 7), grid);
  }
  const windows = reference?.kind === 'trailing' ? 2 * (reference.windows + reference.offset) : 0;
  const overlap = grid.kind === 'steps' ? grid.lengthSeconds / grid.stepSeconds : 1;
  let start = first;
  for (let i = 0; i < Math.max(windows, compare_previous === true ? 1 : 0) * overlap; i++) start = before(start, grid);
  return start;
}

async function countHistory(
  db: Db,
  {
    model,
    version,
    grid,
    from,
    end,
  }: { model: ModelRow; version: string | null; grid: TimeGrid; from: number; end: number },
): Promise<CutWindow[]> {
  const batchIds = await listBatchesSince(db, model.id, { from, through: model.settleSequence });
  const counted = await countNewRows(db, { modelId: model.id, batchIds, cells: cellsOf(grid), version });
  return rowsByWindow(counted, grid)
    .filter(({ start }) => start >= from && start < end)
    .sort((a, b) => a.start - b.start)
    .map(({ start, rows }) => ({ start, end: windowEnd(start, grid), rows }));
}

async function cutHistory(
  db: Db,
  { model, version, until, rows: perWindow }: { model: ModelRow; version: string | null; until: number; rows: number },
): Promise<CutWindow[]> {
  const batchIds = await listBatchesSince(db, model.id, { from: EARLIEST, through: model.settleSequence });
  const span = { modelId: model.id, batchIds, from: EARLIEST, until, version };
  let cutter: RowCutter | null = null;
  const windows: CutWindow[] = [];
  for await (const page of eachEventTime(db, span)) {
    for (const { time, rows } of page) {
      cutter ??= new RowCutter(time, perWindow);
      const complete = cutter.add(time, rows);
      if (complete !== null) windows.push(complete);
    }
  }
  return windows;
}
