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

describe('tidemark projects', () => {
  it('makes one, says what it holds, deletes it when its name is said again, and restores it', async () => {
    expect((await tidemark('projects', 'make', 'churn')).out).toContain('tidemark keys make NAME --for churn');
    await service.send('POST', '/v1/datasets/one/versions?path=x.csv&project=churn', 'a\n1\n');
    expect((await tidemark('projects')).out).toMatch(/PROJECT +MADE\nchurn +20\S+ \S+ *\ndefault +20/);
    const shown = await tidemark('projects', 'show', 'churn');
    expect(shown.out).toMatch(/^churn\ndatasets +1, versions: 1\nobjects +1, 4 B, 4 B of them in no other project\n/);
    const dry = await tidemark('projects', 'rm', 'churn');
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was deleted') });
    expect(dry.out).toContain('tidemark projects rm churn --confirm churn');
    expect(await tidemark('projects', 'rm', 'churn', '--confirm', 'other')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nothing was deleted'),
    });
    expect(await tidemark('projects', 'rm', 'churn', '--confirm', 'churn', '--undo-for', '2d')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^churn is deleted, and erased at 20\S+ \S+; until then: tidemark projects restore churn\n$/,
      ),
    });
    expect(await tidemark('--project', 'churn', 'ls')).toMatchObject({
      code: 1,
      err: expect.stringContaining('was deleted on'),
    });
    expect((await tidemark('projects', '--deleted')).out).toMatch(/churn +20\S+ \S+ +anonymous +20\S+ \S+/);
    expect((await tidemark('projects', 'show', 'churn')).out).toMatch(
      /^churn, deleted at 20\S+ \S+, restorable until 20/,
    );
    expect((await tidemark('projects', 'restore', 'churn')).out).toBe('churn is there again.\n');
    expect((await tidemark('projects', '--deleted')).out).toContain('No deleted project');
    expect(await tidemark('projects', 'rm', 'default', '--confirm', 'default')).toMatchObject({ code: 1 });
    const misused = await tidemark('projects', 'rm', 'churn', '--confirm', 'churn', '--undo-for', 'ever');
    expect(misused).toMatchObject({ code: 2, err: expect.stringContaining('give one like 36h') });
  });
});

describe('tidemark keys', () => {
  it('makes the first, then one that only reads and ends, and takes keys back by id or by a name of one alone', async () => {
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

    const make = () => tidemark(...admin, '--json', 'keys', 'make', 'ci', '-s', 'data:read');
    const ids = [await make(), await make()].map(({ out }) => (JSON.parse(out) as { id: string }).id);
    const unsure = await tidemark(...admin, 'keys', 'revoke', 'ci');
    expect(unsure).toMatchObject({ code: 1, err: expect.stringContaining('say which by its id') });
    for (const id of ids) expect(unsure.err).toContain(id);
    expect(await tidemark(...admin, 'keys', 'revoke', ids[0]!)).toMatchObject({ code: 0 });
    expect(await tidemark(...admin, 'keys', 'revoke', 'ci')).toMatchObject({ code: 0, out: `${ids[1]} is revoked.\n` });
    expect(await tidemark(...admin, 'keys', 'revoke', 'ci')).toMatchObject({
      code: 1,
      err: expect.stringContaining('ci'),
    });
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
