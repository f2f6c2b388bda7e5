import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTable } from '../../src/formats/table-reader.ts';
import type { Column } from '../../src/stats/column.ts';
import { BAD_CASES } from './bad-cases.ts';
import { line, md5 } from './bad-requests.ts';
import { type Stage, setStage } from './bad-stage.ts';
import { quiet } from './main-job.ts';
import { type ApiDocument, operationsOf } from './operations.ts';
import { sendBytes } from './raw-http.ts';
import { makeFolder, removeFolder, until } from './service.ts';

const PROBLEMS = 'https://tidemark.dev/problems/';

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage.close());

type Problem = Readonly<Record<string, unknown>> | null;

const exactValues = (column: Column | undefined): bigint[] | null =>
  column?.kind === 'number' && column.exact !== null ? [...column.exact] : null;

/** RFC 9457, with a detail that says something and gives nothing away. */
function expectProblem(problem: Problem, status: number, code: string): void {
  expect(problem).toMatchObject({ status, type: `${PROBLEMS}${code}`, title: expect.any(String) });
  const detail = String(problem?.detail);
  expect(detail).toMatch(/^.{10,}\.$/su);
  expect(JSON.stringify(problem)).not.toMatch(
    /node_modules|\.ts:\d|\bselect\s.*\bfrom\b|insert into|tidemark-service-/i,
  );
}

