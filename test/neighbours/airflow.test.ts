import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi } from '../e2e/api.ts';
import { makeFolder, removeFolder, until } from '../e2e/service.ts';
import { freePort } from '../support/free-port.ts';
import { type Production, startProduction } from './model.ts';
import { type Neighbour, startNeighbour } from './neighbour.ts';

const programs = process.env.AIRFLOW;
const USER = { username: 'admin', password: 'right-password' };

type DagRuns = { total_entries: number; dag_runs: { dag_run_id: string; state: string; note: string }[] };

describe.skipIf(programs === undefined)('a real Airflow 3 (skipped without AIRFLOW)', () => {
  const folder = makeFolder('airflow');
  let url: string;
  let server: Neighbour;
  let production: Production;
  let webhook: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    mkdirSync(join(folder, 'dags'));
    copyFileSync(fileURLToPath(new URL('train.py', import.meta.url)), join(folder, 'dags', 'train.py'));
    const passwords = join(folder, 'passwords.json');
    writeFileSync(passwords, JSON.stringify({ [USER.username]: USER.password }));
    server = await startNeighbour({
      program: join(programs ?? '', 'airflow'),
      args: ['standalone'],
      folder,
      env: {
        PATH: `${programs}:${process.env.PATH}`,
        AIRFLOW_HOME: folder,
        AIRFLOW__API__PORT: String(port),
        AIRFLOW__API__HOST: '127.0.0.1',
        AIRFLOW__API__WORKERS: '1',
        AIRFLOW__API__BASE_URL: url,
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL: `${url}/execution/`,
        AIRFLOW__CORE__PARALLELISM: '2',
        AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
        AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION: 'False',
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS: `${USER.username}:admin`,
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE: passwords,
      },
      ready: `${url}/api/v2/monitor/health`,
    });
    await until('the DAG', async () => ((await asked('/dags/train')).ok ? true : null), 200);
    production = await startProduction();
    const target = { kind: 'airflow', options: { version: 3, dag_id: 'train' }, credentials: USER };
    webhook = (await production.api.post<{ id: string }>('/v1/webhooks', { url, target })).id;
  });
  afterAll(async () => {
    await production.close();
    await server.close();
    removeFolder(folder);
  });

  async function asked(path: string): Promise<Response> {
    const { access_token } = await createApi(url).post<{ access_token: string }>('/auth/token', USER);
    return fetch(`${url}/api/v2${path}`, { headers: { authorization: `Bearer ${access_token}` } });
  }

  const dagRuns = async () => (await (await asked('/dags/train/dagRuns')).json()) as DagRuns;

  it('runs the DAG on exactly the bytes of the request, which reports and is promoted', async () => {
    const run = await production.start();
    const { external_url, events, messages } = await production.becomes(run, 'succeeded', 240);
    expect(external_url).toBe(`${url}/dags/train/runs/tidemark__${run}`);
    expect(events.filter(({ author }) => author === 'pipeline').map(({ state }) => state)).toEqual([
      'running',
      'succeeded',
    ]);
    expect(messages).toMatchObject([{ type: 'retraining.requested', state: 'delivered' }]);
    await production.api.post(`/v1/runs/${run}/promote`, {});
    expect(await production.inService()).toBe('2');
    await until('the end of the DAG run', async () =>
      (await dagRuns()).dag_runs[0]?.state === 'success' ? true : null,
    );
  });

  it('has one DAG run for one run, however often it is asked', async () => {
    const before = await dagRuns();
    expect(before).toMatchObject({
      total_entries: 1,
      dag_runs: [{ note: 'Started by Tidemark: retraining.requested' }],
    });
    type Messages = { items: { id: string }[] };
    const [message] = (await production.api.get<Messages>(`/v1/webhooks/${webhook}/messages`)).items;
    await production.api.post(`/v1/messages/${message?.id}/redeliver`, {});
    type Message = { state: string; tries: { status: number; outcome: string }[] };
    const again = await until('the second try', async () => {
      const { state, tries } = await production.api.get<Message>(`/v1/messages/${message?.id}`);
      return state === 'delivered' && tries.length === 2 ? tries : null;
    });
    expect(again).toMatchObject([
      { status: 200, outcome: 'delivered' },
      { status: 409, outcome: 'delivered' },
    ]);
    expect((await dagRuns()).total_entries).toBe(1);
  });

  it('is asked what became of a DAG run that tells nobody', async () => {
    writeFileSync(join(folder, 'fail'), '');
    const run = await production.start();
    const failed = await until(
      'the failure',
      async () => {
        const found = await production.run(run);
        return found.state === 'failed' ? found : null;
      },
      240,
    );
    expect(failed.error).toBe('Airflow says that the DAG run has failed.');
    expect(failed.events.at(-1)).toMatchObject({ state: 'failed', author: 'poll' });
  });

  it('tells what is wrong with a login and with a DAG that is not there', async () => {
    type Made = { id: string };
    type Message = { tries: { error: string | null }[] };
    const errorOf = async (target: object): Promise<string> => {
      const { id } = await production.api.post<Made>('/v1/webhooks', { url, target });
      const { message } = await production.api.post<{ message: string }>(`/v1/webhooks/${id}/test`, {});
      return until('a try', async () => {
        const { tries } = await production.api.get<Message>(`/v1/messages/${message}`);
        return tries[0]?.error ?? null;
      });
    };
    const options = { version: 3, dag_id: 'train' };
    const wrong = { ...USER, password: 'wrong-password' };
    expect(await errorOf({ kind: 'airflow', options, credentials: wrong })).toMatch(/gave no token.*401/);
    const missing = { kind: 'airflow', options: { version: 3, dag_id: 'nowhere' }, credentials: USER };
    expect(await errorOf(missing)).toMatch(/404.*nowhere/);
  });
});
