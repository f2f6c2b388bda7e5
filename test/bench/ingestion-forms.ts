import { join } from 'node:path';
import { ask, type Running } from './child-process.ts';
import { settled, withServers } from './ingestion-servers.ts';
import type { Load, LoadAnswer } from './load-client.ts';
import type { BenchOptions } from './main.ts';
import { interleave, median, medianRatio, type Times } from './measure.ts';
import type { BenchResult } from './report.ts';

/** What a side sends in a round. Numbers of rows begin apart, so that no side repeats another's. */
type Sending = Omit<Load, 'url' | 'from'> & { readonly first: number };

/**
 * The same predictions in the forms that cost a sender less than NDJSON, and one by one; against the naive server,
 * which takes NDJSON by row inserts. Figures are rows per second, so that sides may send as much as fits their pace.
 */
export async function benchIngestionForms({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const size = quick ? 1 : 2;
  const sendings = {
    columns: { form: 'columns', clients: 4, batches: 40 * size, rowsPerBatch: 1000, first: 5e7 },
    arrow: { form: 'arrow', clients: 4, batches: 8 * size, rowsPerBatch: 20_000, first: 1e8 },
    single: { form: 'ndjson', clients: 96, batches: 4000 * size, rowsPerBatch: 1, first: 1.5e8 },
    naive: { form: 'ndjson', clients: 4, batches: 8 * size, rowsPerBatch: 1000, first: 5e7 },
    naiveSingle: { form: 'ndjson', clients: 96, batches: 2000 * size, rowsPerBatch: 1, first: 1.5e8 },
  } as const satisfies Record<string, Sending>;
  return withServers(join(folder, 'forms'), async ({ service, byRow }) => {
    let sent = 0;
    const latencies: number[] = [];
    const ours = async (round: number, sending: Sending): Promise<number> => {
      const answer = await send(service, round, sending);
      if (sending.rowsPerBatch === 1 && round > 0) latencies.push(...answer.latencies);
      sent += sending.batches * sending.rowsPerBatch;
      await settled(service.url, sent);
      return perRow(answer, sending);
    };
    const naive = async (round: number, sending: Sending): Promise<number> =>
      perRow(await send(byRow, round, sending), sending);
    const times = await interleave(
      {
        columns: (round) => ours(round, sendings.columns),
        arrow: (round) => ours(round, sendings.arrow),
        single: (round) => ours(round, sendings.single),
        naive: (round) => naive(round, sendings.naive),
        naiveSingle: (round) => naive(round, sendings.naiveSingle),
      },
      { rounds: quick ? 2 : 3 },
    );
    return [
      resultOf('ingestion, JSON columns', 'batches of 1,000 rows', { ours: times.columns, naive: times.naive, aim: 8 }),
      resultOf('ingestion, Arrow', 'batches of 20,000 rows', { ours: times.arrow, naive: times.naive, aim: 30 }),
      singleResult(times, latencies),
    ];
  });
}

/** Milliseconds a row. */
const perRow = ({ milliseconds }: LoadAnswer, { batches, rowsPerBatch }: Sending): number =>
  milliseconds / (batches * rowsPerBatch);

const perSecond = (times: Times): number => 1000 / times.median;

function send(server: Running, round: number, { first, ...sending }: Sending): Promise<LoadAnswer> {
  return ask<LoadAnswer>('load-client.ts', {
    ...sending,
    url: `${server.url}/v1/models/census/predictions`,
    from: first + round * sending.batches * sending.rowsPerBatch,
  } satisfies Load);
}

type Compared = { readonly ours: Times; readonly naive: Times; readonly aim: number };

function resultOf(name: string, how: string, { ours, naive, aim }: Compared): BenchResult {
  return {
    name,
    what: `naive server by row inserts of NDJSON / service, time a row, ${how}, durable`,
    unit: '×',
    value: medianRatio(naive, ours),
    aim: { at: 'least', value: aim },
    figures: {
      'rows/s': perSecond(ours),
      'best rows/s': 1000 / ours.min,
      'row inserts rows/s': perSecond(naive),
    },
  };
}

function singleResult(times: { single: Times; naiveSingle: Times }, latencies: readonly number[]): BenchResult {
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    name: 'ingestion, single records',
    what: 'records a second, each a request of its own from one of 96 connections, durable',
    unit: 'records/s',
    value: perSecond(times.single),
    aim: { at: 'least', value: 5000 },
    figures: {
      'best records/s': 1000 / times.single.min,
      'row inserts records/s': perSecond(times.naiveSingle),
      'ratio to row inserts': medianRatio(times.naiveSingle, times.single),
      'p50 ms': median(sorted),
      'p99 ms': sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    },
  };
}
