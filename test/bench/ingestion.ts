import postgres from 'postgres';
import { ask, processorTime, type Running } from './child-process.ts';
import { settled, withServers } from './ingestion-servers.ts';
import type { Load, LoadAnswer } from './load-client.ts';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio, type Times, timesOf } from './measure.ts';
import type { BenchResult } from './report.ts';

const ROWS_PER_BATCH = 1000;
const CLIENTS = 4;

/**
 * Batches of 1,000 predictions from four connections: the service against two naive servers. Settling runs beside
 * acceptance, as it does in life; how long it takes beyond the last answer is the lag.
 */
export async function benchIngestion({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  return withServers(folder, async ({ database, service, byRow, byBatch }) => {
    const batches = quick ? 40 : 100;
    const lags: number[] = [];
    const side = (server: Running, name: string) => new Side(server, { database, name, batches });
    const sides = { ours: side(service, 'service'), rows: side(byRow, 'rows'), batch: side(byBatch, 'batch') };
    const times = await interleave(
      {
        ours: (round) =>
          sides.ours.turn(round, async () => {
            const lag = await settled(service.url, (round + 1) * batches * ROWS_PER_BATCH);
            if (round > 0) lags.push(lag);
          }),
        rows: (round) => sides.rows.turn(round, async () => {}),
        batch: (round) => sides.batch.turn(round, async () => {}),
      },
      { rounds: quick ? 2 : 3 },
    );
    return [resultOf({ times, lags, sides, batches })];
  });
}

/** One of the servers, and what its turns cost. */
class Side {
  readonly answers: LoadAnswer[] = [];
  /** Processor time of a batch in milliseconds; an entry a round. */
  readonly serverCost: number[] = [];
  /** The same of its database backends. */
  readonly databaseCost: number[] = [];
  readonly #server: Running;
  readonly #given: { readonly database: string; readonly name: string; readonly batches: number };

  constructor(server: Running, given: { database: string; name: string; batches: number }) {
    this.#server = server;
    this.#given = given;
  }

  /** Sends a round of batches and then runs `rest`, which costs but does not count as time. */
  async turn(round: number, rest: () => Promise<void>): Promise<number> {
    const { batches } = this.#given;
    const before = await this.#processorTimes();
    const answer = await ask<LoadAnswer>('load-client.ts', {
      url: `${this.#server.url}/v1/models/census/predictions`,
      form: 'ndjson',
      clients: CLIENTS,
      batches,
      rowsPerBatch: ROWS_PER_BATCH,
      from: round * batches * ROWS_PER_BATCH,
    } satisfies Load);
    await rest();
    if (round > 0) {
      this.answers.push(answer);
      const after = await this.#processorTimes();
      this.serverCost.push((after.server - before.server) / batches);
      this.databaseCost.push(spent(before.backends, after.backends) / batches);
    }
    return answer.milliseconds;
  }

  async #processorTimes(): Promise<{ server: number; backends: Map<number, number> }> {
    const { database, name } = this.#given;
    return { server: processorTime(this.#server.pid), backends: await backendTimes(database, name) };
  }
}

type Name = 'ours' | 'rows' | 'batch';

type Measured = {
  readonly times: Readonly<Record<Name, Times>>;
  readonly lags: readonly number[];
  readonly sides: Readonly<Record<Name, Side>>;
  readonly batches: number;
};

function resultOf({ times, lags, sides, batches }: Measured): BenchResult {
  const rate = (milliseconds: number): number => (batches * ROWS_PER_BATCH * 1000) / milliseconds;
  const withLag = timesOf(times.ours.rounds.map((time, i) => time + (lags[i] ?? 0)));
  const figuresOf = (name: string, side: Name): Record<string, number> => ({
    [`${name}rows/s`]: rate(times[side].median),
    [`${name}best rows/s`]: rate(times[side].min),
    [`${name}CPU ms/batch`]: median(sides[side].serverCost),
    [`${name}database CPU ms/batch`]: median(sides[side].databaseCost),
    ...latencies(name, sides[side].answers),
  });
  return {
    name: 'ingestion',
    what: `naive server by row inserts / service, ${batches} batches of ${ROWS_PER_BATCH} rows, ${CLIENTS} clients, durable`,
    unit: '×',
    value: medianRatio(times.rows, times.ours),
    aim: { at: 'least', value: 8 },
    figures: {
      'ratio to multi-row inserts': medianRatio(times.batch, times.ours),
      'settle lag ms': median(lags),
      'rows/s until settled': rate(withLag.median),
      'ratio until settled': medianRatio(times.rows, withLag),
      'ratio to multi-row inserts until settled': medianRatio(times.batch, withLag),
      ...figuresOf('', 'ours'),
      ...figuresOf('row inserts ', 'rows'),
      ...figuresOf('multi-row inserts ', 'batch'),
      'bytes/row': (sides.ours.answers[0]?.bytes ?? 0) / (batches * ROWS_PER_BATCH),
    },
  };
}

function latencies(name: string, answers: readonly LoadAnswer[]): Record<string, number> {
  const sorted = answers.flatMap((answer) => answer.latencies).sort((a, b) => a - b);
  return { [`${name}p50 ms`]: median(sorted), [`${name}p99 ms`]: sorted[Math.floor(sorted.length * 0.99)] ?? 0 };
}

/** Of each backend that works for a database, by process. */
async function backendTimes(url: string, database: string): Promise<Map<number, number>> {
  const sql = postgres(url, { max: 1 });
  const backends = await sql<{ pid: number }[]>`select pid from pg_stat_activity where datname = ${database}`;
  await sql.end();
  return new Map(backends.map(({ pid }) => [pid, processorTime(pid)]));
}

function spent(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const [pid, time] of after) total += time - (before.get(pid) ?? 0);
  return total;
}
