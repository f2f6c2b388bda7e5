import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { listen } from '../../../src/http/server.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';
import { type Ran, run } from '../tables/against.ts';

let service: DatasetService;
let server: Awaited<ReturnType<typeof listen>>;
beforeAll(async () => {
  service = await startDatasetService();
  server = await listen(createApp(service.ctx), { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close(1000);
  await service.close();
});

const tidemark = (...line: string[]): Promise<Ran> => run(tmpdir(), `http://127.0.0.1:${server.port}`, line);

describe('tidemark keys', () => {
  it('makes the first, then one that only reads and ends, and takes it back', async () => {
    expect((await tidemark('keys')).out).toMatch(/^No key: .* open/);
    const early = await tidemark('keys', 'make', 'ci', '-s', 'data:read');
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('The first key ends open access') });
    const first = await tidemark('keys', 'make', 'ada', '--scope', 'admin');
    expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^tmk_\S+\n$/) });
    expect(first.err).toContain('never again');
    const admin = ['--key', first.out.trim()];

    const made = await tidemark(...admin, '--json', 'keys', 'make', 'ci', '-s', 'data:read', '--expires-in', '30d');
    const { id, key } = JSON.parse(made.out) as { id: string; key: string };
    const listed = await tidemark(...admin, 'keys');
    expect(listed.out).toMatch(new RegExp(`${id} +ci +works +data:read +20`));
    expect(listed.out).not.toContain(key);
    expect(await tidemark('--key', key, 'ls')).toMatchObject({ code: 0 });

    for (const _ of [1, 2]) {
      expect(await tidemark(...admin, 'keys', 'revoke', id)).toMatchObject({ code: 0, out: `${id} is revoked.\n` });
    }
    expect(await tidemark('--key', key, 'ls')).toMatchObject({ code: 1 });
    // What works comes first.
    expect((await tidemark(...admin, 'keys')).out).toMatch(/ada +works(.|\n)*ci +revoked/);
  });

  it('says which scopes there are, and how a time is written', async () => {
    expect(await tidemark('keys', 'make', 'ci', '-s', 'read')).toMatchObject({
      code: 2,
      err: expect.stringContaining('There are data:read, data:write'),
    });
    expect(await tidemark('keys', 'make', 'ci', '-s', 'data:read', '--expires-in', 'soon')).toMatchObject({
      code: 2,
      err: expect.stringContaining('give one like 36h, 30d'),
    });
    expect(await tidemark('keys', 'make', 'ci')).toMatchObject({ code: 2, err: expect.stringContaining('--scope') });
    expect((await tidemark('keys', 'make', '--help')).out).toContain('data:read');
  });
});
