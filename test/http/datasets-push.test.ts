import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatasetService, md5Of, sha256Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService({ TIDEMARK_MAX_OBJECT_BYTES: '1000000' });
});
afterAll(async () => {
  await service.close();
});

const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });
const versionsOf = async (dataset: string): Promise<number> => {
  const rows = await service.ctx.db.execute<{ count: number }>(
    sql`select count(*)::int as count from versions v join datasets d on d.id = v.dataset_id where d.name = ${dataset}`,
  );
  return rows[0]?.count ?? 0;
};

describe('pushing one file', () => {
  it('makes the dataset, the first version and the job of its profile', async () => {
    const bytes = 'a,b\n1,2\n';
    const answer = await service.send('POST', '/v1/datasets/first/versions?path=train.csv&message=hello', bytes, {
      'content-type': 'text/csv',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('http://127.0.0.1:8490/v1/datasets/first/versions/v1');
    expect(answer.body).toMatchObject({
      dataset: 'first',
      ref: 'v1',
      number: 1,
      oid: md5Of(bytes),
      md5: md5Of(bytes),
      kind: 'file',
      path: 'train.csv',
      files: 1,
      bytes: 8,
      sha256_root: createHash('sha256')
        .update(`train.csv\0${sha256Of(bytes)}\n`)
        .digest('hex'),
      message: 'hello',
      provenance: { kind: 'push', author: 'anonymous' },
      tags: [],
      profile: 'pending',
      pointer: `outs:\n- md5: ${md5Of(bytes)}\n  size: 8\n  hash: md5\n  path: train.csv\n`,
      created: true,
    });
    const jobs = await service.ctx.db.execute(sql`select name, key from jobs where key like 'version:%'`);
    expect(jobs).toEqual([expect.objectContaining({ name: 'profile-version' })]);
  });

  it('answers the same content with the version that holds it, and makes one more of what only an older one has', async () => {
    const path = '/v1/datasets/again/versions?path=x.bin';
    expect((await service.send('POST', path, 'one')).status).toBe(201);
    expect((await service.send('POST', path, 'two')).body).toMatchObject({ ref: 'v2', created: true });
    const repeated = await service.send('POST', path, 'two');
    expect([repeated.status, repeated.body]).toMatchObject([200, { ref: 'v2', latest: 'v2', created: false }]);
    const back = await service.send('POST', `${path}&message=back&git_rev=abcdef1`, 'one');
    expect(back.status).toBe(201);
    expect(back.body).toMatchObject({
      ...{ ref: 'v3', latest: 'v3', created: true, message: 'back', git_rev: 'abcdef1' },
      provenance: { kind: 'push', repeats: 'v1' },
    });
    expect((await service.send('GET', '/v1/datasets/again/versions/latest')).body).toMatchObject({
      ref: 'v3',
      oid: md5Of('one'),
    });
    // Its name is its content's: the newest of those that have it.
    expect((await service.send('GET', `/v1/datasets/again/versions/${md5Of('one')}`)).body.ref).toBe('v3');
    expect((await service.send('POST', path, 'one')).body).toMatchObject({ ref: 'v3', created: false });
    expect(await versionsOf('again')).toBe(3);
  });

  it('does not take a push of another name for what came since', async () => {
    const push = (name: string) => service.send('POST', `/v1/datasets/two/versions?path=${name}`, name);
    expect((await push('users.csv')).body).toMatchObject({ ref: 'v1', created: true });
    expect((await push('orders.csv')).body).toMatchObject({ ref: 'v2', created: true });
    expect((await push('users.csv')).body).toMatchObject({ ref: 'v1', latest: 'v2', created: false });
    expect(await versionsOf('two')).toBe(2);
  });

  it('answers a repeated request with its key as the first time, also when something came since', async () => {
    const path = '/v1/datasets/keyed-back/versions?path=x.bin';
    const first = await service.send('POST', path, 'one', { 'idempotency-key': 'first' });
    await service.send('POST', path, 'two');
    const again = await service.send('POST', path, 'one', { 'idempotency-key': 'first' });
    expect([again.status, again.body.ref]).toEqual([first.status, 'v1']);
    expect(await versionsOf('keyed-back')).toBe(2);
  });

  it('numbers versions without gaps when many are pushed at once', async () => {
    const pushes = Array.from({ length: 8 }, (_, i) =>
      service.send('POST', '/v1/datasets/many/versions?path=x.bin', `content ${i}`),
    );
    const answers = await Promise.all(pushes);
    expect(new Set(answers.map((answer) => answer.body.number))).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
  });

  it('takes JSON as a file when the path says so, and an empty file', async () => {
    const json = await service.send('POST', '/v1/datasets/json/versions?path=x.json', { rows: [] });
    expect(json.body).toMatchObject({ path: 'x.json', oid: md5Of('{"rows":[]}') });
    const empty = await service.send('POST', '/v1/datasets/json/versions?path=empty', '');
    expect(empty.body).toMatchObject({ bytes: 0, oid: 'd41d8cd98f00b204e9800998ecf8427e' });
  });

  it.each([
    ['?md5=', (bytes: string) => ({ query: `&md5=${md5Of(bytes)}`, headers: {} })],
    ['?sha256=', (bytes: string) => ({ query: `&sha256=${sha256Of(bytes)}`, headers: {} })],
    ['Content-MD5', (bytes: string) => ({ query: '', headers: { 'content-md5': base64('md5', bytes) } })],
    ['Digest', (bytes: string) => ({ query: '', headers: { digest: `md5=x,SHA-256=${base64('sha256', bytes)}` } })],
    [
      'Repr-Digest',
      (bytes: string) => ({ query: '', headers: { 'repr-digest': `sha-256=:${base64('sha256', bytes)}:` } }),
    ],
  ])('compares the bytes with %s', async (name, announce) => {
    const dataset = `digest-${name.replace(/\W/g, '')}`;
    const push = (announced: string) => {
      const { query, headers } = announce(announced);
      return service.send('POST', `/v1/datasets/${dataset}/versions?path=x${query}`, 'the bytes', headers);
    };
    const wrong = await push('other bytes');
    expect([wrong.status, wrong.body]).toEqual([400, problem('digest-mismatch')]);
    expect(await versionsOf(dataset)).toBe(0);
    expect((await push('the bytes')).status).toBe(201);
  });

  it.each([
    ['..%2Fetc%2Fpasswd', 'bad-path'],
    ['a%2F..%2Fb', 'bad-path'],
    ['%2Fetc%2Fpasswd', 'bad-path'],
    ['C%3A%5Cx', 'bad-path'],
    ['x%00', 'bad-path'],
    ['', 'bad-path'],
    ['x&path=y', 'bad-request'],
    ['x&colour=red', 'bad-request'],
    ['x&message=%00', 'bad-request'],
    ['x&md5=AB', 'bad-request'],
    ['x&tag=latest', 'invalid-body'],
    ['x&tag=HEAD', 'invalid-body'],
    ['x&tag=v7', 'invalid-body'],
    [`x&tag=${'a'.repeat(300)}`, 'invalid-body'],
    ['x&tag=%F0%9F%98%80', 'invalid-body'],
  ])('refuses the query path=%s', async (query, code) => {
    const answer = await service.send('POST', `/v1/datasets/refused/versions?path=${query}`, 'bytes');
    expect(answer.body).toEqual(problem(code));
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await versionsOf('refused')).toBe(0);
  });

  it('refuses bodies that are not the bytes themselves', async () => {
    const path = '/v1/datasets/wrapped/versions?path=x';
    const zipped = await service.send('POST', path, 'bytes', { 'content-encoding': 'gzip' });
    const form = await service.send('POST', path, 'bytes', { 'content-type': 'multipart/form-data; boundary=x' });
    const neither = await service.send('POST', '/v1/datasets/wrapped/versions', 'bytes', {
      'content-type': 'text/csv',
    });
    for (const answer of [zipped, form, neither]) {
      expect([answer.status, answer.body]).toEqual([415, problem('unsupported-media-type')]);
    }
    expect(await versionsOf('wrapped')).toBe(0);
  });

  it('takes an archive for the one file that it is, and unpacks none', async () => {
    const hostile = Buffer.concat([Buffer.from('../../etc/passwd'.padEnd(512, '\0')), Buffer.alloc(1024)]);
    for (const type of ['application/zip', 'application/x-tar', 'application/gzip']) {
      const path = '/v1/datasets/archives/versions';
      const unnamed = await service.send('POST', path, hostile, { 'content-type': type });
      expect([unnamed.status, unnamed.body]).toEqual([415, problem('unsupported-media-type')]);
      const named = await service.send('POST', `${path}?path=all.tar`, hostile, { 'content-type': type });
      expect(named.body).toMatchObject({ files: 1, bytes: hostile.length, oid: md5Of(hostile) });
    }
    expect(await versionsOf('archives')).toBe(1);
  });

  it('refuses a dataset name that does not fit into an address', async () => {
    const answer = await service.send('POST', '/v1/datasets/a%20b/versions?path=x', 'bytes');
    expect([answer.status, answer.body]).toEqual([400, problem('bad-request')]);
  });

  it('leaves nothing of an upload that breaks off or is too large', async () => {
    const before = service.remote.objects.size;
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from('half of')),
      pull: (controller) => controller.error(new Error('gone')),
    });
    // Node wants `duplex` said for a body that streams, which the web's own type does not know.
    const init = { method: 'POST', body: broken, duplex: 'half' } as RequestInit;
    const aborted = await service.app.request('/v1/datasets/aborted/versions?path=x', init);
    expect([aborted.status, await aborted.json()]).toEqual([400, problem('upload-aborted')]);
    const large = await service.send('POST', '/v1/datasets/aborted/versions?path=x', Buffer.alloc(1_000_001));
    expect([large.status, large.body]).toEqual([413, problem('too-large')]);
    expect(service.remote.objects.size).toBe(before);
    expect(await versionsOf('aborted')).toBe(0);
  });

  it('gives a repeated key its first answer, and refuses it for other content', async () => {
    const key = { 'idempotency-key': 'push-1' };
    const push = (bytes: string) => service.send('POST', '/v1/datasets/keyed/versions?path=x', bytes, key);
    const first = await push('bytes');
    const again = await push('bytes');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    const other = await push('other');
    expect([other.status, other.body]).toEqual([422, problem('idempotency-key-reused')]);
    expect(await versionsOf('keyed')).toBe(1);
  });
});

