/** Sends batches from several connections at once and answers with how long it took: a process of its own. */
import { setTimeout as delay } from 'node:timers/promises';
import { CONTENT_TYPES, type Form, formed } from './census-forms.ts';
import { censusPredictions } from './census-rows.ts';
import { sink } from './measure.ts';
import { PlainConnection } from './plain-connection.ts';

export type Load = {
  readonly url: string;
  readonly form: Form;
  readonly clients: number;
  readonly batches: number;
  readonly rowsPerBatch: number;
  /** Number of the first row. */
  readonly from: number;
  /** Milliseconds from one batch to the next; without it each connection sends as fast as it is answered. */
  readonly every?: number;
};

export type LoadAnswer = {
  readonly milliseconds: number;
  /** Of each batch, from its first byte sent (from when it was due, where no connection was free then) to the last of its answer. */
  readonly latencies: readonly number[];
  /** Bytes sent. */
  readonly bytes: number;
};

process.once('message', (load: Load) => {
  void run(load).then((answer) => process.send?.(answer));
});

/** @returns the time by which the sending is late from then on: that of waking where it waited, else when it was due. */
async function comeDue(due: number): Promise<number> {
  const early = due - performance.now();
  if (early <= 0) return due;
  await delay(early);
  return performance.now();
}

async function run({ url, form, clients, batches, rowsPerBatch, from, every = 0 }: Load): Promise<LoadAnswer> {
  const address = new URL(url);
  let bytes = 0;
  const requests = Array.from({ length: batches }, (_, i) => {
    const body = formed(form, censusPredictions(from + i * rowsPerBatch, rowsPerBatch));
    bytes += body.byteLength;
    return PlainConnection.request(address, CONTENT_TYPES[form], body);
  });
  const connections = await Promise.all(Array.from({ length: clients }, () => PlainConnection.open(address)));
  const latencies: number[] = [];
  const started = performance.now();
  let next = 0;
  const client = async (connection: PlainConnection): Promise<void> => {
    for (;;) {
      const i = next++;
      const request = requests[i];
      if (request === undefined) return;
      const sent = every === 0 ? performance.now() : await comeDue(started + i * every);
      sink(await connection.send(request));
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(connections.map(client));
  const milliseconds = performance.now() - started;
  for (const connection of connections) connection.close();
  return { milliseconds, latencies, bytes };
}
