import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { type DatasetService, md5Of, sha256Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(async () => {
  await service.close();
});

const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });
const manifest = (entries: readonly [string, string][]): string =>
  `[${entries.map(([relpath, md5]) => `{"md5": "${md5}", "relpath": "${relpath}"}`).join(', ')}]`;

describe('an object', () => {
  it.each([['PUT'], ['POST']])('is taken by %s under its own name and fetched again', async (method) => {
    const bytes = `bytes by ${method}`;
    const path = `/v1/objects/${md5Of(bytes)}`;
    const sent = await service.send(method, path, bytes);
    expect([sent.status, sent.body]).toEqual([
      201,
      { oid: md5Of(bytes), md5: md5Of(bytes), sha256: sha256Of(bytes), size: bytes.length, created: true },
    ]);
    expect((await service.send(method, path, bytes)).status).toBe(200);
    const fetched = await service.send('GET', path);
    expect([fetched.text, fetched.headers.get('etag')]).toEqual([bytes, `"${md5Of(bytes)}"`]);
    const part = await service.send('GET', path, undefined, { range: 'bytes=2-4' });
    expect([part.status, part.text]).toEqual([206, bytes.slice(2, 5)]);
  });

  it('of no bytes is an object', async () => {
    const path = '/v1/objects/d41d8cd98f00b204e9800998ecf8427e';
    expect((await service.send('PUT', path, '')).status).toBe(201);
    const fetched = await service.send('GET', path);
    expect([fetched.status, fetched.text, fetched.headers.get('content-length')]).toEqual([200, '', '0']);
  });

  describe('that lies where clients can read it too', () => {
    const app = () => {
      const address = async (oid: string, seconds: number) => `https://bucket.example/${oid}?for=${seconds}`;
      return createApp({ ...service.ctx, remote: Object.assign(Object.create(service.remote), { address }) });
    };

    it('is read there by whoever asks to be sent on', async () => {
      const md5 = await service.hold('read it there');
      const sentOn = await app().request(`/v1/objects/${md5}?redirect=true`);
      const where = `https://bucket.example/${md5}?for=900`;
      expect([sentOn.status, sentOn.headers.get('location')]).toEqual([307, where]);
      for (const query of ['', '?redirect=false']) {
        const given = await app().request(`/v1/objects/${md5}${query}`);
        expect([given.status, await given.text()]).toEqual([200, 'read it there']);
      }
      const other = await service.send('GET', `/v1/objects/${md5}?redirect=true`);
      expect([other.status, other.text]).toEqual([200, 'read it there']);
    });

    it('is not there for whoever may not have it', async () => {
      const unknown = await app().request(`/v1/objects/${md5Of('never seen')}?redirect=true`);
      expect(unknown.status).toBe(404);
      const odd = await app().request(`/v1/objects/${md5Of('never seen')}?redirect=perhaps`);
      expect(odd.status).toBe(400);
    });
  });

  it('whose bytes do not bear out its name is refused', async () => {
    const path = `/v1/objects/${md5Of('good')}`;
    const answer = await service.send('PUT', path, 'evil');
    expect([answer.status, answer.body]).toEqual([400, problem('digest-mismatch')]);
    expect((await service.send('GET', path)).body).toEqual(problem('not-found'));
    expect(service.remote.objects.has(md5Of('evil'))).toBe(false);
  });

  it.each([['D41D8CD98F00B204E9800998ECF8427E'], ['abc'], ['d41d8cd98f00b204e9800998ecf8427e.txt'], ['%2e%2e%2fx']])(
    'cannot be called %s',
    async (name) => {
      for (const method of ['PUT', 'GET']) {
        const answer = await service.send(method, `/v1/objects/${name}`, method === 'PUT' ? '' : undefined);
        expect([answer.status, answer.body]).toEqual([400, problem('bad-path')]);
      }
    },
  );

  it('of another project is not there', async () => {
    await service.send('POST', '/v1/projects', { name: 'other' });
    const md5 = await service.hold('a secret of default');
    const theirs = { 'tidemark-project': 'other' };
    expect((await service.send('GET', `/v1/objects/${md5}`, undefined, theirs)).status).toBe(404);
    const survey = await service.send('POST', '/v1/objects/batch', { objects: [{ oid: md5, size: 1 }] }, theirs);
    expect(survey.body).toMatchObject({ objects: [{ missing: true }] });
    const sent = await service.send('PUT', `/v1/objects/${md5}`, 'a secret of default', theirs);
    expect(sent.status).toBe(201);
  });
});

