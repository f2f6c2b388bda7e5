import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, peakMemory, processorTimeOfTree, type Running, startService } from './child-process.ts';
import { callJson } from './http-client.ts';
import { prepareModel, settled } from './ingestion-servers.ts';
import type { Load } from './load-client.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult } from './report.ts';

const SHORT_ROWS = 100_000;
const LONG_ROWS = { quick: 1_000_000, full: 10_000_000 };
const BATCH_ROWS = 5000;
/** Bodies that are made before they are sent: some hundred MiB. */
const BATCHES_AT_ONCE = 200;

/** At a row a second: as many rows in each window, however long the log is. */
const WINDOW = 'PT1H';
const WINDOW_ROWS = 3600;

const MOST_GROWTH = 1.2;
const MOST_MEBIBYTES = 1024;

/**
 * What judging a window costs in a short log and in a long one: processor time of the service, its children and its
 * database for all windows of a new monitor, by their number. Memory is that of the largest process.
 */
export async function benchLongLog({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const service = await startService(join(folder, 'long-log'));
  try {
    await prepareModel(service.url);
    const log = new Log(service);
    await log.growTo(SHORT_ROWS);
    // The first one warms up.
    await log.judgeAll();
    const short = await log.judgeAll();
    const before = peakMemory(service.pid);
    const rows = quick ? LONG_ROWS.quick : LONG_ROWS.full;
    await log.growTo(rows);
    const long = await log.judgeAll();
    const after = peakMemory(service.pid);
    const largest = Math.max(after.own, ...after.children);
    const size = rows.toLocaleString('en');
    const figures = {
      'short log CPU ms/window': short,
      'long log CPU ms/window': long,
      windows: log.windows,
    };
    const mebibytes = {
      'service MiB, short log': before.own,
      'service MiB, long log': after.own,
      'largest child MiB': Math.max(0, ...after.children),
    };
    return [
      {
        name: 'judging in a long log',
        what: `processor time a window of ${WINDOW_ROWS} rows, in a log of ${size} / of ${SHORT_ROWS.toLocaleString('en')}`,
        unit: '×',
        value: long / short,
        aim: { at: 'most', value: MOST_GROWTH },
        figures,
      },
      {
        name: 'memory of a long log',
        what: `peak of the largest process that took and judged ${size} rows`,
        unit: 'MiB',
        value: largest,
        aim: { at: 'most', value: MOST_MEBIBYTES },
        figures: mebibytes,
      },
    ];
  } finally {
    await service.end();
  }
}

type Page = { readonly items: readonly { readonly state: string }[]; readonly next: string | null };

/** Every page of windows looks so. */
const page = async (url: string): Promise<Page> => (await callJson({ method: 'GET', url })) as unknown as Page;

class Log {
  readonly #service: Running;
  #rows = 0;
  #monitors = 0;

  constructor(service: Running) {
    this.#service = service;
  }

  /** Whole windows of what was logged. */
  get windows(): number {
    return Math.floor(this.#rows / WINDOW_ROWS);
  }

  get #model(): string {
    return `${this.#service.url}/v1/models/census`;
  }

  /** Logs the rows that are missing, in order, and waits until they are settled. */
  async growTo(rows: number): Promise<void> {
    while (this.#rows < rows) {
      const batches = Math.min(BATCHES_AT_ONCE, Math.ceil((rows - this.#rows) / BATCH_ROWS));
      const load = { url: `${this.#model}/predictions`, form: 'arrow', clients: 4, batches, rowsPerBatch: BATCH_ROWS };
      await ask('load-client.ts', { ...load, form: 'arrow', from: this.#rows } satisfies Load);
      this.#rows += batches * BATCH_ROWS;
      await settled(this.#service.url, this.#rows);
    }
    await this.#rest();
  }

  /** Has a new monitor judge every window. @returns milliseconds of processor time for each. */
  async judgeAll(): Promise<number> {
    const before = processorTimeOfTree(this.#service.pid);
    const monitors = `${this.#model}/monitors`;
    const name = `monitor-${this.#monitors++}`;
    await callJson({ method: 'POST', url: monitors, json: { name, window: { length: WINDOW }, lateness: 0 } });
    await callJson({
      method: 'POST',
      url: `${this.#model}/watermark`,
      json: { through: new Date(FIRST_TIME + this.windows * WINDOW_ROWS * 1000).toISOString() },
    });
    while ((await this.#judged(`${monitors}/${name}`)) < this.windows) await delay(5000);
    await this.#rest();
    const spent = processorTimeOfTree(this.#service.pid) - before;
    // What comes later is not judged by it too.
    await callJson({ method: 'PATCH', url: `${monitors}/${name}`, json: { enabled: false } });
    return spent / this.windows;
  }

  /** Asks for the newest window until that is judged, then for all: to list thousands costs the service time too. */
  async #judged(monitor: string): Promise<number> {
    // The rows of the last one may not be all there.
    const newest = await page(`${monitor}/windows?limit=2&order=newest`);
    if (!newest.items.some(({ state }) => state === 'judged')) return 0;
    let judged = 0;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { items, next } = await page(`${monitor}/windows?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
      judged += items.filter(({ state }) => state === 'judged').length;
      cursor = next;
    }
    return judged;
  }

  /** Until nothing is left to do: what follows from verdicts belongs to them. */
  async #rest(): Promise<void> {
    for (let spent = Number.POSITIVE_INFINITY; spent > IDLE_MILLISECONDS; ) {
      const before = processorTimeOfTree(this.#service.pid);
      await delay(2000);
      spent = processorTimeOfTree(this.#service.pid) - before;
    }
  }
}

/** Of two seconds: schedules and the database's own work. */
const IDLE_MILLISECONDS = 100;

/** The time of the first row of `censusPredictions`. */
const FIRST_TIME = Date.UTC(2018, 0, 1);
