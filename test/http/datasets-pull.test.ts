import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
const text = 'id,amount\n1,10\n2,20\n';
const base = '/v1/datasets/pulled/versions/v1';

beforeAll(async () => {
  service = await startDatasetService();
  await service.send('POST', '/v1/datasets/pulled/versions?path=train.csv', text);
  const files = [
    { path: 'a/b.txt', md5: await service.hold('one') },
    { path: 'caf\u00e9 \u{1f600}.txt', md5: await service.hold('two') },
    { path: `${'deep/'.repeat(30)}end.txt`, md5: await service.hold('one') },
  ];
  await service.send('POST', '/v1/datasets/tree/versions', { files, path: 'folder' });
});
afterAll(async () => {
  await service.close();
});

const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });

describe('pulling a file', () => {
  it('sends the bytes with a strong tag', async () => {
    const answer = await service.send('GET', `${base}/files/train.csv`);
    expect([answer.status, answer.text]).toEqual([200, text]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      etag: `"${md5Of(text)}"`,
      'content-length': String(text.length),
      'accept-ranges': 'bytes',
      'content-disposition': 'attachment; filename="train.csv"',
      'x-content-type-options': 'nosniff',
    });
  });

  it('tells a HEAD the same without bytes', async () => {
    const answer = await service.send('HEAD', `${base}/files/train.csv`);
    expect([answer.status, answer.text, answer.headers.get('content-length')]).toEqual([200, '', String(text.length)]);
  });

  it.each([
    ['bytes=0-1', 206, 'id', 'bytes 0-1/20'],
    ['bytes=3-', 206, text.slice(3), 'bytes 3-19/20'],
    ['bytes=-5', 206, text.slice(-5), 'bytes 15-19/20'],
    ['bytes=0-999', 206, text, 'bytes 0-19/20'],
    ['lines=1-2', 200, text, null],
  ])('sends the range %s', async (range, status, body, contentRange) => {
    const answer = await service.send('GET', `${base}/files/train.csv`, undefined, { range });
    expect([answer.status, answer.text, answer.headers.get('content-range')]).toEqual([status, body, contentRange]);
  });

  it.each([['bytes=20-'], ['bytes=9-1'], ['bytes=-0'], ['bytes=0-0,2-3'], ['bytes=a-b']])(
    'refuses the range %s',
    async (range) => {
      const answer = await service.send('GET', `${base}/files/train.csv`, undefined, { range });
      expect([answer.status, answer.body]).toEqual([416, problem('range-not-satisfiable')]);
      expect(answer.headers.get('content-range')).toBe('bytes */20');
    },
  );

  it('answers conditions by the tag', async () => {
    const etag = `"${md5Of(text)}"`;
    const get = (headers: Record<string, string>) => service.send('GET', `${base}/files/train.csv`, undefined, headers);
    for (const match of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const answer = await get({ 'if-none-match': match });
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', etag]);
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
    for (const match of [etag, `"x", ${etag}`, '*', `"${md5Of(text)}-gzip"`])
      expect((await get({ 'if-match': match })).status, match).toBe(200);
    const other = await get({ 'if-match': '"other"' });
    expect([other.status, other.body]).toEqual([412, problem('precondition-failed')]);
    expect((await get({ range: 'bytes=0-1', 'if-range': etag })).status).toBe(206);
    expect((await get({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
  });

  it('finds a version by number, latest, tag, name and the first digits of it', async () => {
    await service.send('PUT', '/v1/datasets/pulled/tags/prod', { ref: 'v1' });
    const md5 = md5Of(text);
    for (const ref of ['v1', 'latest', 'prod', md5, md5.slice(0, 6)]) {
      const answer = await service.send('GET', `/v1/datasets/pulled/versions/${ref}`);
      expect([ref, answer.body.ref]).toEqual([ref, 'v1']);
    }
  });

  it.each([
    ['/v1/datasets/nothing/versions/v1', 'not-found'],
    ['/v1/datasets/pulled/versions/v9', 'not-found'],
    ['/v1/datasets/pulled/versions/..%2f..%2fx', 'bad-request'],
    ['/v1/datasets/pulled/versions/a%00', 'bad-request'],
    ['/v1/datasets/pulled/versions/v1/files/other.csv', 'not-found'],
    ['/v1/datasets/pulled/versions/v1/files/%2e%2e%2fx', 'bad-path'],
    ['/v1/datasets/pulled/versions/v1/files/a%00b', 'bad-path'],
    ['/v1/datasets/tree/versions/v1/files/a', 'not-found'],
    ['/v1/datasets?project=%00', 'bad-request'],
    ['/v1/datasets?cursor=nonsense', 'bad-request'],
    ['/v1/datasets?limit=0', 'bad-request'],
    // A byte that is no UTF-8 would be taken for the text "%FF".
    ['/v1/datasets/pulled/versions?author=%FF', 'bad-request'],
    ['/v1/datasets/pulled/versions?author=%zz', 'bad-request'],
    ['/v1/datasets/pulled/versions?cursor=IiI', 'bad-request'],
  ])('answers %s with %s', async (path, code) => {
    expect((await service.send('GET', path)).body).toEqual(problem(code));
  });

  it('names what is known to whoever asks for something unknown', async () => {
    const answer = await service.send('GET', '/v1/datasets/pulled/versions/stage');
    expect(answer.body.detail).toBe('The dataset "pulled" has no version "stage" (known: v1 to v1, latest, prod).');
  });
});

describe('listing', () => {
  it('pages through datasets, versions and files', async () => {
    const datasets = await service.send('GET', '/v1/datasets?limit=1');
    expect(datasets.body).toMatchObject({ items: [{ name: 'pulled', latest: { ref: 'v1' } }] });
    const second = await service.send('GET', `/v1/datasets?limit=1&cursor=${String(datasets.body.next)}`);
    expect(second.body).toMatchObject({ items: [{ name: 'tree' }], next: null });

    await service.send('POST', '/v1/datasets/pulled/versions?path=train.csv', 'second');
    const versions = await service.send('GET', '/v1/datasets/pulled/versions?limit=1');
    expect(versions.body).toMatchObject({ items: [{ ref: 'v2' }] });
    const older = await service.send(
      'GET',
      `/v1/datasets/pulled/versions?limit=1&cursor=${String(versions.body.next)}`,
    );
    expect(older.body).toMatchObject({ items: [{ ref: 'v1', tags: ['prod'] }], next: null });

    const files = await service.send('GET', '/v1/datasets/tree/versions/v1/files?limit=2');
    expect(files.body).toMatchObject({ items: [{ path: 'a/b.txt', md5: md5Of('one'), size: 3 }, { size: 3 }] });
    const rest = await service.send(
      'GET',
      `/v1/datasets/tree/versions/v1/files?limit=2&cursor=${String(files.body.next)}`,
    );
    expect(rest.body).toMatchObject({ items: [{ md5: md5Of('one') }], next: null });
  });

  it('keeps, moves and removes tags', async () => {
    const tags = '/v1/datasets/tree/tags';
    expect((await service.send('PUT', `${tags}/stable`, { ref: 'latest' })).status).toBe(201);
    expect((await service.send('PUT', `${tags}/stable`, { ref: 'v1' })).status).toBe(200);
    expect((await service.send('GET', tags)).body).toMatchObject({ items: [{ name: 'stable', ref: 'v1' }] });
    expect((await service.send('DELETE', `${tags}/stable`)).status).toBe(204);
    expect((await service.send('DELETE', `${tags}/stable`)).status).toBe(404);
    expect((await service.send('DELETE', `${tags}/a%00`)).status).toBe(422);
    for (const name of ['..%2Fx', 'HEAD', 'latest%0d%0a', 'v1', '%F0%9F%98%80', 'a'.repeat(300)]) {
      const answer = await service.send('PUT', `${tags}/${name}`, { ref: 'v1' });
      expect([name, answer.status]).toEqual([name, 422]);
    }
    expect((await service.send('GET', tags)).body).toEqual({ items: [] });
  });
});

describe('pulling a folder', () => {
  it('sends each file under its own path', async () => {
    const list = await service.send('GET', '/v1/datasets/tree/versions/v1/files');
    const items = list.body.items as { href: string; md5: string }[];
    for (const { href, md5 } of items) {
      const answer = await service.send('GET', new URL(href).pathname);
      expect([answer.status, md5Of(answer.text)]).toEqual([200, md5]);
    }
    expect(items).toHaveLength(3);
  });

  it('sends all of them as an archive of the announced size', async () => {
    const response = await service.app.request('/v1/datasets/tree/versions/v1/archive');
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(bytes.byteLength));
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="tree-v1.tar"');
    const archive = Buffer.from(bytes).toString('utf8');
    expect(archive).toContain('folder/a/b.txt');
    expect(archive).toContain('path=folder/caf\u00e9 \u{1f600}.txt\n');
  });

  it('sends any part of the archive, and nothing to who has it', async () => {
    const path = '/v1/datasets/tree/versions/v1/archive';
    const ask = (headers: Record<string, string>, method = 'GET') => service.app.request(path, { method, headers });
    const whole = await ask({});
    const etag = whole.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const bytes = Buffer.from(await whole.arrayBuffer());
    // Across headers, files, paddings and the end, byte for byte.
    const cuts = [0, 1, 511, 512, 513, 700, 1024, 1537, 2050, bytes.length - 1025, bytes.length - 1024];
    for (const start of cuts) {
      for (const length of [1, 3, 512, 1500, bytes.length]) {
        const end = Math.min(bytes.length, start + length);
        const part = await ask({ range: `bytes=${start}-${end - 1}`, 'if-range': etag });
        expect([start, end, part.status]).toEqual([start, end, 206]);
        expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${bytes.length}`);
        expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(start, end))).toBe(true);
      }
    }
    const [known, head, other] = [
      await ask({ 'if-none-match': etag }),
      await ask({}, 'HEAD'),
      await ask({ range: 'bytes=9-', 'if-range': '"x"' }),
    ];
    expect([known.status, await known.text()]).toEqual([304, '']);
    expect([head.status, head.headers.get('etag'), head.headers.get('content-length')]).toEqual([
      200,
      etag,
      String(bytes.length),
    ]);
    expect([other.status, (await other.arrayBuffer()).byteLength]).toEqual([200, bytes.length]);
    expect((await ask({ range: `bytes=${bytes.length}-` })).status).toBe(416);
    expect((await ask({ 'if-match': '"x"' })).status).toBe(412);
    // Of other content, or of the same under another name, it is another archive.
    await service.send('POST', '/v1/datasets/tree/versions?path=other.csv', 'a,b\n1,2\n');
    const another = await service.app.request('/v1/datasets/tree/versions/latest/archive');
    expect(another.headers.get('etag')).not.toBe(etag);
  });

  it('sends the pointer as DVC would write it', async () => {
    const answer = await service.send('GET', '/v1/datasets/tree/versions/v1/dvc');
    expect(answer.text).toMatch(
      /^outs:\n- md5: [0-9a-f]{32}\.dir\n {2}size: 9\n {2}nfiles: 3\n {2}hash: md5\n {2}path: folder\n$/,
    );
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="folder.dvc"');
  });
});

describe('a corrupt object', () => {
  it('is never sent whole, is set aside, and is healed by good bytes', async () => {
    const good = 'x'.repeat(200_000);
    const md5 = await service.hold(good);
    const files = [{ path: 'data.txt', md5 }];
    const made = await service.send('POST', '/v1/datasets/sick/versions', { files });
    const spoiled = Buffer.from(good);
    spoiled[5] = 0;
    service.remote.objects.set(md5, spoiled);

    const first = await service.app.request('/v1/datasets/sick/versions/v1/files/data.txt');
    expect(first.status).toBe(200);
    await expect(first.arrayBuffer()).rejects.toMatchObject({ code: 'object-corrupt' });
    for (const path of [
      '/v1/datasets/sick/versions/v1/files/data.txt',
      '/v1/datasets/sick/versions/v1/archive',
      `/v1/objects/${md5}`,
      `/v1/objects/${String(made.body.oid)}`,
    ]) {
      const answer = await service.send('GET', path);
      expect([path, answer.status, answer.body]).toEqual([path, 404, problem('object-corrupt')]);
    }
    const asked = {
      objects: [
        { oid: md5, size: 1 },
        { oid: String(made.body.oid), size: 1 },
      ],
    };
    const survey = await service.send('POST', '/v1/objects/batch', asked);
    expect(survey.body).toMatchObject({ objects: [{ missing: true }, { missing: true }] });

    expect((await service.send('PUT', `/v1/objects/${md5}`, good)).status).toBe(201);
    expect((await service.send('GET', '/v1/datasets/sick/versions/v1/files/data.txt')).text).toBe(good);
    expect((await service.send('GET', `/v1/objects/${String(made.body.oid)}`)).status).toBe(200);
  });

  it('that is lost is told at once', async () => {
    const md5 = await service.hold('will be lost');
    await service.send('POST', '/v1/datasets/lost/versions', { oid: md5, path: 'x' });
    service.remote.objects.delete(md5);
    const answer = await service.send('GET', '/v1/datasets/lost/versions/v1/files/x');
    expect([answer.status, answer.body]).toEqual([404, problem('object-corrupt')]);
  });
});