describe('a name that is bound to other bytes', () => {
  it('stays bound to them for ever', async () => {
    const md5 = await service.hold('the first bytes');
    await service.ctx.db.execute(sql`update objects set sha256 = ${'0'.repeat(64)} where oid = ${md5}`);
    const answer = await service.send('PUT', `/v1/objects/${md5}`, 'the first bytes');
    expect([answer.status, answer.body]).toEqual([409, problem('digest-conflict')]);
    const read = await service.send('GET', `/v1/objects/${md5}`);
    expect([read.status, read.body]).toEqual([404, problem('object-corrupt')]);
  });
});

describe('a manifest', () => {
  it('is taken as it was written when all its members are held', async () => {
    const members: [string, string][] = [['foo', await service.hold('foo')]];
    const bytes = manifest(members);
    expect(md5Of(bytes)).toBe('84fe43362de8f1634c6fd2900440e9e2');
    const oid = `${md5Of(bytes)}.dir`;
    expect((await service.send('PUT', `/v1/objects/${oid}`, bytes)).status).toBe(201);
    expect((await service.send('GET', `/v1/objects/${oid}`)).text).toBe(bytes);
    // Not as DVC 3 writes it, but the digest is right: old clients wrote others.
    const loose = `[ {"relpath":"foo","md5":"${md5Of('foo')}","size":3} ]`;
    expect((await service.send('PUT', `/v1/objects/${md5Of(loose)}.dir`, loose)).status).toBe(201);
    const made = await service.send('POST', '/v1/datasets/loose/versions', { oid: `${md5Of(loose)}.dir` });
    expect(made.body).toMatchObject({ files: 1, bytes: 3, path: 'loose' });
  });

  it.each([
    ['not json', 'not json', 'invalid-manifest'],
    ['no list', '{}', 'invalid-manifest'],
    ['a hostile path', manifest([['../x', md5Of('foo')]]), 'invalid-manifest'],
    ['no md5', '[{"relpath": "x"}]', 'invalid-manifest'],
    ['a manifest as member', `[{"md5": "${md5Of('[]')}.dir", "relpath": "x"}]`, 'invalid-manifest'],
    ['a member that is not held', manifest([['x', '00000000000000000000000000000009']]), 'missing-children'],
  ])('with %s is refused', async (_, bytes, code) => {
    const oid = `${md5Of(bytes)}.dir`;
    await service.hold('foo');
    expect((await service.send('PUT', `/v1/objects/${oid}`, bytes)).body).toEqual(problem(code));
    expect((await service.send('GET', `/v1/objects/${oid}`)).status).toBe(404);
    expect(service.remote.objects.has(oid)).toBe(false);
  });
});

describe('asking for many objects', () => {
  it('says which are missing and where to send them', async () => {
    const held = await service.hold('held already');
    const missing = '000000000000000000000000000000aa';
    const objects = [
      { oid: held, size: 12 },
      { oid: missing, size: 5 },
    ];
    const upload = await service.send('POST', '/v1/objects/batch', { objects });
    expect(upload.body).toEqual({
      transfer: 'basic',
      objects: [
        { oid: held, size: 12, missing: false },
        {
          oid: missing,
          size: 5,
          missing: true,
          actions: { upload: { href: `http://127.0.0.1:8490/v1/objects/${missing}`, method: 'PUT' } },
        },
      ],
    });
    const brief = await service.send('POST', '/v1/objects/batch', { brief: true, objects });
    expect(brief.body).toEqual({ transfer: 'basic', objects: [{ oid: missing, size: 5, missing: true }] });
    const download = await service.send('POST', '/v1/objects/batch', { operation: 'download', objects });
    expect(download.body).toMatchObject({
      objects: [{ actions: { download: { method: 'GET' } } }, { error: { code: 404 } }],
    });
  });

  it('refuses what is no list of objects', async () => {
    for (const body of [{}, { objects: [{ oid: '../x', size: 1 }] }, { objects: [{ oid: md5Of(''), size: -1 }] }]) {
      expect((await service.send('POST', '/v1/objects/batch', body)).body).toEqual(problem('invalid-body'));
    }
  });
});
