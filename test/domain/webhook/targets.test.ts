import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endpoints, jobs, messages } from '../../../schemas/tables/index.ts';
import type { EventType } from '../../../schemas/wire/events.ts';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { deliverMessages } from '../../../src/domain/webhook/deliver-messages.ts';
import {
  changeEndpoint,
  createEndpoint,
  type NewEndpoint,
  removeEndpoint,
} from '../../../src/domain/webhook/endpoints.ts';
import { readMessage, redeliverMessage } from '../../../src/domain/webhook/messages.ts';
import { pollTarget } from '../../../src/domain/webhook/poll-target.ts';
import { publishEvent } from '../../../src/domain/webhook/publish.ts';
import { transact } from '../../../src/store/postgres/db.ts';
import { createMailSender } from '../../../src/webhook/send-mail.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventDataOf, eventOf } from '../../support/events.ts';
import { startMailServer } from '../../support/mail-server.ts';
import { startReceiver } from '../../support/receiver.ts';
import { KEYS, sagemaker } from '../../support/sagemaker.ts';
import { type Served, serve } from '../../support/serve-stand-in.ts';
import * as standIns from '../../support/stand-ins.ts';

const actor = systemActor({ id: 1, name: 'default' });

let database: TestDatabase;
let ctx: TestContext;
let clock = new Date();
const served: Served[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const environment = { TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' };
  ctx = await createTestContext(database.url, { environment, now: () => clock });
});
afterAll(async () => {
  await ctx.close();
  await database.drop();
});
beforeEach(() => {
  clock = new Date('2026-03-02T01:00:00.000Z');
});
afterEach(async () => {
  for (const one of served.splice(0)) await one.close();
  for (const { id } of await ctx.db.select().from(endpoints)) await removeEndpoint(ctx, actor, id);
  await ctx.db.delete(jobs);
});

async function start(standIn: standIns.StandIn): Promise<Served> {
  const one = await serve(standIn);
  served.push(one);
  return one;
}

