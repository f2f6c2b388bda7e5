import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateAlert } from '../../../src/domain/alert/evaluate.ts';
import { sendDigest } from '../../../src/domain/webhook/digest.ts';
import { DAY, day } from '../monitor/story.ts';
import { type Act, MODEL, startAct } from '../retraining/act.ts';

const MONITORS = 12;
/** Each second window drifts, so that each pair of them is an alert that fires and ends. */
const WINDOWS = 24;

let act: Act;
let monitorIds: readonly number[] = [];

/** Monitors like the one that there is, whose windows were all judged: what one report says, many say. */
async function cloneMonitors(): Promise<readonly number[]> {
  const { sql } = act.ctx;
  const ids: number[] = [];
  for (let i = 0; i < MONITORS; i++) {
    const [row] = await sql<{ id: string }[]>`
      insert into monitors (project_id, model_id, name, enabled, windowed_through)
      select project_id, model_id, ${`storm-${i}`}, 'on', windowed_through from monitors where id = ${act.monitorId}
      returning id`;
    const id = Number(row?.id);
    await sql`
      insert into monitor_revisions (monitor_id, revision, config, reference_version_id, reference_oid, reason)
      select ${id}, 1, config, reference_version_id, reference_oid, 'storm' from monitor_revisions
      where monitor_id = ${act.monitorId} order by revision desc limit 1`;
    ids.push(id);
  }
  for (let n = 0; n < WINDOWS; n++) {
    const verdict = n % 2 === 0 ? 'drift' : 'no_drift';
    const [start, end] = [new Date(day(10 + n)), new Date(day(10 + n) + DAY)].map((time) => time.toISOString());
    await sql`
      with made as (
        insert into windows (project_id, monitor_id, start, "end", revision, state, verdict, report_id, rows)
        select project_id, id, ${start ?? ''}, ${end ?? ''}, 1, 'judged', ${verdict}, 'rep_' || id || '_' || ${n}::text, 300
        from monitors where id = any(${ids}) returning id, monitor_id, report_id, project_id)
      insert into reports (id, project_id, monitor_id, window_id, revision, monitor_revision_id, reference_oid, inputs, verdict, rows, body)
      select m.report_id, m.project_id, m.monitor_id, m.id, 1, r.id, r.reference_oid, '[]', ${verdict}, 300, like_this.body
      from made m join monitor_revisions r on r.monitor_id = m.monitor_id
        cross join (select body from reports where verdict = ${verdict} limit 1) like_this`;
  }
  return ids;
}

beforeAll(async () => {
  act = await startAct({ policy: null });
  await act.call('PATCH', `/v1/models/${MODEL}/monitors/daily`, { alert: { fire_after: 1, resolve_after: 1 } });
  await act.logDay(0);
  await act.closeDay(0);
  await act.logDay(1, { shift: 1 });
  await act.closeDay(1);
  await act.drain();
  monitorIds = await cloneMonitors();
  for (const [name, monitor] of [
    ['first', 'storm-0'],
    ['second', 'storm-1'],
  ]) {
    const limits = { cooldown: 0, maximum_per_day: 3, minimum_labelled_rows: 100 };
    const made = await act.call('POST', '/v1/policies', { name, model: MODEL, monitor, ...limits });
    if (made.status !== 201) throw new Error(JSON.stringify(made));
  }
});
afterAll(() => act.close());

const count = async (what: 'episodes' | 'messages' | 'runs' | 'digest_items') =>
  Number((await act.ctx.sql<{ n: string }[]>`select count(*) as n from ${act.ctx.sql(what)}`)[0]?.n);

describe('a storm of alerts that come and go', () => {
  it('is many episodes, a bounded number of messages, one digest and a bounded number of runs', async () => {
    const events = ['alert.firing', 'alert.resolved', 'alert.escalated'];
    const url = `${act.receiver.url}/together`;
    const { body } = await act.call<{ id: string }>('POST', '/v1/webhooks', { url, events, digest_seconds: 3600 });
    const [episodes, messages] = [await count('episodes'), await count('messages')];
    for (const monitorId of monitorIds) await evaluateAlert(act.ctx, { monitorId });
    const made = (await count('episodes')) - episodes;
    expect(made).toBe((MONITORS * WINDOWS) / 2);
    // Of each monitor five alerts are told, the fifth as one that comes and goes; each of them ends.
    const told = (await count('messages')) - messages;
    expect(told).toBe(MONITORS * 5 * 2);
    expect(await count('digest_items')).toBe(told);
    await sendDigest(act.ctx, { endpointId: body.id });
    expect(await count('digest_items')).toBe(0);
    const digests = await act.ctx.sql<{ body: string }[]>`select body from messages where type = 'alert.digest'`;
    expect(digests).toHaveLength(1);
    expect(digests[0]?.body.length).toBeLessThan(20_000);
    expect(JSON.parse(digests[0]?.body ?? '')).toMatchObject({
      data: { events_total: told, alerts_total: MONITORS * 5 },
    });
    // Two policies were asked a dozen times each; the first run of each still lives.
    expect(await count('runs')).toBe(2);
  });

  it('is the same storm when it is evaluated again', async () => {
    const before = [await count('episodes'), await count('messages'), await count('runs')];
    for (const monitorId of monitorIds.slice(0, 10)) await evaluateAlert(act.ctx, { monitorId });
    expect([await count('episodes'), await count('messages'), await count('runs')]).toEqual(before);
  });
});
