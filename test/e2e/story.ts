import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Json } from './api.ts';
import type { Month } from './census.ts';
import type { Halt, Place } from './halts.ts';
import { makeFolder, ROOT, removeFolder, until } from './service.ts';
import type { StoryStage } from './story-stage.ts';

/** One model's life on the census data, from the first drift to a promotion and its rollback, and what it leaves behind. */
const MODEL = 'employment';
const MONITOR = 'monthly';
const NDJSON = { 'content-type': 'application/x-ndjson' };
const BASE = `/v1/models/${MODEL}/monitors/${MONITOR}`;

type Page<T> = { readonly items: readonly T[] };
type Run = { readonly id: string; readonly state: string };

/** Who answers in production: the model whose answers the data holds, or the one that the pipeline has trained. */
type Model = (batch: string) => Promise<string>;

const first: Model = async (batch) => batch;

export type StoryData = { readonly reference: Uint8Array; readonly months: ReadonlyMap<string, Month> };

export async function playStory(stage: StoryStage, data: StoryData): Promise<void> {
  const { api, through } = stage;
  const folder = makeFolder('pipeline');
  const live = (month: string, model: Model) => liveThrough(stage, { month, model, data });
  await setUp(stage, data.reference);
  for (const month of ['2016-12', '2017-01']) await live(month, first);
  await through(inJudging(stage), () => live('2017-02', first));
  const { id } = await runIn(stage, 'awaiting_approval');
  await through(inAsking(stage), async () => {
    await api.post(`/v1/runs/${id}/approve`, { comment: 'go on' });
    await runIn(stage, 'requested');
    await stage.quiet();
  });
  const order = stage.receiver.heard.find(({ type }) => type === 'retraining.requested');
  if (order === undefined) throw new Error('no retraining was asked for');
  await through(inReporting(stage), async () => {
    await runPipeline(['train', folder, stage.url], order.body);
    await runIn(stage, 'promoted');
    await stage.quiet();
  });
  const second: Model = (batch) => runPipeline(['score', folder], batch);
  for (const month of ['2017-03', '2017-04']) await live(month, second);
  const reason = 'to see the former one again';
  await through(inRollback(stage), () => api.post(`/v1/runs/${id}/rollback`, { reason }));
  await live('2017-05', first);
  removeFolder(folder);
}

type Living = { readonly month: string; readonly model: Model; readonly data: StoryData };

/** One month of production, to its verdict. */
async function liveThrough({ api, quiet }: StoryStage, { month, model, data }: Living): Promise<void> {
  const { predictions, labels } = data.months.get(month) ?? { predictions: '', labels: '' };
  const sent = { predictions: await model(predictions), labels };
  for (const kind of ['predictions', 'labels'] as const) {
    const headers = { ...NDJSON, 'idempotency-key': `${kind}-${month}` };
    await api.post(`/v1/models/${MODEL}/${kind}`, sent[kind], headers);
  }
  const [year, number] = month.split('-').map(Number);
  const through = new Date(Date.UTC(year ?? 0, number ?? 0, 1)).toISOString();
  await api.post(`/v1/models/${MODEL}/watermark`, { through });
  await until(`the verdict on ${month}`, async () => {
    const { items } = await api.get<Page<{ start: string; state: string }>>(`${BASE}/windows?limit=100`);
    return items.some(({ start, state }) => start.startsWith(month) && state === 'judged') ? true : null;
  });
  await quiet();
}

const runIn = ({ api }: StoryStage, state: string): Promise<Run> =>
  until(`a run that is ${state}`, async () => {
    const { items } = await api.get<Page<Run>>(`/v1/runs?state=${state}`);
    return items[0] ?? null;
  });