const tell = async (type: EventType): Promise<string> => {
  const { subject } = eventOf(type);
  const data = eventDataOf(type);
  // Type and data belong together, as the shapes in support say.
  const event = { projectId: 1, type, subject, data } as Parameters<typeof publishEvent>[2];
  const [id = ''] = await transact(ctx.db, (tx) => publishEvent(tx, ctx, event));
  return id;
};

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/webhook/${name}.pem`, import.meta.url), 'utf8');

const later = (seconds: number): void => {
  clock = new Date(clock.getTime() + seconds * 1000);
};
const read = async (id: string) => readMessage(ctx, actor, id);
const endpointOf = async (given: NewEndpoint) => (await createEndpoint(ctx, actor, given)).endpoint.id;

const github = (url: string): NewEndpoint => ({
  url,
  target: {
    kind: 'github_repository_dispatch',
    options: { owner: 'acme', repo: 'models' },
    credentials: { token: 'ghp_right_token' },
  },
});

const airflow = (url: string): NewEndpoint => ({
  url,
  target: {
    kind: 'airflow',
    options: { version: 3, dag_id: 'train' },
    credentials: { username: 'admin', password: 'right-password' },
  },
});

const jenkins = (url: string): NewEndpoint => ({
  url: `${url}/job/ml/job/train`,
  target: { kind: 'jenkins', options: {}, credentials: { user: 'bot', token: 'right-token' } },
});

const alertmanager = (url: string): NewEndpoint => ({
  url,
  target: { kind: 'alertmanager', options: {}, credentials: {} },
});

describe('another system', () => {
  it('is called in its own way, in as many requests as that takes, and names what it started', async () => {
    const standIn = standIns.airflow(3);
    const { url, heard } = await start(standIn);
    const endpointId = await endpointOf(airflow(url));
    const id = await tell('retraining.requested');
    await deliverMessages(ctx, { endpointId });
    expect(heard).toEqual(['POST /auth/token', 'POST /api/v2/dags/train/dagRuns']);
    const { message, attempts } = await read(id);
    expect(message).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(attempts).toMatchObject([
      {
        outcome: 'delivered',
        status: 200,
        externalId: 'tidemark__run_1',
        externalUrl: `${url}/dags/train/runs/tidemark__run_1`,
      },
    ]);
  });

  it('is asked and told as often as one event takes', async () => {
    const standIn = standIns.mlflow({ runId: 'run-of-mlflow' });
    const { url, heard } = await start(standIn);
    const credentials = { username: 'bot', password: 'right-password' };
    const endpointId = await endpointOf({ url, target: { kind: 'mlflow', options: {}, credentials } });
    const id = await tell('model.promoted');
    await deliverMessages(ctx, { endpointId });
    expect(heard).toHaveLength(7);
    expect(await read(id)).toMatchObject({
      message: { state: 'delivered' },
      attempts: [{ externalId: 'models:/churn/3', externalUrl: `${url}/#/models/churn/versions/3` }],
    });
    expect(standIn.aliases.get('champion')).toBe('3');
  });

  it('is signed to, in the try as in the question what became of it', async () => {
    const standIn = sagemaker(() => clock, []);
    const { url } = await start(standIn);
    const options = { region: 'eu-central-1', pipeline: 'churn' };
    const target = { kind: 'sagemaker_pipelines' as const, options, credentials: KEYS };
    const { endpoint } = await createEndpoint(ctx, actor, { url, target });
    const id = await tell('retraining.requested');
    await deliverMessages(ctx, { endpointId: endpoint.id });
    const { message, attempts } = await read(id);
    expect([message.state, attempts[0]?.error]).toEqual(['delivered', null]);
    expect(JSON.stringify(attempts)).not.toContain(KEYS.secret_access_key);
    later(3600);
    const externalId = attempts[0]?.externalId ?? '';
    expect(await pollTarget(ctx, { endpoint, externalId })).toEqual({ state: 'running', detail: null });
    Object.assign(standIn.state, { PipelineExecutionStatus: 'Failed', FailureReason: 'no quota' });
    expect(await pollTarget(ctx, { endpoint, externalId })).toMatchObject({ state: 'failed' });
  });

  it('is shown what it wants to be shown, and nobody else is', async () => {
    const { url } = await start(standIns.airflow(3));
    const endpointId = await endpointOf(airflow(url));
    const id = await tell('retraining.requested');
    await deliverMessages(ctx, { endpointId });
    const { attempts } = await read(id);
    const [row] = await ctx.db.select().from(endpoints);
    const text = JSON.stringify([attempts, { ...row, credentials: Buffer.from(row?.credentials ?? []).toString() }]);
    for (const secret of ['right-password', 'jwt-token', 'tmr_secret_token']) expect(text).not.toContain(secret);
    expect(attempts[0]?.response).toContain('[hidden]');
    expect(attempts[0]?.request).toMatchObject({ headers: { authorization: '[hidden]' } });
  });

  it('gets what it usually gets, and only what it has a use for', async () => {
    const { url } = await start(standIns.alertmanager());
    await endpointOf(alertmanager(url));
    expect(await tell('retraining.requested')).toBe('');
    expect(await tell('alert.firing')).toMatch(/^msg_/);
    const odd = { ...alertmanager(url), events: ['window.judged' as const] };
    await expect(createEndpoint(ctx, actor, odd)).rejects.toMatchObject({
      code: 'invalid-body',
      issues: [{ pointer: '/events' }],
    });
  });

  it('may be changed, but not into another one', async () => {
    const standIn = standIns.githubRepository();
    const { url } = await start(standIn);
    const { target } = github(url);
    if (target?.kind !== 'github_repository_dispatch') throw new Error('another kind');
    const id = await endpointOf({ url, target: { ...target, credentials: { token: 'ghp_wrong' } } });
    await tell('retraining.requested');
    await deliverMessages(ctx, { endpointId: id });
    expect(standIn.started).toHaveLength(0);
    await changeEndpoint(ctx, actor, { id, target });
    later(10);
    await deliverMessages(ctx, { endpointId: id });
    expect(standIn.started).toHaveLength(1);
    const other = alertmanager(url).target;
    await expect(changeEndpoint(ctx, actor, { id, target: other })).rejects.toMatchObject({
      issues: [{ pointer: '/target/kind' }],
    });
  });

  it('has a URL of its own, unless there is one for everybody', async () => {
    const { target } = alertmanager('');
    await expect(createEndpoint(ctx, actor, { target })).rejects.toMatchObject({ issues: [{ pointer: '/url' }] });
    await expect(createEndpoint(ctx, actor, {})).rejects.toMatchObject({ issues: [{ pointer: '/url' }] });
    const key = { kind: 'pagerduty' as const, options: {}, credentials: { routing_key: 'r0uting' } };
    const { endpoint } = await createEndpoint(ctx, actor, { target: key });
    expect(endpoint).toMatchObject({ url: 'https://events.pagerduty.com/', ratePerMinute: 120 });
    const aws = { region: 'cn-north-1', pipeline: 'churn' };
    const regional = { kind: 'sagemaker_pipelines' as const, options: aws, credentials: KEYS };
    const made = await createEndpoint(ctx, actor, { target: regional });
    expect(made.endpoint.url).toBe('https://api.sagemaker.cn-north-1.amazonaws.com.cn/');
  });

  it('keeps a URL to itself that is the secret', async () => {
    const standIn = standIns.slack();
    const { url } = await start(standIn);
    const target = { kind: 'slack' as const, options: {}, credentials: {} };
    const endpointId = await endpointOf({ url: `${url}/services/T1/B1/secretpart`, target });
    const id = await tell('alert.firing');
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toHaveLength(1);
    const text = JSON.stringify([await ctx.db.select().from(endpoints), await read(id)]);
    expect(text).not.toContain('secretpart');
    expect(text).toContain(`${url}/…`);
  });
});

