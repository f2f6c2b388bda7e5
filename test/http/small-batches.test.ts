import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RequestMetrics } from '../../src/domain/operations/request-metrics.ts';
import type { App } from '../../src/http/route.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { smallBatches } from '../../src/http/small-batches.ts';
import { type Ledger, ndjson, openLedger, prediction } from '../domain/log/ledger.ts';

/** What the router of these tests answers: who hears it was not taken ahead of it. */
const ROUTER = 418;
const PATH = '/v1/models/m/predictions';

let ledger: Ledger;
let server: HttpServer;
let url: string;
const requests = new RequestMetrics();
beforeAll(async () => {
  ledger = await openLedger();
  await ledger.model('m');
  const router = { fetch: () => new Response('routed', { status: ROUTER }) } as unknown as App;
  server = await listen(router, { host: '127.0.0.1', port: 0 }, smallBatches(ledger.ctx, requests));
  url = `http://127.0.0.1:${server.port}`;
});
afterAll(async () => {
  await server.close(1000);
  await ledger.close();
});
type Sent = { readonly path?: string; readonly headers?: Record<string, string>; readonly method?: string };

async function send(body: string | Uint8Array<ArrayBuffer>, { path = PATH, headers = {}, method = 'POST' }: Sent = {}) {
  const types = { 'content-type': 'application/x-ndjson', ...headers };
  const answer = await fetch(url + path, { method, headers: types, body });
  const text = await answer.text();
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text };
}

/** As `send`, once who sends is let in: what is known of him is soon forgotten, and on a busy machine sooner. */
async function ahead(body: string, sent: Sent = {}) {
  for (let tries = 0; ; tries++) {
    await ledger.request('/v1/models/nobody', { headers: sent.headers ?? {} });
    const answer = await send(body, sent);
    if (answer.status !== ROUTER || tries === 50) return answer;
  }
}

let numbers = 0;
const one = (): string => ndjson([prediction(++numbers)]);

/** An answer without what no two have in common. */
const common = (text: string) => {
  const { batch, batches, oid, request_id, ...rest } = JSON.parse(text) as Record<string, unknown>;
  return { ...rest, named: [typeof batch, Array.isArray(batches), typeof oid, typeof request_id] };
};
const OWN = ['date', 'connection', 'keep-alive', 'content-length', 'x-request-id', 'transfer-encoding'];
const lasting = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.includes(name)));

