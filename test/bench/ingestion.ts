import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { censusPredictions, trainingCsv } from './census-rows.ts';
import { ask, processorTime, type Running, startServer, startService } from './child-process.ts';
import { call, callJson } from './http-client.ts';
import type { Load, LoadAnswer } from './load-client.ts';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio, type Times, timesOf } from './measure.ts';
import type { BenchResult } from './report.ts';

const ROWS_PER_BATCH = 1000;
const CLIENTS = 4;

/**
 * Batches of 1,000 predictions from four connections: the service against a naive server, both on one PostgreSQL
 * with fsync and synchronous commit, both answering when the rows are durable. Settling runs beside acceptance,
 * as it does in life; how long it takes beyond the last answer is the lag.
 */
export async function benchIngestion({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  mkdirSync(join(folder, 'postgres'));
  const database = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), log: console });
  await makeDatabases(database.url);
  const service = await startService(folder, { DATABASE_URL: databaseUrl(database.url, 'service') });
  const naive = await startServer('naive-server.ts', [databaseUrl(database.url, 'naive')]);
  try {
    await prepareModel(service.url);
    const batches = quick ? 40 : 150;
    const lags: number[] = [];
    const sides = {
      ours: new Side(service, { database: database.url, name: 'service', batches }),
      theirs: new Side(naive, { database: database.url, name: 'naive', batches }),
    };
    const { ours, theirs } = await interleave(
      {
        ours: (round) =>
          sides.ours.turn(round, async () => {
            const lag = await settled(service.url, (round + 1) * batches * ROWS_PER_BATCH);
            if (round > 0) lags.push(lag);
          }),
        theirs: (round) => sides.theirs.turn(round, async () => {}),
      },
      { rounds: quick ? 2 : 4 },
    );
    return [resultOf({ ours, theirs, lags, sides, batches })];
  } finally {
    await Promise.all([service.end(), naive.end()]);
    await database.stop();
  }
}

/** One of the two servers, and what its turns cost. */
class Side {
  readonly answers: LoadAnswer[] = [];
  /** Processor time of a batch, the server's and its database backends', in milliseconds; an entry a round. */
  readonly cost: number[] = [];
  readonly #server: Running;
  readonly #given: { readonly database: string; readonly name: string; readonly batches: number };

  constructor(server: Running, given: { database: string; name: string; batches: number }) {
    this.#server = server;
    this.#given = given;
  }

  /** Sends a round of batches and then runs `rest`, which costs but does not count as time. */
  async turn(round: number, rest: () => Promise<void>): Promise<number> {
    const { database, name, batches } = this.#given;
    const before = await processorTimes(this.#server, database, name);
    const answer = await ask<LoadAnswer>('load-client.ts', {
      url: `${this.#server.url}/v1/models/census/predictions`,
      clients: CLIENTS,
      batches,
      rowsPerBatch: ROWS_PER_BATCH,
      from: round * batches * ROWS_PER_BATCH,
    } satisfies Load);
    await rest();
    if (round > 0) {
      this.answers.push(answer);
      this.cost.push(spent(before, await processorTimes(this.#server, database, name)) / batches);
    }
    return answer.milliseconds;
  }
}

type Measured = {
  readonly ours: Times;
  readonly theirs: Times;
  readonly lags: readonly number[];
  readonly sides: { readonly ours: Side; readonly theirs: Side };
  readonly batches: number;
};

function resultOf({ ours, theirs, lags, sides, batches }: Measured): BenchResult {
  const rate = (milliseconds: number): number => (batches * ROWS_PER_BATCH * 1000) / milliseconds;
  const withLag = timesOf(ours.rounds.map((time, i) => time + (lags[i] ?? 0)));
  return {
    name: 'ingestion',
    what: `naive server / service, ${batches} batches of ${ROWS_PER_BATCH} rows, ${CLIENTS} clients, durable`,
    unit: '×',
    value: medianRatio(theirs, ours),
    aim: { at: 'least', value: 4 },
    figures: {
      'rows/s': rate(ours.median),
      'best rows/s': rate(ours.min),
      'naive rows/s': rate(theirs.median),
      'best naive rows/s': rate(theirs.min),
      'settle lag ms': median(lags),
      'rows/s until settled': rate(withLag.median),
      'ratio until settled': medianRatio(theirs, withLag),
      'CPU ms/batch until settled': median(sides.ours.cost),
      'naive CPU ms/batch': median(sides.theirs.cost),
      ...latencies('', sides.ours.answers),
      ...latencies('naive ', sides.theirs.answers),
      'bytes/row': (sides.ours.answers[0]?.bytes ?? 0) / (batches * ROWS_PER_BATCH),
    },
  };
}

function latencies(name: string, answers: readonly LoadAnswer[]): Record<string, number> {
  const sorted = answers.flatMap((answer) => answer.latencies).sort((a, b) => a - b);
  return { [`${name}p50 ms`]: median(sorted), [`${name}p99 ms`]: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
}

/** Of a server and of each backend that works for it, by process. */
async function processorTimes(server: Running, url: string, database: string): Promise<Map<number, number>> {
  const sql = postgres(url, { max: 1 });
  const backends = await sql<{ pid: number }[]>`select pid from pg_stat_activity where datname = ${database}`;
  await sql.end();
  const pids = [server.pid, ...backends.map(({ pid }) => pid)];
  return new Map(pids.map((pid) => [pid, processorTime(pid)]));
}

function spent(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const [pid, time] of after) total += time - (before.get(pid) ?? 0);
  return total;
}

async function makeDatabases(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  for (const name of ['service', 'naive']) await sql.unsafe(`create database ${name}`);
  await sql.end();
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** A model bound to training data of the same columns, so that the types of every row are checked. */
async function prepareModel(url: string): Promise<void> {
  const body = trainingCsv(censusPredictions(1_000_000_000, 2000));
  await call({ method: 'POST', url: `${url}/v1/datasets/census/versions?path=training.csv`, body });
  await callJson({ method: 'POST', url: `${url}/v1/models`, json: { name: 'census', task: 'binary' } });
  const json = { dataset: 'census', ref: 'latest', roles: { prediction: 'prediction', score: 'score' } };
  await callJson({ method: 'POST', url: `${url}/v1/models/census/versions`, json });
}

/** Milliseconds until every row is settled. @throws Error when rows are missing then. */
async function settled(url: string, rows: number): Promise<number> {
  const started = performance.now();
  for (;;) {
    const counts = await callJson({ method: 'GET', url: `${url}/v1/models/census/counts` });
    if (counts.unsettled_batches === 0) {
      if (counts.settled === rows) return performance.now() - started;
      throw new Error(`${String(counts.settled)} rows are settled where ${rows} were accepted`);
    }
    await delay(20);
  }
}
