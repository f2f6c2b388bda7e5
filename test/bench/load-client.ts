/** Sends batches from several connections at once and answers with how long it took: a process of its own. */
import { Agent } from 'node:http';
import { CONTENT_TYPES, type Form, formed } from './census-forms.ts';
import { censusPredictions } from './census-rows.ts';
import { call } from './http-client.ts';
import { sink } from './measure.ts';

export type Load = {
  readonly url: string;
  readonly form: Form;
  readonly clients: number;
  readonly batches: number;
  readonly rowsPerBatch: number;
  /** Number of the first row. */
  readonly from: number;
};

export type LoadAnswer = {
  readonly milliseconds: number;
  /** Of each batch, from its first byte sent to the last byte of its answer. */
  readonly latencies: readonly number[];
  /** Bytes sent. */
  readonly bytes: number;
};

process.once('message', (load: Load) => {
  void run(load).then((answer) => process.send?.(answer));
});

async function run({ url, form, clients, batches, rowsPerBatch, from }: Load): Promise<LoadAnswer> {
  const bodies = Array.from({ length: batches }, (_, i) =>
    formed(form, censusPredictions(from + i * rowsPerBatch, rowsPerBatch)),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const latencies: number[] = [];
  const started = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const sent = performance.now();
      const headers = { 'content-type': CONTENT_TYPES[form], 'content-length': body.byteLength };
      sink(await call({ method: 'POST', url, headers, body, agent }));
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const milliseconds = performance.now() - started;
  agent.destroy();
  return { milliseconds, latencies, bytes: bodies.reduce((sum, body) => sum + body.byteLength, 0) };
}