describe('bad input is answered by a problem, changes nothing, and the service goes on', () => {
  test.each(BAD_CASES)('$name', async ({ status, code, says, answers, ...request }) => {
    const before = await stage.state();
    const answer = await stage.ask(request);
    expect([answer.status, answer.json?.type], answer.text.slice(0, 500)).toEqual([status, `${PROBLEMS}${code}`]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expectProblem(answer.json, status, code);
    expect(String(answer.json?.detail)).toMatch(says);
    expect(answer.json).toMatchObject({ instance: expect.any(String), request_id: answer.headers['x-request-id'] });
    for (const [header, value] of Object.entries(answers ?? {})) expect(answer.headers[header]).toMatch(value);
    expect(await stage.state()).toEqual(before);
  });
});

describe('broken HTTP', () => {
  const head = 'GET /v1/datasets HTTP/1.1\r\nHost: x\r\n';
  test.each([
    ['a request line that is none', 'NONSENSE\r\n\r\n', 400],
    ['U+0000 in the path', 'GET /v1/\u0000 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['headers of 64 KiB', `${head}X-Long: ${'x'.repeat(65_536)}\r\n\r\n`, 431],
    ['an address of 20 kB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['two lengths', `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`, 400],
    ['a length and chunks', `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
    ['a header without a name', `${head}: x\r\n\r\n`, 400],
  ])('%s', async (_, bytes, status) => {
    const before = await stage.state();
    const answer = await sendBytes(stage.service.port, bytes, 'wait');
    expect(answer.status, answer.text).toBe(status);
    expect(answer.text).toContain('application/problem+json');
    expect(answer.json).toMatchObject({ status, title: expect.any(String), detail: expect.stringMatching(/\.$/) });
    expect(await stage.state()).toEqual(before);
  });
});

describe('uploads that break off store nothing', () => {
  const push = 'POST /v1/datasets/broken/versions?path=a.csv HTTP/1.1\r\nHost: x\r\n';
  const put = `PUT /v1/objects/${md5('broken')} HTTP/1.1\r\nHost: x\r\n`;
  test.each([
    ['a push, reset', `${push}Content-Length: 1000\r\n`, 'a\n1\n', 'reset'],
    ['a push, ended', `${push}Content-Length: 1000\r\n`, 'a\n1\n', 'end'],
    ['a chunked push, ended', `${push}Transfer-Encoding: chunked\r\n`, '4\r\na\n1\n\r\n', 'end'],
    [
      'an object whose bytes are all there but the chunk that ends them',
      `${put}Transfer-Encoding: chunked\r\n`,
      '6\r\nbroken\r\n',
      'reset',
    ],
  ] as const)('%s', async (_, start, body, then) => {
    const before = await stage.state();
    await sendBytes(stage.service.port, `${start}Authorization: ${stage.authorization}\r\n\r\n${body}`, then);
    expect(await stage.state()).toEqual(before);
    expect((await stage.ask({ method: 'GET', path: '/v1/datasets/broken' })).status).toBe(404);
    expect((await stage.ask({ method: 'GET', path: `/v1/objects/${md5('broken')}` })).status).toBe(404);
  });
});

describe('keys', () => {
  const read = { method: 'GET', path: '/v1/datasets' };

  test.each([
    ['an unknown key', `Bearer tmk_00000000_${'A'.repeat(43)}_00000000`],
    ['no key in it', 'Bearer'],
    ['another scheme', 'Digest username="x"'],
    ['an empty password', `Basic ${Buffer.from('x:').toString('base64')}`],
  ])('%s is 401', async (_, authorization) => {
    const answer = await stage.ask({ ...read, headers: { authorization } });
    expect(answer.status).toBe(401);
    expectProblem(answer.json, 401, 'unauthenticated');
    expect(answer.headers['www-authenticate']).toMatch(/Bearer/);
  });

  test('no header at all is 401 once there is a key', async () => {
    const answer = await fetch(`${stage.service.url}/v1/datasets`);
    expect(answer.status).toBe(401);
    expectProblem((await answer.json()) as Problem, 401, 'unauthenticated');
  });

  test('one without the scope is 403 and names it; one that is revoked is 401', async () => {
    const { key, id } = await stage.must('POST', '/v1/keys', { name: 'reader', scopes: ['data:read'] });
    const headers = { authorization: `Bearer ${String(key)}` };
    expect((await stage.ask({ ...read, headers })).status).toBe(200);
    const before = await stage.state();
    for (const [method, path, scope] of [
      ['POST', '/v1/datasets/d/versions?path=a.csv', 'data:write'],
      ['POST', '/v1/models/m/predictions', 'logs:write'],
      ['GET', '/v1/webhooks', 'webhooks:read'],
      ['POST', '/v1/keys', 'admin'],
    ] as const) {
      const body = path === '/v1/keys' ? '{"name":"more","scopes":["admin"]}' : 'a\n1\n';
      const type = path === '/v1/keys' ? 'application/json' : 'application/x-ndjson';
      const answer = await stage.ask({
        ...{ method, path, headers: { ...headers, 'content-type': type } },
        ...(method === 'GET' ? {} : { body }),
      });
      expect(answer.status, path).toBe(403);
      expectProblem(answer.json, 403, 'forbidden');
      expect(answer.json?.detail).toContain(scope);
    }
    expect(await stage.state()).toEqual(before);
    await stage.must('DELETE', `/v1/keys/${String(id)}`);
    expect((await stage.ask({ ...read, headers })).status).toBe(401);
  });
});

describe('a token of a run', () => {
  test('works once', async () => {
    await stage.must('POST', '/v1/runs', { policy: 'p' });
    const message = await until('the order to retrain', async () => stage.receiver.requests.at(-1) ?? null);
    const { data } = JSON.parse(message.body) as { data: { run: string; callback: { url: string; token: string } } };
    const report = (token: string) =>
      stage.ask({
        ...{ method: 'POST', path: new URL(data.callback.url).pathname },
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{"state":"accepted"}',
      });
    const wrong = await report('x'.repeat(43));
    expect(wrong.status).toBe(401);
    expectProblem(wrong.json, 401, 'unauthenticated');
    expect((await report(data.callback.token)).status).toBe(200);
    // That the order was delivered is written down after the receiver has it.
    await quiet(stage.service);
    const before = await stage.state();
    const again = await report(data.callback.token);
    expect(again.status).toBe(409);
    expectProblem(again.json, 409, 'token-used');
    expect(await stage.state()).toEqual(before);
  });
});

describe('numbers that JSON readers round', () => {
  test('9007199254740993 is kept exact in predictions and in profiles', async () => {
    const answer = await stage.must('POST', '/v1/models/m/predictions', line('exact', '{"age":9007199254740993}'));
    expect(answer).toMatchObject({ sent: 1, accepted: 1, rejected: 0 });
    const bytes = await fetch(`${stage.service.url}/v1/objects/${String(answer.oid)}`, {
      headers: { authorization: stage.authorization },
    });
    const folder = makeFolder('exact');
    writeFileSync(join(folder, 'batch.arrow'), new Uint8Array(await bytes.arrayBuffer()));
    const table = await openTable(join(folder, 'batch.arrow'));
    const at = table.fields.findIndex((field) => field.name === 'feature.age');
    for await (const batch of table.batches()) expect(exactValues(batch.columns[at])).toEqual([9007199254740993n]);
    await table.close();
    removeFolder(folder);
  });
});

describe('random calls of every operation that the service documents', () => {
  test('never end in a failure of its own', async () => {
    const document = (await stage.must('GET', '/openapi.json')) as unknown as ApiDocument;
    expect(document.openapi).toBe('3.1.0');
    const operations = operationsOf(document);
    expect(operations.length).toBeGreaterThan(50);
    const statuses = new Map<number, number>();
    for (const [index, { name, requests }] of operations.entries()) {
      for (const request of fc.sample(requests, { numRuns: 25, seed: 7000 + index })) {
        const answer = await stage.ask(request);
        const shown = `${name}: ${request.path.slice(0, 300)} ${String(request.body).slice(0, 500)} → ${answer.text}`;
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expect(answer.status, shown).toBeLessThan(500);
        if (answer.status < 400) continue;
        expect(answer.headers['content-type'], shown).toBe('application/problem+json');
        expectProblem(answer.json, answer.status, String(answer.json?.type).slice(PROBLEMS.length));
      }
    }
    // A sweep that never comes further than the first check would prove little.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(50);
    expect(statuses.size).toBeGreaterThan(5);
    expect((await stage.ask({ method: 'GET', path: '/readyz' })).status).toBe(200);
  });
});
