import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { ask } from './child-process.ts';
import { callJson } from './http-client.ts';
import { databaseUrl, settled, withServers } from './ingestion-servers.ts';
import type { Load, LoadAnswer } from './load-client.ts';
import type { BenchOptions } from './main.ts';
import { median } from './measure.ts';
import type { BenchResult } from './report.ts';

/** A steady stream, well within what the service takes: beyond it a latency says how long the queue was let grow. */
const STREAMS = {
  ndjson: { form: 'ndjson', clients: 4, rowsPerBatch: 1000, every: 50 },
  arrow: { form: 'arrow', clients: 4, rowsPerBatch: 5000, every: 200 },
} as const satisfies Record<string, Partial<Load>>;

type StreamName = keyof typeof STREAMS;

/** What is judged at first: more than a day at a row a second. What is sent later lies behind it. */
const HISTORY = { batches: 100, rowsPerBatch: 1000 };
const WINDOW = 'PT1H';
const SECONDS = { quick: 4, full: 10 };

/**
 * How long a durable batch takes on a quiet service, and while it judges windows without a pause: those of one monitor
 * after another, over all that was logged. Rounds of both take turns.
 */
export async function benchIngestionJudging({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  return withServers(join(folder, 'judging'), async ({ database, service }) => {
    const sql = postgres(databaseUrl(database, 'service'), { max: 1 });
    const bench = new Bench(service.url, sql);
    try {
      await bench.log({ form: 'ndjson', clients: 4, ...HISTORY });
      const seconds = quick ? SECONDS.quick : SECONDS.full;
      const found: Record<StreamName, Latencies> = { ndjson: noLatencies(), arrow: noLatencies() };
      // The first round warms up.
      for (let round = 0; round <= (quick ? 1 : 3); round++) {
        for (const name of ['ndjson', 'arrow'] as const) {
          const sending = { ...STREAMS[name], batches: (seconds * 1000) / STREAMS[name].every };
          const quietly = await bench.log(sending);
          const judging = await bench.whileJudging(() => bench.log(sending));
          if (round === 0) continue;
          found[name].quiet.push(...quietly);
          found[name].judging.push(...judging.result);
          found[name].windows += judging.windows;
        }
      }
      return [resultOf('NDJSON', found.ndjson), resultOf('Arrow', found.arrow)];
    } finally {
      await sql.end();
    }
  });
}

type Latencies = { readonly quiet: number[]; readonly judging: number[]; windows: number };

const noLatencies = (): Latencies => ({ quiet: [], judging: [], windows: 0 });

class Bench {
  readonly #url: string;
  readonly sql: postgres.Sql;
  #rows = 0;
  #monitors = 0;

  constructor(url: string, sql: postgres.Sql) {
    this.#url = url;
    this.sql = sql;
  }

  /** Sends rows that were not sent before, and waits until they are settled. @returns the latencies. */
  async log(sending: Omit<Load, 'url' | 'from'>): Promise<readonly number[]> {
    const load: Load = { ...sending, url: `${this.#url}/v1/models/census/predictions`, from: this.#rows };
    const { latencies } = await ask<LoadAnswer>('load-client.ts', load);
    this.#rows += sending.batches * sending.rowsPerBatch;
    await settled(this.#url, this.#rows);
    return latencies;
  }

  /** Begins with the first verdict and is over when nothing is left of it. `windows`: how many were judged meanwhile. */
  async whileJudging<T>(work: () => Promise<T>): Promise<{ result: T; windows: number }> {
    const going = { on: true };
    const before = await this.#judged();
    const judging = this.#judge(going);
    while ((await this.#judged()) === before) await delay(10);
    const begun = await this.#judged();
    const result = await work();
    const windows = (await this.#judged()) - begun;
    going.on = false;
    await judging;
    return { result, windows };
  }

  async #judge(going: { on: boolean }): Promise<void> {
    while (going.on) {
      const name = `monitor-${this.#monitors++}`;
      const path = `${this.#url}/v1/models/census/monitors`;
      await callJson({ method: 'POST', url: path, json: { name, window: { length: WINDOW }, lateness: 0 } });
      while (going.on && (await this.#busy())) await delay(50);
      await this.sql`update monitors set enabled = 'off' where name = ${name}`;
    }
    // What is not begun is left; what runs is waited for.
    await this.sql`delete from jobs where name = any(${JUDGING}) and state = 'waiting'`;
    while (await this.#busy()) await delay(50);
  }

  async #judged(): Promise<number> {
    const [row] = await this.sql<{ judged: number }[]>`select count(*)::int as judged from reports`;
    return row?.judged ?? 0;
  }

  /** Whether there is a window to judge, or something to do about one. */
  async #busy(): Promise<boolean> {
    return (await this.sql`select 1 from jobs where name = any(${JUDGING}) limit 1`).length > 0;
  }
}

const JUDGING = ['close-windows', 'judge-window', 'measure-performance', 'estimate-performance', 'evaluate-alert'];

function resultOf(form: string, { quiet, judging, windows }: Latencies): BenchResult {
  const calm = sorted(quiet);
  const busy = sorted(judging);
  return {
    name: `ingestion while judging, ${form}`,
    what: 'p99 of durable batches at a steady pace, while windows are judged / on the quiet service',
    unit: '×',
    value: at(busy, 0.99) / at(calm, 0.99),
    aim: { at: 'most', value: 2 },
    figures: {
      'quiet p50 ms': median(calm),
      'quiet p99 ms': at(calm, 0.99),
      'quiet longest ms': at(calm, 1),
      'judging p50 ms': median(busy),
      'judging p99 ms': at(busy, 0.99),
      'judging longest ms': at(busy, 1),
      batches: quiet.length,
      'windows judged': windows,
    },
  };
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

const at = (values: readonly number[], share: number): number =>
  values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