describe('what must not be started twice', () => {
  it('is unknown when it was heard and not answered, and is not asked for again', async () => {
    const standIn = standIns.githubRepository();
    const { url, fates } = await start(standIn);
    const endpointId = await endpointOf(github(url));
    const id = await tell('retraining.requested');
    fates.push('lose');
    await deliverMessages(ctx, { endpointId });
    later(86_400);
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toHaveLength(1);
    const { message, attempts } = await read(id);
    expect(message).toMatchObject({ state: 'unknown', nextAttemptAt: null });
    expect(attempts).toMatchObject([{ outcome: 'unknown', status: null }]);
    // Somebody has looked and wants it all the same.
    await redeliverMessage(ctx, actor, id);
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toHaveLength(2);
    expect((await read(id)).message).toMatchObject({ state: 'delivered' });
  });

  it('is unknown when its sender died before the answer was recorded', async () => {
    const standIn = standIns.githubRepository();
    const { url } = await start(standIn);
    const endpointId = await endpointOf(github(url));
    const id = await tell('retraining.requested');
    const deliver: TestContext['send']['deliver'] = async (delivery) => {
      await ctx.send.deliver(delivery);
      throw new Error('killed');
    };
    const dying = { ...ctx, send: { ...ctx.send, deliver } };
    await expect(deliverMessages(dying, { endpointId })).rejects.toThrow('killed');
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toHaveLength(1);
    expect((await read(id)).message).toMatchObject({ state: 'unknown' });
  });

  it('is tried again when it cannot have been heard', async () => {
    const standIn = standIns.githubRepository();
    const gone = await serve(standIn);
    const endpointId = await endpointOf(github(gone.url));
    await gone.close();
    const id = await tell('retraining.requested');
    await deliverMessages(ctx, { endpointId });
    expect(await read(id)).toMatchObject({
      message: { state: 'pending', uncertainSince: null },
      attempts: [{ outcome: 'retryable', error: 'The connection did not succeed (ECONNREFUSED).' }],
    });
  });

  it('is looked for where that is possible', async () => {
    const standIn = standIns.jenkins(['TIDEMARK_MESSAGE']);
    const { url, fates, heard } = await start(standIn);
    const endpointId = await endpointOf(jenkins(url));
    const id = await tell('retraining.requested');
    fates.push('lose');
    await deliverMessages(ctx, { endpointId });
    expect((await read(id)).message).toMatchObject({ state: 'pending', uncertainSince: clock });
    later(10);
    // A look that fails leaves it open, and starts nothing.
    fates.push(503);
    await deliverMessages(ctx, { endpointId });
    expect((await read(id)).message.uncertainSince).not.toBeNull();
    later(3600);
    await deliverMessages(ctx, { endpointId });
    expect(await read(id)).toMatchObject({
      message: { state: 'delivered', uncertainSince: null },
      attempts: [{ outcome: 'unknown' }, { outcome: 'retryable' }, { outcome: 'delivered', externalId: '1' }],
    });
    expect(standIn.started).toHaveLength(1);
    expect(heard.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });
});

describe('a state that holds on', () => {
  it('is told again before it is forgotten, and not after its end', async () => {
    const standIn = standIns.alertmanager();
    const { url } = await start(standIn);
    const endpointId = await endpointOf(alertmanager(url));
    const id = await tell('alert.firing');
    await deliverMessages(ctx, { endpointId });
    expect((await read(id)).message).toMatchObject({ state: 'standing' });
    for (let i = 0; i < 3; i++) {
      later(60);
      await deliverMessages(ctx, { endpointId });
    }
    expect(standIn.started).toHaveLength(4);
    expect((await read(id)).attempts).toHaveLength(1);
    later(30);
    const end = await tell('alert.resolved');
    await deliverMessages(ctx, { endpointId });
    later(3600);
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toHaveLength(5);
    expect(standIn.started.at(-1)).toMatchObject({ endsAt: '2026-03-02T01:03:30.000Z' });
    expect((await read(id)).message).toMatchObject({ state: 'delivered' });
    expect((await read(end)).message).toMatchObject({ state: 'delivered' });
  });

  it('is told through an outage, without end', async () => {
    const standIn = standIns.alertmanager();
    const { url, fates } = await start(standIn);
    const endpointId = await endpointOf(alertmanager(url));
    const id = await tell('alert.firing');
    await deliverMessages(ctx, { endpointId });
    fates.push(...Array<503>(15).fill(503));
    for (let i = 0; i < 15; i++) {
      later(61);
      await deliverMessages(ctx, { endpointId });
    }
    expect((await read(id)).message).toMatchObject({ state: 'standing', attempts: 16 });
    later(61);
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toHaveLength(2);
  });

  it('is not opened again by what is older than its end', async () => {
    const standIn = standIns.pagerduty();
    const { url, fates } = await start(standIn);
    const credentials = { routing_key: 'r0uting-key-of-32-characters-0000' };
    const endpointId = await endpointOf({
      url,
      target: { kind: 'pagerduty', options: {}, credentials },
      ratePerMinute: null,
    });
    const id = await tell('alert.firing');
    fates.push(503);
    await deliverMessages(ctx, { endpointId });
    later(1);
    await tell('alert.resolved');
    await deliverMessages(ctx, { endpointId });
    later(10);
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toMatchObject([{ event_action: 'resolve' }]);
    expect((await read(id)).message).toMatchObject({ state: 'discarded' });
  });
});

describe('mail', () => {
  const options = { from: 'tidemark@shop.test', to: ['ann@shop.test'], tls: 'off' as const };
  const target = { kind: 'email' as const, options, credentials: {} };

  it('is written to people, and its try is shown like any other', async () => {
    const server = await startMailServer({ tls: 'none' });
    const endpointId = await endpointOf({ url: `smtp://127.0.0.1:${server.port}`, target });
    const id = await tell('alert.firing');
    await deliverMessages(ctx, { endpointId });
    await server.close();
    expect(server.mails).toMatchObject([{ from: 'tidemark@shop.test', to: ['ann@shop.test'] }]);
    const { message, attempts } = await read(id);
    expect(message).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(attempts).toMatchObject([
      {
        outcome: 'delivered',
        status: 250,
        request: { method: 'MAIL', headers: { 'message-id': `<${id}@shop.test>` } },
      },
    ]);
  });

  it('is sent again after a temporary answer and not after a final one', async () => {
    const answers = ['451 4.3.0 later', '550 5.7.1 never'];
    const server = await startMailServer({
      tls: 'none',
      answer: (command) => (command === 'MAIL' ? (answers.shift() ?? null) : null),
    });
    const endpointId = await endpointOf({ url: `smtp://127.0.0.1:${server.port}`, target });
    const id = await tell('alert.firing');
    await deliverMessages(ctx, { endpointId });
    expect((await read(id)).message).toMatchObject({ state: 'pending' });
    later(10);
    await deliverMessages(ctx, { endpointId });
    later(86_400);
    await deliverMessages(ctx, { endpointId });
    const { message, attempts } = await read(id);
    expect(message).toMatchObject({ state: 'failed', attempts: 2, nextAttemptAt: null });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['retryable', 'rejected']);
    // The endpoint itself is well: somebody may have it sent again, and the next message goes its way.
    await redeliverMessage(ctx, actor, id);
    await deliverMessages(ctx, { endpointId });
    await server.close();
    expect((await read(id)).message).toMatchObject({ state: 'delivered' });
  });

  describe('with an access token', () => {
    const credentialsOf = (url: string) => ({
      username: 'alerts@shop.test',
      oauth: { token_url: `${url}/token`, client_id: 'tidemark', client_secret: 'client-secret', scope: 'smtp' },
    });
    const CERT = fixture('receiver.crt');
    const serverOf = (token: string) =>
      startMailServer({
        ...{ tls: 'starttls', key: fixture('receiver.key'), cert: CERT },
        login: { username: 'alerts@shop.test', token },
      });
    const trusting = () => {
      const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
      return { ...ctx, mail: createMailSender({ allow: ['127.0.0.1'], name: 'tidemark.test', ca: CERT, resolve }) };
    };
    const json = (body: object) => (response: ServerResponse) =>
      void response.writeHead('error' in body ? 400 : 200).end(JSON.stringify(body));

    it('fetches one for each mail, and shows neither it nor what it cost', async () => {
      const [authority, server] = [await startReceiver(), await serverOf('token-of-today')];
      const credentials = credentialsOf(new URL(authority.url).origin);
      const options = { from: 'alerts@shop.test', to: ['ann@shop.test'] };
      const url = `smtp://receiver.test:${server.port}`;
      const made = await createEndpoint(trusting(), actor, { url, target: { kind: 'email', options, credentials } });
      authority.answers.push(json({ error: 'invalid_client' }), json({ access_token: 'token-of-today' }));
      const id = await tell('alert.firing');
      await deliverMessages(trusting(), { endpointId: made.endpoint.id });
      later(10);
      await deliverMessages(trusting(), { endpointId: made.endpoint.id });
      await Promise.all([server.close(), authority.close()]);
      expect(authority.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))).toEqual(
        Array(2).fill({
          ...{ client_id: 'tidemark', client_secret: 'client-secret' },
          ...{ grant_type: 'client_credentials', scope: 'smtp' },
        }),
      );
      expect(server.mails).toMatchObject([{ from: 'alerts@shop.test', tls: true }]);
      const { attempts } = await read(id);
      expect(attempts).toMatchObject([
        { outcome: 'retryable', status: 400, error: expect.stringMatching(/access token.*400.*\(invalid_client\)/) },
        { outcome: 'delivered', status: 250, error: null },
      ]);
      expect(JSON.stringify(attempts)).not.toMatch(/client-secret|token-of-today/);
    });

    it('fetches none from where it must not call', async () => {
      const given = {
        url: 'smtps://93.184.215.14',
        target: { kind: 'email', options: { from: 'a@b.test', to: ['c@d.test'] } },
      } as const;
      const credentials = credentialsOf('http://169.254.169.254');
      const endpoint = {
        ...given,
        target: { ...given.target, options: { ...given.target.options, to: ['c@d.test'] }, credentials },
      };
      await expect(createEndpoint(ctx, actor, endpoint)).rejects.toMatchObject({
        code: 'blocked-address',
        issues: [{ pointer: '/target/credentials/oauth/token_url' }],
      });
    });
  });

  it('goes to a mail server alone, and nothing else does', async () => {
    for (const given of [{ url: 'https://mail.example.com/', target }, { url: 'smtp://127.0.0.1:25' }]) {
      await expect(createEndpoint(ctx, actor, given)).rejects.toMatchObject({ issues: [{ pointer: '/url' }] });
    }
  });
});

describe('a template', () => {
  it('makes any JSON of an event, with headers that are shown to nobody', async () => {
    const standIn = standIns.argoEvents();
    const { url } = await start(standIn);
    const endpointId = await endpointOf({
      url: `${url}/tidemark`,
      target: {
        kind: 'template',
        options: {
          body: { specversion: '1.0', id: '{{id}}', source: 'x', type: 'of {{data.model}}', rows: '{{data.rows}}' },
        },
        credentials: { headers: { Authorization: 'Bearer argo-token' } },
      },
    });
    const id = await tell('alert.firing');
    await deliverMessages(ctx, { endpointId });
    expect(standIn.started).toMatchObject([{ type: 'of churn', rows: 1200 }]);
    const { attempts } = await read(id);
    expect(JSON.stringify(attempts)).not.toContain('argo-token');
    expect(attempts[0]?.request).toMatchObject({ headers: { 'webhook-id': id } });
    expect(await ctx.db.select().from(messages).where(eq(messages.id, id))).toMatchObject([{ state: 'delivered' }]);
  });
});
