import { DAY, MODEL, makeRows, predictions, referenceCsv } from '../domain/monitor/story.ts';
import { type Api, createApi } from '../e2e/api.ts';
import { type RunningService, removeFolder, startService, until } from '../e2e/service.ts';

export { MODEL } from '../domain/monitor/story.ts';

type Run = {
  readonly id: string;
  readonly state: string;
  readonly external_url: string | null;
  readonly error: string | null;
  readonly training: { dataset: string; version: number; oid: string } | null;
  readonly events: readonly { state: string; author: string; detail: Record<string, unknown> }[];
  readonly messages: readonly { id: string; state: string; type: string; tries: readonly { error: string | null }[] }[];
};

/** The built service with a model in production, whose policy retrains when it is asked to. */
export type Production = {
  readonly service: RunningService;
  readonly api: Api;
  readonly start: () => Promise<string>;
  readonly run: (id: string) => Promise<Run>;
  /** Waits until a run is in a state. */
  readonly becomes: (id: string, state: string, seconds?: number) => Promise<Run>;
  readonly inService: () => Promise<string>;
  readonly close: () => Promise<void>;
};

const LABELLED = 400;

export async function startProduction(): Promise<Production> {
  const service = await startService({ env: { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' } });
  const api = createApi(service.url);
  await api.post('/v1/datasets/credit/versions?path=train.csv', referenceCsv(makeRows(2000, 1)), {
    'content-type': 'text/csv',
  });
  await api.post('/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
  const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
  await api.post(`/v1/models/${MODEL}/versions`, { name: '1', dataset: 'credit', ref: 'v1', roles });
  await api.post(`/v1/models/${MODEL}/monitors`, { name: 'daily' });
  const rows = makeRows(LABELLED, 2);
  const to = Math.floor(Date.now() / DAY) * DAY;
  const log = (kind: string, lines: readonly object[]) =>
    api.post(`/v1/models/${MODEL}/${kind}`, lines.map((line) => JSON.stringify(line)).join('\n'), {
      'content-type': 'application/x-ndjson',
    });
  await log('predictions', predictions(rows, { id: 'p', from: to - DAY, to }));
  await log(
    'labels',
    rows.map(({ prediction }, i) => ({ prediction_id: `p-${i}`, label: prediction })),
  );
  const through = new Date(to + 3_600_000).toISOString();
  await api.post(`/v1/models/${MODEL}/watermark`, { through });
  const windows = () => api.get<{ items: { state: string }[] }>(`/v1/models/${MODEL}/monitors/daily/windows`);
  await until('a judged window', async () => ((await windows()).items[0]?.state === 'judged' ? true : null));
  const policy = {
    name: 'asked',
    model: MODEL,
    monitor: 'daily',
    on: 'request',
    minimum_labelled_rows: 100,
    cooldown: 0,
  };
  await api.post('/v1/policies', policy);
  const run = (id: string) => api.get<Run>(`/v1/runs/${id}`);
  return {
    service,
    api,
    start: async () => (await api.post<{ id: string }>('/v1/runs', { policy: 'asked' })).id,
    run,
    becomes: (id, state, seconds) =>
      until(`run ${id} to be ${state}`, async () => await at(await run(id), state), seconds),
    inService: async () => (await api.get<{ current_version: string }>(`/v1/models/${MODEL}`)).current_version,
    close: async () => {
      await service.end();
      removeFolder(service.data);
    },
  };
}

const ENDS = new Set(['failed', 'timed_out', 'cancelled']);

async function at(run: Run, state: string): Promise<Run | null> {
  if (run.state === state) return run;
  if (ENDS.has(run.state)) throw new Error(`it is ${run.state}: ${run.error}`);
  return null;
}
