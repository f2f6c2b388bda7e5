import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runDetail } from '../../../schemas/wire/retraining.ts';
import { pollRun } from '../../../src/domain/run/poll.ts';
import { type Served, serve } from '../../support/serve-stand-in.ts';
import * as standIns from '../../support/stand-ins.ts';
import { type Act, startAct } from '../retraining/act.ts';

const airflow = standIns.airflow(3);
let act: Act;
let server: Served;

beforeAll(async () => {
  act = await startAct({ policy: { on: 'request', minimum_labelled_rows: 100, cooldown: 0, deadline: 'PT2H' } });
  server = await serve(airflow);
  const credentials = { username: 'admin', password: 'right-password' };
  const target = { kind: 'airflow', options: { version: 3, dag_id: 'train' }, credentials };
  const made = await act.call('POST', '/v1/webhooks', { url: server.url, target });
  if (made.status !== 201) throw new Error(JSON.stringify(made));
  await act.logDay(0);
  await act.closeDay(0);
  await act.drain();
});
afterAll(async () => {
  await act.close();
  await server.close();
});

const runOf = async (id: string) => runDetail.parse((await act.call('GET', `/v1/runs/${id}`)).body);
const poll = (runId: string) => pollRun(act.ctx, { runId });

async function start(): Promise<{ id: string; become: (state: string) => void }> {
  const { body } = await act.call<{ id: string }>('POST', '/v1/runs', { policy: 'on-drift' });
  await act.drain();
  const found = airflow.started.at(-1) as { dag_run_id: string; state?: string };
  expect(found.dag_run_id).toBe(`tidemark__${body.id}`);
  return { id: body.id, become: (state) => Object.assign(found, { state }) };
}

describe('a run in a system that can be asked', () => {
  it('is followed there, and asked about a minute later', async () => {
    const { id, become } = await start();
    expect((await runOf(id)).external_url).toBe(`${server.url}/dags/train/runs/tidemark__${id}`);
    const waiting = await act.ctx.sql`
      select 1 from jobs where name = 'poll-run' and key = ${`run:${id}`} and run_at > created_at + interval '30 seconds'`;
    expect(waiting).toHaveLength(1);
    become('running');
    await poll(id);
    await poll(id);
    const run = await runOf(id);
    expect(run.state).toBe('running');
    expect(run.events.filter(({ author }) => author === 'poll')).toHaveLength(1);
    become('failed');
    await poll(id);
    expect(await runOf(id)).toMatchObject({ state: 'failed', error: expect.stringMatching(/Airflow says/) });
    await act.drain();
    expect(act.events().at(-1)).toMatchObject({ type: 'retraining.failed', data: { run: id } });
    await poll(id);
    expect((await runOf(id)).state).toBe('failed');
  });

  it('is given time to report when it has succeeded, and fails when it never does', async () => {
    const { id, become } = await start();
    become('success');
    await poll(id);
    act.clock.now = new Date(act.clock.now.getTime() + 599_000);
    await poll(id);
    expect((await runOf(id)).state).toBe('requested');
    act.clock.now = new Date(act.clock.now.getTime() + 1000);
    await poll(id);
    expect(await runOf(id)).toMatchObject({ state: 'failed', error: expect.stringMatching(/reported no model/) });
  });

  it('goes on when nothing can be found out', async () => {
    const { id } = await start();
    server.fates.push('lose', 503);
    await poll(id);
    await poll(id);
    expect((await runOf(id)).state).toBe('requested');
  });
});
