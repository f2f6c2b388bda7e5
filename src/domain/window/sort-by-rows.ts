import { setWindowed } from '../../store/monitor/monitors.ts';
import {
  countRowsByWindow,
  eachEventTime,
  findEventTimeOfRank,
  listBatchesSince,
  type RowsOfWindow,
} from '../../store/monitor/row-windows.ts';
import { findSortable, saveWindows, type WindowChange } from '../../store/monitor/window-sorting.ts';
import { listWindows } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type CutWindow, fitBefore, RowCutter } from './row-windows.ts';
import { reached, type SettledRow, type Sorted, seenBy } from './sort-by-time.ts';
import { type Seen, seenWith } from './watermark.ts';

/** The open window: every row since its start, also those that may complete it once the lateness is over. */
type Tail = { readonly start: number; readonly rows: number };

/**
 * Sorts batches one after another, in the order of their settlement, into windows of so many rows. The outcome
 * does not depend on how many batches a worker takes at once.
 */
export class RowSorter {
  readonly #tx: Db;
  readonly #sorted: Sorted;
  readonly #perWindow: number;
  readonly #ready = new Set<number>();
  #tail: Tail | null = null;
  #seen: Seen;
  /** When the tail's next cut lies, as far as it is known: it need not be looked for with every batch. */
  #nextCut: number | null = null;

  private constructor(tx: Db, sorted: Sorted, perWindow: number) {
    this.#tx = tx;
    this.#sorted = sorted;
    this.#perWindow = perWindow;
    this.#seen = seenBy(sorted.monitor);
  }

  static async begin(tx: Db, sorted: Sorted, perWindow: number): Promise<RowSorter> {
    const sorter = new RowSorter(tx, sorted, perWindow);
    const [open] = await findSortable(tx, sorted.monitor.id, []);
    if (open !== undefined) sorter.#tail = { start: open.start.getTime(), rows: open.rows };
    return sorter;
  }

  /** @returns the windows that are ready to be judged. */
  async sort(settled: readonly SettledRow[]): Promise<number[]> {
    const { monitor, version } = this.#sorted;
    for (const batch of settled) {
      if (batch.kind !== 'predictions' || batch.maxTime === null) continue;
      const counted = await countRowsByWindow(this.#tx, {
        modelId: monitor.modelId,
        monitorId: monitor.id,
        batchId: batch.id,
        version,
      });
      for (const part of counted) await this.#place(part, batch);
      this.#seen = seenWith(this.#seen, reached(batch));
      const early = this.#nextCut !== null && (batch.minTime?.getTime() ?? 0) <= this.#nextCut;
      if (early) this.#nextCut = null;
      await this.#close(this.#seen.watermark, batch.sequence ?? 0);
    }
    const through = settled.at(-1)?.sequence ?? monitor.windowedThrough;
    await this.#remember(through);
    return [...this.#ready];
  }

  /** Cuts what no batch completes in time: the sender or the clock says that nothing more comes before `passed`. */
  async pass(passed: number, watermark: number | null): Promise<number[]> {
    const { monitor } = this.#sorted;
    this.#seen = { ...this.#seen, watermark };
    await this.#close(passed, monitor.windowedThrough);
    if (watermark !== null && watermark !== monitor.watermark?.getTime()) await this.#remember(monitor.windowedThrough);
    return [...this.#ready];
  }

  async #remember(through: number): Promise<void> {
    await setWindowed(this.#tx, this.#sorted.monitor.id, { through, ...this.#seen });
  }

  async #place({ start, rows, first }: RowsOfWindow, batch: SettledRow): Promise<void> {
    if (start === null && this.#tail === null) await this.#saveTail({ start: first, rows });
    else if (start === null) await this.#placeBefore(first, batch);
    else if (start === this.#tail?.start) await this.#saveTail({ start, rows: this.#tail.rows + rows });
    else await this.#placeLate(start, rows);
  }

  /** Rows from before the first window there is make windows of their own. */
  async #placeBefore(from: number, batch: SettledRow): Promise<void> {
    const { monitor, version } = this.#sorted;
    const [next] = await listWindows(this.#tx, monitor.id, { from: null, to: null, limit: 1, newest: false });
    if (next === undefined) throw new Error(`monitor ${monitor.id} has an open window and none`);
    const until = next.start.getTime();
    const cutter = new RowCutter(from, this.#perWindow);
    const span = { modelId: monitor.modelId, batchIds: [batch.id], from, until, version };
    const cut = await cutTimes(this.#tx, cutter, span);
    await this.#save(
      fitBefore(cut, cutter.rest(), until).map((window) => ({ ...window, revision: 1, state: 'ready' })),
    );
  }

  async #placeLate(start: number, rows: number): Promise<void> {
    const windows = await findSortable(this.#tx, this.#sorted.monitor.id, [start]);
    const window = windows.find((one) => one.start.getTime() === start);
    if (window === undefined) throw new Error(`a window at ${start} vanished while it was counted`);
    const revision = window.revision + 1;
    await this.#save([{ start, end: window.end.getTime(), revision, state: 'ready', rows: window.rows + rows }]);
  }

  async #close(passed: number | null, through: number): Promise<void> {
    const tail = this.#tail;
    if (passed === null || tail === null || tail.rows < this.#perWindow) return;
    const until = passed - this.#sorted.latenessSeconds * 1000;
    if (this.#nextCut !== null && this.#nextCut >= until) return;
    const { version, monitor } = this.#sorted;
    const { modelId } = monitor;
    const batchIds = await listBatchesSince(this.#tx, modelId, { from: tail.start, through });
    const span = { modelId, batchIds, from: tail.start, until, version };
    this.#nextCut ??= await findEventTimeOfRank(this.#tx, span, this.#perWindow);
    if (this.#nextCut === null || this.#nextCut >= until) return;
    this.#nextCut = null;
    const cut = await cutTimes(this.#tx, new RowCutter(tail.start, this.#perWindow), span);
    await this.#save(cut.map((window) => ({ ...window, revision: 1, state: 'ready' })));
    const taken = cut.reduce((sum, { rows }) => sum + rows, 0);
    await this.#saveTail({ start: cut.at(-1)?.end ?? tail.start, rows: tail.rows - taken });
  }

  async #saveTail(tail: Tail): Promise<void> {
    this.#tail = tail;
    // Where it will end is not known: so far it reaches to the latest event.
    const end = Math.max(tail.start, this.#seen.watermark ?? tail.start) + 1;
    await this.#save([{ ...tail, end, revision: 1, state: 'open' }]);
  }

  async #save(changes: readonly WindowChange[]): Promise<void> {
    const { projectId, id: monitorId } = this.#sorted.monitor;
    for (const id of await saveWindows(this.#tx, { projectId, monitorId }, changes)) this.#ready.add(id);
  }
}

async function cutTimes(tx: Db, cutter: RowCutter, span: Parameters<typeof eachEventTime>[1]): Promise<CutWindow[]> {
  const cut: CutWindow[] = [];
  for await (const page of eachEventTime(tx, span)) {
    for (const { time, rows } of page) {
      const complete = cutter.add(time, rows);
      if (complete !== null) cut.push(complete);
    }
  }
  return cut;
}