describe('a small body ahead of the router', () => {
  test.each([
    ['one record', () => one()],
    [
      'several, some of them repeats',
      () => one() + ndjson([prediction(5000), prediction(5000), prediction(5000, { prediction: 7 })]),
    ],
    ['a record without a line end', () => one().trimEnd()],
    ['a bad record', () => `${one()}{"prediction_id":`],
    ['no bytes', () => ''],
  ])('gets the answer of the route: %s', async (_, make) => {
    const body = make();
    const found = await ahead(body);
    const routed = await ledger.send(PATH, body.replaceAll(/"p-(\d+)"/g, '"q-$1"'));
    expect([found.status, common(found.text)]).toEqual([routed.status, common(routed.text)]);
    expect(lasting(found.headers)).toEqual(lasting(Object.fromEntries(routed.headers)));
    expect(found.headers['x-request-id']).toMatch(/^req_[0-9a-z]{26}$/);
    expect(Number(found.headers['content-length'])).toBe(Buffer.byteLength(found.text));
  });

  test('records as a JSON list, and labels', async () => {
    const list = JSON.stringify([prediction(++numbers)]);
    expect(await ahead(list, { headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 200 });
    const label = ndjson([{ prediction_id: 'p-1', label: 1 }]);
    expect(await ahead(label, { path: '/v1/models/m/labels' })).toMatchObject({ status: 200 });
  });

  test('many at once share batches, and every row is counted', async () => {
    const before = (await ledger.counts('m')).sent as number;
    const answers = await Promise.all(Array.from({ length: 80 }, () => ahead(one())));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const batches = new Set(answers.map(({ text }) => (JSON.parse(text) as { batch: number }).batch));
    expect(batches.size).toBeLessThan(80);
    expect(await ledger.counts('m')).toMatchObject({ sent: before + 80 });
  });

  test('under a key the first answer is that of every repetition, ahead of the router and behind it', async () => {
    const body = one();
    const headers = { 'idempotency-key': 'the-same' };
    const first = await ahead(body, { headers });
    const answer = JSON.parse(first.text) as Record<string, unknown>;
    expect([first.status, answer.replayed]).toEqual([200, false]);
    const again = await ahead(body, { headers });
    expect([again.status, JSON.parse(again.text)]).toEqual([200, { ...answer, replayed: true }]);
    const routed = await ledger.send(PATH, body, headers);
    expect([routed.status, routed.body]).toEqual([200, { ...answer, replayed: true }]);
    for (const reused of [
      await ahead(one(), { headers }),
      await ahead(body, { headers, path: '/v1/models/m/labels' }),
    ]) {
      expect([reused.status, JSON.parse(reused.text)]).toEqual([
        422,
        expect.objectContaining({ type: expect.stringContaining('idempotency-key-reused') }),
      ]);
    }
  });

  test('many at once under keys share batches, and so do their repetitions', async () => {
    const before = (await ledger.counts('m')).sent as number;
    const sent = Array.from({ length: 40 }, (_, i) => ({ body: one(), headers: { 'idempotency-key': `many-${i}` } }));
    const round = () => Promise.all(sent.map(({ body, headers }) => ahead(body, { headers })));
    const told = (answers: Awaited<ReturnType<typeof round>>) =>
      answers.map(({ status, text }) => ({ status, ...(JSON.parse(text) as { batch: number; replayed: boolean }) }));
    const [first, second] = await Promise.all([round(), round()]);
    const both = [...told(first), ...told(second)];
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200]));
    expect(told(second).map(({ batch }) => batch)).toEqual(told(first).map(({ batch }) => batch));
    expect(both.filter(({ replayed }) => !replayed)).toHaveLength(40);
    expect(await ledger.counts('m')).toMatchObject({ sent: before + 40 });
  });

  test('an unknown model is told as the route tells it', async () => {
    const path = '/v1/models/nobody/predictions';
    const found = await ahead(one(), { path });
    expect(found.status).toBe(404);
    expect(JSON.parse(found.text)).toMatchObject({ instance: path, request_id: found.headers['x-request-id'] });
  });

  test.each<[string, Sent & { readonly body?: Uint8Array<ArrayBuffer> }]>([
    ['with a query', { path: `${PATH}?partial=true` }],
    ['at an address with escapes', { path: '/v1/models/%6d/predictions' }],
    ['with a key that is none', { headers: { 'idempotency-key': 'two words' } }],
    ['that is compressed', { headers: { 'content-encoding': 'gzip' }, body: new Uint8Array(gzipSync(one())) }],
    ['of another type', { headers: { 'content-type': 'text/csv' } }],
    ['whose type has parameters', { headers: { 'content-type': 'application/json; charset=utf-8' } }],
    ['of another method', { method: 'PUT' }],
    ['with an API key that nobody has', { headers: { authorization: 'Bearer tmk_nobody' } }],
    ['with a header that is no key', { headers: { authorization: 'Basic eDp5' } }],
    ['of a project that is not there', { headers: { 'tidemark-project': 'elsewhere' } }],
    ['that is too large', { body: new Uint8Array(9000).fill(32) }],
  ])('is left to the router %s', async (_, { body, ...sent }) => {
    expect(await send(body ?? one(), sent)).toMatchObject({ status: ROUTER });
  });

  test('with keys, who may log is taken and who may not is told so', async () => {
    const admin = await keyOf(['admin'], {});
    const as = (key: string) => ({ authorization: `Bearer ${key}` });
    const writer = await keyOf(['logs:write'], as(admin));
    const reader = await keyOf(['logs:read'], as(admin));
    expect(await ahead(one(), { headers: as(writer) })).toMatchObject({ status: 200 });
    expect(await ahead(one(), { headers: as(reader) })).toMatchObject({ status: 403 });
    expect(await send(one())).toMatchObject({ status: ROUTER });
  });

  test('is counted as the route counts', async () => {
    const told = await requests.registry.metrics();
    for (const [status, model] of [
      [200, 'predictions'],
      [200, 'labels'],
      [403, 'predictions'],
    ] as const) {
      expect(told).toMatch(
        new RegExp(`_count\\{method="POST",route="/v1/models/:model/${model}",status="${status}"\\} \\d`),
      );
    }
  });
});

async function keyOf(scopes: readonly string[], headers: Record<string, string>): Promise<string> {
  const types = { 'content-type': 'application/json', ...headers };
  const body = JSON.stringify({ name: 'k', scopes });
  const { body: made } = await ledger.request('/v1/keys', { method: 'POST', headers: types, body });
  return String(made.key);
}