async function setUp({ api, receiver }: StoryStage, reference: Uint8Array): Promise<void> {
  const parquet = { 'content-type': 'application/vnd.apache.parquet' };
  await api.post('/v1/datasets/census/versions?path=reference.parquet', reference, parquet);
  await api.post('/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
  const columns = { prediction: 'prediction', score: 'predicted_probability', label: 'employed', id: 'id' };
  const roles = { ...columns, ignore: ['year'] };
  await api.post(`/v1/models/${MODEL}/versions`, { name: 'v1', dataset: 'census', ref: 'v1', roles });
  const alert = { fire_after: 2, resolve_after: 2 };
  await api.post(`/v1/models/${MODEL}/monitors`, { name: MONITOR, window: { period: 'month' }, lateness: 0, alert });
  const { secret } = await api.post<{ secret: string }>('/v1/webhooks', { url: receiver.url });
  receiver.trust(secret);
  await api.post('/v1/policies', {
    name: 'on-drift',
    model: MODEL,
    monitor: MONITOR,
    cooldown: 0,
    approval: { within: 'P2D' },
    snapshot: { hold_out: 0.2 },
    promote: 'if_better',
    // The pipeline's model is a simple one: what it may lose for knowing the new codes is said beforehand.
    comparison: { minimum_gain: -0.03, tolerance: 0.05, segments: ['SEX'] },
  });
}

const claimed = (job: string): Place => ({
  table: 'jobs',
  on: 'update',
  when: `new.name = '${job}' and new.state = 'active'`,
  at: 'commit',
});

/** A window that makes the alert fire, and its run. */
function inJudging({ barrier: { halt, reading } }: StoryStage): Halt[] {
  const note = `new.reason = 'drift_confirmed'`;
  return [
    halt('a window is being claimed', claimed('judge-window')),
    reading('a window is claimed', { job: 'judge-window', table: 'monitor_revisions' }),
    reading('a window is read', { job: 'judge-window', table: 'batches' }),
    halt('a window is computed', { table: 'reports', on: 'insert', when: 'true' }),
    halt('a window is written', { table: 'reports', on: 'insert', when: 'true', at: 'commit' }),
    halt('a window is committed', { table: 'jobs', on: 'delete', when: `old.name = 'judge-window'` }),
    halt('an alert fires', { table: 'episode_events', on: 'insert', when: note }),
    halt('an alert has fired', { table: 'episode_events', on: 'insert', when: note, at: 'commit' }),
    halt('a run begins', { table: 'runs', on: 'insert', when: 'true', at: 'commit' }),
  ];
}

const reaches = (state: string, author: string): Place => ({
  table: 'run_events',
  on: 'insert',
  when: `new.state = '${state}' and new.author ${author}`,
  at: 'commit',
});

/** The approval, the data and the message that asks for the retraining. */
function inAsking({ barrier: { halt, reading }, receiver }: StoryStage): Halt[] {
  const ordered = `new.message_id in (select id from messages where type = 'retraining.requested')`;
  const derived = `new.provenance->>'kind' = 'derived'`;
  return [
    halt('a run is approved', reaches('preparing', `<> 'system'`)),
    halt('its data is derived', { table: 'versions', on: 'insert', when: derived, at: 'commit' }),
    halt('it is asked for', reaches('requested', `= 'system'`)),
    halt('a delivery is being claimed', claimed('deliver-messages')),
    reading('a delivery is claimed', { job: 'deliver-messages', table: 'endpoints' }),
    receiver.connected(),
    receiver.sent('retraining.requested'),
    halt('a delivery is answered', { table: 'attempts', on: 'insert', when: ordered }),
    halt('a delivery is recorded', { table: 'attempts', on: 'insert', when: ordered, at: 'commit' }),
    halt('a delivery is committed', { table: 'jobs', on: 'delete', when: `old.name = 'deliver-messages'` }),
  ];
}

/** What the pipeline reports, up to the new reference. */
function inReporting({ barrier: { halt } }: StoryStage): Halt[] {
  const moved = `new.reason = 'reference_moved'`;
  return [
    halt('it is accepted', reaches('accepted', `= 'pipeline'`)),
    halt('it is running', reaches('running', `= 'pipeline'`)),
    halt('it has succeeded', reaches('succeeded', `= 'pipeline'`)),
    halt('it is compared and promoted', reaches('promoted', `is not null`)),
    halt('the alert ends', { table: 'episode_events', on: 'insert', when: moved, at: 'commit' }),
  ];
}

const inRollback = ({ barrier: { halt } }: StoryStage): Halt[] => [
  halt('it is taken back', reaches('rolled_back', `is not null`)),
];

/** @returns what it printed. @throws Error when it fails; what it says of that is to be seen. */
async function runPipeline(args: readonly string[], input: string): Promise<string> {
  const script = join(ROOT, 'test', 'e2e', 'retraining_job.py');
  const child = spawn(process.env.PYTHON ?? 'python3', [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`the pipeline ended with ${code}`);
  return printed;
}

type Window = { readonly start: string; readonly state: string; readonly verdict: string; readonly report: string };
type Alert = { readonly id: string; readonly state: string; readonly from: string; readonly through: string };
type Line = { readonly state?: string; readonly reason?: string; readonly author: string; readonly detail: Json };

/** What the story has come to, without ids and clocks: equal however often it was disturbed. */
export async function storyOutcome({ api, receiver }: StoryStage): Promise<Json> {
  const windows = await Promise.all(
    (await api.get<Page<Window>>(`${BASE}/windows?limit=100`)).items.map(async ({ start, state, verdict, report }) => ({
      ...{ start, state, verdict },
      report: (await api.get<{ body: Json }>(`/v1/reports/${report}`)).body,
    })),
  );
  const alerts = await Promise.all(
    (await api.get<Page<Alert>>('/v1/alerts')).items.map(async ({ id, state, from, through }) => ({
      ...{ state, from, through },
      events: (await api.get<{ events: Line[] }>(`/v1/alerts/${id}`)).events.map(({ reason, author }) => ({
        ...{ reason, author },
      })),
    })),
  );
  const runs = await Promise.all(
    (await api.get<Page<Run>>('/v1/runs')).items.map(async ({ id }) => {
      const run = await api.get<Json & { events: Line[] }>(`/v1/runs/${id}`);
      const events = run.events.map(({ state, author }) => ({ state, author }));
      const { model_version, metrics, reference, training, comparison, state } = run;
      return { events, model_version, metrics, reference, training, comparison, state };
    }),
  );
  const versions = await api.get<Page<{ name: string; current: boolean; dataset: string; ref: string }>>(
    `/v1/models/${MODEL}/versions`,
  );
  const monitor = await api.get<Json>(BASE);
  const revisions = await api.get<Json>(`${BASE}/revisions`);
  const told = new Map(receiver.heard.map(({ id, body }) => [id, JSON.parse(body) as { type: string; data: Json }]));
  return plain({
    windows,
    alerts,
    runs,
    versions: versions.items.map(({ name, current, dataset, ref }) => ({ name, current, dataset, ref })),
    ...{ monitor, revisions },
    told: [...told.values()].map(({ type, data }) => ({ type, data })).toSorted(byText),
  });
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(plain(a)) < JSON.stringify(plain(b)) ? -1 : 1);

/** Ids, clocks and addresses, which differ from one play to the next. */
const OWN = new Set(
  ['alert', 'run', 'report', 'links', 'callback', 'archive', 'files', 'approve', 'decline', 'expires'].concat([
    ...['deadline', 'at', 'compared_at', 'created_at', 'reason', 'id'],
  ]),
);

/** The same value, as JSON has it, without those members; a transition's reason is kept where it names no run. */
const plain = (value: unknown): Json =>
  JSON.parse(
    JSON.stringify(value, (name, member: unknown) =>
      OWN.has(name) && !(name === 'reason' && typeof member === 'string' && !/run_\w{20}/.test(member))
        ? undefined
        : member,
    ),
  ) as Json;
