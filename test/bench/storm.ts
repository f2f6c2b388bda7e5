import { setTimeout as delay } from 'node:timers/promises';
import { type ActServer, openReceiver, until, withActServer } from './act-server.ts';
import { peakMemory } from './child-process.ts';
import { call, callJson } from './http-client.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult } from './report.ts';

/** Windows of a monitor: each second one drifts, so that each pair of them is an alert that fires and ends. */
const WINDOWS = 20;
const ROWS = 200;
const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const NDJSON = { 'content-type': 'application/x-ndjson' };
const DIGEST_SECONDS = 60;

/** Monitors whose alerts come and go all at once: what they make, what is told of it, and whether that grows. */
export async function benchStorm({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const monitors = quick ? 200 : 1000;
  const receiver = await openReceiver();
  try {
    return await withActServer(folder, async (server) => {
      await prepare(server, receiver.url);
      const first = await storm(server, { monitors: monitors / 2, from: 0 });
      const memory = peakMemory(server.service.pid).own;
      const second = await storm(server, { monitors: monitors / 2, from: monitors / 2 });
      const after = peakMemory(server.service.pid).own;
      await settled(server);
      return resultsOf({ ...(await countsOf(server)), monitors, first, second, memory, after });
    });
  } finally {
    receiver.close();
  }
}

/** A model with a monitor that has judged one calm and one drifting window, two receivers and two policies. */
async function prepare({ service, sql }: ActServer, receiver: string): Promise<void> {
  const post = (path: string, json: unknown) => callJson({ method: 'POST', url: `${service.url}${path}`, json });
  const row = (i: number, shift: number) => ({
    income: ((i * 7919) % 1000) + shift,
    plan: ['basic', 'plus', 'team'][i % 3],
  });
  const lines = Array.from({ length: 3000 }, (_, i) => `${row(i, 0).income},${row(i, 0).plan},${i % 2},${i % 2}`);
  const body = ['income,plan,prediction,label', ...lines].join('\n');
  await call({ method: 'POST', url: `${service.url}/v1/datasets/churn/versions?path=train.csv`, body });
  await post('/v1/models', { name: 'churn', task: 'binary', positive_label: '1' });
  const roles = { prediction: 'prediction', label: 'label' };
  await post('/v1/models/churn/versions', { dataset: 'churn', ref: 'v1', roles });
  const alert = { fire_after: 1, resolve_after: 1 };
  await post('/v1/models/churn/monitors', { name: 'daily', lateness: 0, alert });
  for (const [day, shift] of [
    [0, 0],
    [1, 700],
  ] as const) {
    const rows = Array.from({ length: ROWS }, (_, i) => ({
      prediction_id: `${day}-${i}`,
      timestamp: new Date(START + day * DAY + i * 1000).toISOString(),
      features: row(i, shift),
      prediction: i % 2,
    }));
    const text = rows.map((one) => JSON.stringify(one)).join('\n');
    await call({ method: 'POST', url: `${service.url}/v1/models/churn/predictions`, headers: NDJSON, body: text });
  }
  await post('/v1/models/churn/watermark', { through: new Date(START + 2 * DAY).toISOString() });
  await until(async () => (await sql`select 1 from windows where state = 'judged'`).length === 2, 100);
  const events = ['alert.firing', 'alert.resolved', 'alert.escalated', 'retraining.requested'];
  await post('/v1/webhooks', { url: `${receiver}/each`, events });
  await post('/v1/webhooks', { url: `${receiver}/together`, events, digest_seconds: DIGEST_SECONDS });
}

type Storm = { readonly monitors: number; readonly from: number };

/** Monitors like the one that there is, whose windows were all judged; all their alerts are evaluated at once. */
async function storm({ sql }: ActServer, { monitors, from }: Storm): Promise<number> {
  await sql`
    insert into monitors (project_id, model_id, name, enabled, windowed_through)
    select project_id, model_id, 'storm-' || n, 'on', windowed_through
    from monitors, generate_series(${from + 1}::int, ${from + monitors}::int) n where name = 'daily'`;
  await sql`
    insert into monitor_revisions (monitor_id, revision, config, reference_version_id, reference_oid, reason)
    select m.id, 1, r.config, r.reference_version_id, r.reference_oid, 'storm'
    from monitors m, monitor_revisions r join monitors d on d.id = r.monitor_id and d.name = 'daily'
    where m.name like 'storm-%' and not exists (select 1 from monitor_revisions o where o.monitor_id = m.id)`;
  await sql`
    with made as (
      insert into windows (project_id, monitor_id, start, "end", revision, state, verdict, report_id, rows)
      select project_id, id, ${new Date(START).toISOString()}::timestamptz + n * interval '1 day',
        ${new Date(START).toISOString()}::timestamptz + (n + 1) * interval '1 day', 1, 'judged',
        case when n % 2 = 0 then 'drift' else 'no_drift' end, 'rep_' || id || '_' || n, ${ROWS}
      from monitors, generate_series(0, ${WINDOWS - 1}) n
      where name like 'storm-%' and not exists (select 1 from windows w where w.monitor_id = monitors.id)
      returning id, monitor_id, report_id, project_id, verdict)
    insert into reports (id, project_id, monitor_id, window_id, revision, monitor_revision_id, reference_oid, inputs,
      verdict, rows, body)
    select m.report_id, m.project_id, m.monitor_id, m.id, 1, r.id, r.reference_oid, '[]', m.verdict, ${ROWS}, alike.body
    from made m join monitor_revisions r on r.monitor_id = m.monitor_id
      cross join lateral (select body from reports o join monitors d on d.id = o.monitor_id and d.name = 'daily'
        where o.verdict = m.verdict limit 1) alike`;
  // A policy for each: only one of them may have a run at a time.
  await sql`
    insert into policies (id, project_id, model_id, monitor_id, name, enabled, config)
    select 'pol_' || id, project_id, model_id, id, name, 'on', ${sql.json(POLICY)} from monitors
    where name like 'storm-%' and not exists (select 1 from policies p where p.monitor_id = monitors.id)`;
  await sql`analyze`;
  const started = performance.now();
  await sql`
    with made as (
      insert into jobs (name, key, payload, run_at)
      select 'evaluate-alert', 'monitor:' || id, jsonb_build_object('monitorId', id), now() - interval '1 second'
      from monitors where name like 'storm-%' and evaluated_through is null returning 1)
    select pg_notify('tidemark_jobs', 'evaluate-alert 0') from made limit 4`;
  await until(async () => (await sql`select 1 from jobs where name = 'evaluate-alert' limit 1`).length === 0, 100);
  return (performance.now() - started) / monitors;
}

/** As a policy keeps it: at most one run a day, and labels that never come. */
const POLICY = {
  on: 'alert',
  promote: 'manual',
  cooldown_seconds: 86_400,
  minimum_labelled_rows: 500,
  deadline_seconds: 86_400,
  span_seconds: null,
};

/** Everything is told: nothing is pending, and no digest waits. */
async function settled({ sql }: ActServer): Promise<void> {
  await until(async () => {
    const waiting =
      await sql`select 1 from messages where state = 'pending' union all select 1 from digest_items limit 1`;
    return waiting.length === 0;
  }, 250);
  await delay(500);
}

type Counts = { readonly episodes: number; readonly each: number; readonly digests: number; readonly runs: number };

async function countsOf({ sql }: ActServer): Promise<Counts & { readonly longest: number }> {
  const [row] = await sql<(Counts & { longest: number })[]>`
    select (select count(*)::int from episodes e join monitors m on m.id = e.monitor_id and m.name like 'storm-%') as episodes,
      (select count(*)::int from messages where type in ('alert.firing', 'alert.resolved', 'alert.escalated')) as each,
      (select count(*)::int from messages where type = 'alert.digest') as digests,
      (select max(length(body))::int from messages where type = 'alert.digest') as longest,
      (select count(*)::int from runs) as runs`;
  if (row === undefined) throw new Error('the counts came to nothing');
  return row;
}

type Outcome = Counts & {
  readonly longest: number;
  readonly monitors: number;
  readonly first: number;
  readonly second: number;
  readonly memory: number;
  readonly after: number;
};

function resultsOf(outcome: Outcome): BenchResult[] {
  const { episodes, each, digests, longest, runs, monitors, first, second, memory, after } = outcome;
  const about = `${monitors.toLocaleString('en')} monitors, ${episodes.toLocaleString('en')} alerts`;
  const counts = { alerts: episodes, 'messages to one that wants each': each, digests, runs };
  return [
    {
      name: 'storm told',
      what: `messages to a receiver that wants them together / alerts, of ${about}`,
      unit: '×',
      value: digests / episodes,
      aim: { at: 'most', value: 0.01 },
      figures: { ...counts, 'longest digest bytes': longest },
    },
    {
      name: 'storm time',
      what: 'time of a monitor in the second half of the storm / in the first',
      unit: '×',
      value: second / first,
      aim: { at: 'most', value: 1.5 },
      figures: { 'first ms a monitor': first, 'second ms a monitor': second },
    },
    {
      name: 'storm memory',
      what: 'peak RSS of the service, after the whole storm / after half of it',
      unit: '×',
      value: after / memory,
      aim: { at: 'most', value: 1.15 },
      figures: { 'half MiB': memory, 'whole MiB': after },
    },
  ];
}
