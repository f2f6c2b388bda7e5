import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import type { Form } from './census-forms.ts';
import { ask } from './child-process.ts';
import { callJson } from './http-client.ts';
import { databaseUrl, settled, withServers } from './ingestion-servers.ts';
import type { Load, LoadAnswer } from './load-client.ts';
import type { BenchOptions } from './main.ts';
import { median } from './measure.ts';
import type { BenchResult } from './report.ts';

/** A steady stream, well within what the service takes: beyond it a latency says how long the queue was let grow. */
const STREAM = { clients: 4, rowsPerBatch: 500, every: 25 } as const satisfies Partial<Load>;
const FORMS = ['ndjson', 'arrow'] as const satisfies readonly Form[];

/** What is judged at first: more than a day at a row a second. What is sent later lies behind it. */
const HISTORY = { batches: 100, rowsPerBatch: 1000 };
const WINDOW = 'PT1H';
/** Of a phase: short, so that a slow moment of the machine meets both sides. */
const SECONDS = 3;
const WARM_UP_SECONDS = 1.5;
/** 120 batches a phase, and a thousand of each side in all. */
const ROUNDS = { quick: 5, full: 9 };

/**
 * How long a durable batch takes on a quiet service, and while it judges windows without a pause: those of one monitor
 * after another, over all that was logged. Phases of both take turns, and so does which of them comes first. Compared are
 * the 99th percentiles of all batches of each side: of one round it is its second longest batch, which chance makes twice
 * as long as in another.
 */
export async function benchIngestionJudging({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  return withServers(join(folder, 'judging'), async ({ database, service }) => {
    const sql = postgres(databaseUrl(database, 'service'), { max: 1 });
    const bench = new Bench(service.url, sql);
    try {
      await bench.log({ form: 'ndjson', clients: 4, ...HISTORY });
      const found = { ndjson: noLatencies(), arrow: noLatencies() };
      for (const form of FORMS) await bench.both(sendingOf(form, WARM_UP_SECONDS), { judgingFirst: false });
      for (let round = 0; round < (quick ? ROUNDS.quick : ROUNDS.full); round++) {
        for (const form of FORMS) {
          const { quiet, judging } = await bench.both(sendingOf(form, SECONDS), { judgingFirst: round % 2 === 1 });
          found[form].quiet.push(sorted(quiet));
          found[form].judging.push(sorted(judging.result));
          found[form].windows += judging.windows;
        }
      }
      return [resultOf('NDJSON', found.ndjson), resultOf('Arrow', found.arrow)];
    } finally {
      await sql.end();
    }
  });
}

const sendingOf = (form: Form, seconds: number): Sending => ({
  ...STREAM,
  form,
  batches: (seconds * 1000) / STREAM.every,
});

type Sending = Omit<Load, 'url' | 'from'>;

/** In milliseconds, ascending; a list a round. */
type Latencies = { readonly quiet: Round[]; readonly judging: Round[]; windows: number };
type Round = readonly number[];

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
  async log(sending: Sending): Promise<readonly number[]> {
    const load: Load = { ...sending, url: `${this.#url}/v1/models/census/predictions`, from: this.#rows };
    const { latencies } = await ask<LoadAnswer>('load-client.ts', load);
    this.#rows += sending.batches * sending.rowsPerBatch;
    await settled(this.#url, this.#rows);
    return latencies;
  }

  /** A phase of each side. */
  async both(sending: Sending, { judgingFirst }: { judgingFirst: boolean }) {
    const busily = () => this.whileJudging(() => this.log(sending));
    if (!judgingFirst) return { quiet: await this.log(sending), judging: await busily() };
    const judging = await busily();
    return { quiet: await this.log(sending), judging };
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
  const [calm, busy] = [sorted(quiet.flat()), sorted(judging.flat())];
  const ratios = sorted(quiet.map((round, i) => at(judging[i] ?? [], 0.99) / at(round, 0.99)));
  return {
    name: `ingestion while judging, ${form}`,
    what: `p99 of ${busy.length} durable batches at a steady pace while windows are judged / on the quiet service, in ${ratios.length} rounds in turns`,
    unit: '×',
    value: at(busy, 0.99) / at(calm, 0.99),
    aim: { at: 'most', value: 2 },
    figures: {
      'lowest of a round': at(ratios, 0),
      'highest of a round': at(ratios, 1),
      'median of the rounds': median(ratios),
      'quiet p50 ms': median(calm),
      'quiet p99 ms': at(calm, 0.99),
      'quiet longest ms': at(calm, 1),
      'judging p50 ms': median(busy),
      'judging p99 ms': at(busy, 0.99),
      'judging longest ms': at(busy, 1),
      batches: calm.length,
      'windows judged': windows,
    },
  };
}

const sorted = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

const at = (values: readonly number[], share: number): number =>
  values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