const base64 = (algorithm: string, bytes: string) => createHash(algorithm).update(bytes).digest('base64');

describe('committing a folder', () => {
  it('gives it the name that DVC gives it', async () => {
    const files = [
      { path: 'data_sub_dir/data_sub', md5: await service.hold('data_sub') },
      { path: 'data', md5: await service.hold('data') },
      { path: 'empty', md5: await service.hold('') },
    ];
    const answer = await service.send('POST', '/v1/datasets/folder/versions', { files, tag: 'prod' });
    expect(answer.status).toBe(201);
    const lines = [
      `data\0${sha256Of('data')}\n`,
      `data_sub_dir/data_sub\0${sha256Of('data_sub')}\n`,
      `empty\0${sha256Of('')}\n`,
    ];
    expect(answer.body).toMatchObject({
      oid: '4a61fd8343f24438d036d9490cb23aaa.dir',
      kind: 'folder',
      path: 'folder',
      files: 3,
      bytes: 12,
      sha256_root: sha256Of(lines.join('')),
      tags: ['prod'],
      pointer:
        'outs:\n- md5: 4a61fd8343f24438d036d9490cb23aaa.dir\n  size: 12\n  nfiles: 3\n  hash: md5\n  path: folder\n',
    });
    const again = await service.send('POST', '/v1/datasets/folder/versions', { files: files.toReversed() });
    expect([again.status, again.body.created]).toEqual([200, false]);
  });

  it('names the files that are not held', async () => {
    const held = await service.hold('held');
    const files = [
      { path: 'a', md5: held },
      { path: 'b', md5: '00000000000000000000000000000001' },
    ];
    const answer = await service.send('POST', '/v1/datasets/missing/versions', { files });
    expect([answer.status, answer.body]).toEqual([409, problem('missing-children')]);
    expect(answer.body).toMatchObject({
      missing: ['00000000000000000000000000000001'],
      missing_total: 1,
      errors: [{ field: 'b', detail: '00000000000000000000000000000001' }],
    });
    expect(await versionsOf('missing')).toBe(0);
  });

  it.each([['../x'], ['/x'], ['a//b'], ['a\\b'], ['a/./b'], ['x\u0000']])('refuses the member %j', async (path) => {
    const files = [{ path, md5: await service.hold('held') }];
    const answer = await service.send('POST', '/v1/datasets/hostile/versions', { files });
    expect(answer.status).toBe(422);
    expect(await versionsOf('hostile')).toBe(0);
  });

  it('refuses two members that are one file somewhere, and a file that is a folder too', async () => {
    const md5 = await service.hold('held');
    for (const paths of [
      ['a', 'a'],
      ['a', 'A'],
      ['a', 'a/b'],
    ]) {
      const files = paths.map((path) => ({ path, md5 }));
      const answer = await service.send('POST', '/v1/datasets/twins/versions', { files });
      expect([answer.status, answer.body]).toEqual([422, problem('invalid-manifest')]);
    }
  });

  it('takes an object or a pointer that is held', async () => {
    const md5 = await service.hold('a,b\n1,2\n');
    const byOid = await service.send('POST', '/v1/datasets/byoid/versions', { oid: md5, path: 'x.csv' });
    expect(byOid.body).toMatchObject({ oid: md5, path: 'x.csv', files: 1, provenance: { kind: 'commit' } });
    const pointer = `outs:\n- md5: ${md5}\n  size: 8\n  hash: md5\n  path: x.csv\n`;
    const pasted = await service.send('POST', '/v1/datasets/pasted/versions', { pointer });
    expect(pasted.body).toMatchObject({ oid: md5, path: 'x.csv', pointer, sha256_root: byOid.body.sha256_root });
  });

  it('says of a file whether it can be executed, as the latest that names it does', async () => {
    const oid = await service.hold('#!/bin/sh\n');
    const commit = (body: object) => service.send('POST', '/v1/datasets/scripts/versions', body);
    const pointer = async () => (await service.send('GET', '/v1/datasets/scripts/versions/v1/dvc')).text;
    const written = `outs:\n- md5: ${oid}\n  size: 10\n  isexec: true\n  hash: md5\n  path: run.sh\n`;
    expect((await commit({ oid, path: 'run.sh' })).body.executable).toBe(false);
    expect((await commit({ pointer: written })).body).toMatchObject({ ref: 'v1', executable: true, pointer: written });
    expect(await pointer()).toBe(written);
    // Whoever says nothing changes nothing.
    await commit({ oid, path: 'run.sh' });
    expect(await pointer()).toBe(written);
    await commit({ oid, path: 'run.sh', executable: false });
    expect(await pointer()).not.toContain('isexec');
  });

  it('refuses commits that say too little, too much or what is not so', async () => {
    const md5 = await service.hold('held');
    const bodies: [unknown, string][] = [
      [{}, 'invalid-body'],
      [{ oid: md5, files: [], path: 'x' }, 'invalid-body'],
      [{ oid: md5 }, 'invalid-body'],
      [{ oid: md5, path: '../x' }, 'bad-path'],
      [{ oid: md5.toUpperCase(), path: 'x' }, 'invalid-body'],
      [{ oid: '00000000000000000000000000000002', path: 'x' }, 'not-found'],
      [{ oid: md5, path: 'x', owner: 'me' }, 'unknown-field'],
      [{ oid: md5, path: 'x', message: 'half \ud800' }, 'invalid-body'],
      [{ pointer: `outs:\n- md5: ${md5}\n  path: x\n` }, 'not-found'],
      [{ pointer: `outs:\n- md5: ${md5}\n  size: 9\n  hash: md5\n  path: x\n` }, 'invalid-body'],
    ];
    for (const [body, code] of bodies) {
      const answer = await service.send('POST', '/v1/datasets/bad/versions', body);
      expect([JSON.stringify(body), answer.body]).toEqual([JSON.stringify(body), problem(code)]);
    }
    expect(await versionsOf('bad')).toBe(0);
  });
});
