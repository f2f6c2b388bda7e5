import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../tables/against.ts';

/** A service that is not ready, as what stands before it hands that on. */
let server: Server;
let alive = '';
let ready = '';
let projects = { status: 200, body: '{"items": []}' };
beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/readyz' ? 503 : request.url === '/livez' ? 200 : projects.status;
    response.end(request.url === '/readyz' ? ready : request.url === '/livez' ? alive : projects.body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  server.close();
});

const doctor = () => run(tmpdir(), `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ['doctor']);

describe('tidemark doctor', () => {
  beforeEach(() => {
    alive = JSON.stringify({ status: 'alive', version: '99.0.1' });
  });

  it('says when a service is of another version, and when none answers', async () => {
    expect((await doctor()).out).toMatch(
      /^service +ok +answers at \S+, version 99\.0\.1; this client is \d+\.\d+\.\d+$/m,
    );
    for (alive of ['<html>', '{"status": "UP"}', '[]', 'null']) {
      const { code, out } = await doctor();
      expect(code).toBe(1);
      expect(out).toMatch(/^service +TROUBLE +What answers at \S+ is no Tidemark service\.$/m);
      expect(out).not.toMatch(/^parts/m);
    }
  });

  it('says what of a service is not ready', async () => {
    const checks = [
      { name: 'database', ok: true, detail: 'answers' },
      { name: 'remote', ok: false, detail: 'cannot be written at s3://none' },
    ];
    ready = JSON.stringify({ status: 'not-ready', checks });
    const { code, out } = await doctor();
    expect(code).toBe(1);
    expect(out).toMatch(/^database +ok +answers$/m);
    expect(out).toMatch(/^remote +TROUBLE +cannot be written at s3:\/\/none$/m);
  });

  it('says that something else answers in its place', async () => {
    ready = '<html>Service unavailable</html>';
    expect((await doctor()).out).toMatch(/^parts +TROUBLE +http\S+\/readyz answers 503, and no checks$/m);
  });

  it('says how a key is said where one is needed', async () => {
    const type = 'https://tidemark.dev/problems/unauthenticated';
    projects = { status: 401, body: JSON.stringify({ type, status: 401, detail: 'An API key is needed.' }) };
    expect((await doctor()).out).toMatch(
      /^access +TROUBLE +An API key is needed\. Say it by --key or TIDEMARK_KEY\.$/m,
    );
  });
});
