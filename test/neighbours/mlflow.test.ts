import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../e2e/api.ts';
import { makeFolder, removeFolder, until } from '../e2e/service.ts';
import { freePort } from '../support/free-port.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { MODEL, type Production, startProduction } from './model.ts';
import { type Neighbour, startNeighbour } from './neighbour.ts';

const programs = process.env.MLFLOW;
const REST = '/api/2.0/mlflow';

type Tags = readonly { readonly key: string; readonly value: string }[];
type Registered = { registered_model: { tags?: Tags; aliases?: { alias: string; version: string }[] } };
type Version = { model_version: { version: string; tags?: Tags } };
type Registry = { id: string; url: string; secret: string };

describe.skipIf(programs === undefined)('a real MLflow (skipped without MLFLOW)', () => {
  const folder = makeFolder('mlflow');
  let server: Neighbour;
  let url: string;
  let mlflow: Api;
  let production: Production;
  let pipeline: Receiver;
  let registry: Registry;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    server = await startNeighbour({
      program: join(programs ?? '', 'mlflow'),
      args: [
        ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
        ...['--backend-store-uri', 'sqlite:///mlflow.db', '--artifacts-destination', './artifacts'],
      ],
      folder,
      env: {
        MLFLOW_WEBHOOK_ALLOWED_SCHEMES: 'http,https',
        MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: 'true',
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        // A key for Fernet: 32 bytes in base64.
        MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64url').padEnd(44, '='),
      },
      ready: `${url}/health`,
    });
    mlflow = createApi(url + REST);
    await mlflow.post('/registered-models/create', { name: MODEL });
    await makeVersion();
    production = await startProduction();
    pipeline = await startReceiver();
    const { api } = production;
    await api.post('/v1/webhooks', { url: pipeline.url, events: ['retraining.requested'] });
    await api.post('/v1/webhooks', { url, target: { kind: 'mlflow', options: {}, credentials: {} } });
    registry = await api.post<Registry>('/v1/registries', { kind: 'mlflow' });
    await mlflow.post('/webhooks', {
      name: 'tidemark',
      url: registry.url,
      secret: registry.secret,
      events: [{ entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' }],
    });
  });
  afterAll(async () => {
    await production.close();
    await pipeline.close();
    await server.close();
    removeFolder(folder);
  });

  /** A run of MLflow and the version that it has made. */
  async function makeVersion(): Promise<{ runId: string; version: string }> {
    const { run } = await mlflow.post<{ run: { info: { run_id: string } } }>('/runs/create', { experiment_id: '0' });
    const { run_id } = run.info;
    const given = { name: MODEL, source: `runs:/${run_id}/model`, run_id };
    const made = await mlflow.post<Version>('/model-versions/create', given);
    return { runId: run_id, version: made.model_version.version };
  }

  const setAlias = (version: string) =>
    mlflow.post('/registered-models/alias', { name: MODEL, alias: 'champion', version });
  const aliasOf = async () =>
    (await mlflow.get<Registered>(`/registered-models/get?name=${MODEL}`)).registered_model.aliases?.[0]?.version;
  const history = async () =>
    (
      await production.api.get<{ items: { outcome: string; model_version: string }[] }>(
        `/v1/registries/${registry.id}/events`,
      )
    ).items;

  /** A retraining of ours up to its report, which is `report` itself where that is given. */
  async function train(): Promise<{ run: string; report: (version: string) => Promise<void>; oid: string }> {
    const before = pipeline.requests.length;
    const run = await production.start();
    const request = await until('the request', async () => pipeline.requests[before] ?? null);
    const { data } = JSON.parse(request.body) as {
      data: { training: { oid: string }; callback: { url: string; token: string } };
    };
    const report = async (version: string): Promise<void> => {
      const response = await fetch(data.callback.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${data.callback.token}` },
        body: JSON.stringify({ state: 'succeeded', model_version: { name: version } }),
      });
      expect(response.status).toBe(200);
    };
    return { run, report, oid: data.training.oid };
  }

  it('is told of a promotion: alias, tags, and the training data as an input that is found by its digest', async () => {
    const { run, report, oid } = await train();
    const { runId, version } = await makeVersion();
    await report(version);
    await production.becomes(run, 'succeeded');
    await production.api.post(`/v1/runs/${run}/promote`, {});
    await until('the alias', async () => ((await aliasOf()) === version ? true : null));
    const digest = `md5:${oid}`;
    const found = await until('the input', async () => {
      const asked = { experiment_ids: ['0'], filter: `dataset.digest = '${digest}'` };
      const { runs = [] } = await mlflow.post<{ runs?: { info: { run_id: string } }[] }>('/runs/search', asked);
      return runs[0]?.info.run_id ?? null;
    });
    expect(found).toBe(runId);
    const { model_version } = await mlflow.get<Version>(`/model-versions/get?name=${MODEL}&version=${version}`);
    const tags = Object.fromEntries((model_version.tags ?? []).map(({ key, value }) => [key, value]));
    expect(tags['tidemark.dataset']).toBe(`${MODEL}-retraining@v1 ${digest}`);
    expect(tags['tidemark.run']).toContain(`/v1/runs/${run}`);
    // MLflow tells us of the alias that we have moved: nothing comes of it.
    const [echo] = await until('the echo', async () => ((await history()).length > 0 ? history() : null));
    expect(echo).toMatchObject({ outcome: 'unchanged', model_version: version });
  });

  it('promotes by its alias, and takes it back', async () => {
    const { run, report } = await train();
    const { version } = await makeVersion();
    const former = await production.inService();
    await report(version);
    await production.becomes(run, 'succeeded');
    await setAlias(version);
    const { events } = await production.becomes(run, 'promoted');
    expect(events.at(-1)).toMatchObject({
      author: `mlflow:${registry.id}`,
      detail: { message: `The alias "champion" was set to version ${version} of "${MODEL}".` },
    });
    expect(await production.inService()).toBe(version);
    await setAlias(former);
    await production.becomes(run, 'rolled_back');
    expect(await production.inService()).toBe(former);
    expect(await aliasOf()).toBe(former);
  });

  it('may set the alias before the pipeline has reported', async () => {
    const { run, report } = await train();
    const { version } = await makeVersion();
    await setAlias(version);
    await until('the event', async () => ((await history())[0]?.outcome === 'waiting' ? true : null));
    await report(version);
    await production.becomes(run, 'promoted');
    expect((await history())[0]).toMatchObject({ outcome: 'promoted', model_version: version });
  });

  it('tests its webhook, and is heard with the right secret alone', async () => {
    type Tested = { result: { success: boolean; response_status: number; response_body: string } };
    type Hooks = { webhooks: { webhook_id: string }[] };
    const [hook] = (await mlflow.get<Hooks>('/webhooks')).webhooks;
    const test = () => mlflow.post<Tested>(`/webhooks/${hook?.webhook_id}/test`, {});
    const good = (await test()).result;
    expect([good.success, JSON.parse(good.response_body)]).toMatchObject([true, { outcome: 'ignored' }]);
    const change = { method: 'PATCH', headers: { 'content-type': 'application/json' } };
    const address = `${url}${REST}/webhooks/${hook?.webhook_id}`;
    const changed = await fetch(address, { ...change, body: JSON.stringify({ secret: 'whsec_of_somebody_else' }) });
    expect(changed.ok).toBe(true);
    expect((await test()).result).toMatchObject({ success: false, response_status: 401 });
  });
});
