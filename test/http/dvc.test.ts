import { gunzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { collidingPair } from '../support/bytes.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(async () => {
  await service.close();
});

const BASE = '/dvc/default/churn';
const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });
const split = (oid: string): string => `${oid.slice(0, 2)}/${oid.slice(2)}`;
const at = (oid: string, base = BASE): string => `${base}/files/md5/${split(oid)}`;
const legacyAt = (oid: string, base = BASE): string => `${base}/${split(oid)}`;
const manifest = (entries: readonly [string, string][]): string =>
  `[${entries.map(([relpath, md5]) => `{"md5": "${md5}", "relpath": "${relpath}"}`).join(', ')}]`;

/** An upload as `dvc` makes it, with the reason phrase that it would show. */
async function upload(path: string, bytes: string | Uint8Array, headers: Record<string, string> = {}) {
  const body = typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes);
  const response = await service.app.request(path, { method: 'POST', body, headers });
  return { status: response.status, reason: response.statusText };
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

const statusOf = async (path: string): Promise<number> => (await service.send('GET', path)).status;

describe('the remote itself', () => {
  it.each(['/dvc/default', '/dvc/default/churn', '/dvc/default/churn/files/md5', '/dvc/default/files/md5'])(
    'answers at %s',
    async (path) => {
      const answer = await service.send('GET', path);
      expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"default"')]);
    },
  );

  it('says which project is unknown: a read is not found, a write is told in the one place dvc shows', async () => {
    expect((await service.send('GET', '/dvc/nobody/churn')).body).toEqual(problem('not-found'));
    const answer = await upload(at(md5Of('x'), '/dvc/nobody/churn'), 'x');
    expect(answer).toEqual({ status: 400, reason: expect.stringContaining('There is no project "nobody"') });
  });

  it.each(['/files/md5', '/churn/files/md5', '/dvc/files/md5', '/default', ''])(
    'is told apart from %s, and where it is instead',
    async (base) => {
      const oid = md5Of('x');
      const answer = await upload(`${base}/${oid.slice(0, 2)}/${oid.slice(2)}`, 'x');
      expect(answer).toEqual({ status: 400, reason: expect.stringContaining('like /dvc/default/customers') });
      expect(await statusOf(`${base}/${oid.slice(0, 2)}/${oid.slice(2)}`)).toBe(404);
    },
  );

  it('says which name is none', async () => {
    const answer = await upload(at(md5Of('x'), '/dvc/default/a%20b'), 'x');
    expect(answer).toEqual({ status: 400, reason: expect.stringContaining('"a b" can be no name of a dataset') });
  });

  it('offers nothing but GET, HEAD, POST and PUT', async () => {
    const answer = await service.send('DELETE', at(md5Of('x')));
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'HEAD, GET, POST, PUT']);
  });
});

describe('an object', () => {
  it.each([['POST'], ['PUT']])('is taken by %s, served whole, in part and by its head', async (method) => {
    const bytes = `taken by ${method}`;
    const oid = md5Of(bytes);
    expect(await statusOf(at(oid))).toBe(404);
    expect((await service.send(method, at(oid), bytes)).status).toBe(201);
    expect((await service.send(method, at(oid), bytes)).status).toBe(200);
    const whole = await service.send('GET', at(oid));
    expect([whole.status, whole.text]).toEqual([200, bytes]);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      etag: `"${oid}"`,
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
    });
    const head = await service.send('HEAD', at(oid));
    expect([head.status, head.headers.get('content-length'), head.text]).toEqual([200, String(bytes.length), '']);
    const part = await service.send('GET', at(oid), undefined, { range: `bytes=0-${bytes.length - 1}` });
    expect([part.status, part.text]).toEqual([206, bytes]);
  });

  it('of no bytes is one', async () => {
    const oid = md5Of('');
    expect(await upload(at(oid), '')).toEqual({ status: 201, reason: '' });
    expect((await service.send('GET', at(oid))).headers.get('content-length')).toBe('0');
  });

  it('belongs to the project, under each of its remotes', async () => {
    const oid = md5Of('shared');
    expect((await upload(at(oid, '/dvc/default'), 'shared')).status).toBe(201);
    // A push to a dataset is asked to send what the dataset does not have; whoever reads gets it.
    expect(await statusOf(at(oid, '/dvc/default/other'))).toBe(404);
    expect((await service.app.request(at(oid, '/dvc/default/other'), { method: 'HEAD' })).status).toBe(200);
    await service.send('POST', '/v1/projects', { name: 'second' });
    expect(await statusOf(at(oid, '/dvc/second'))).toBe(404);
  });

  it('whose bytes are others than its name says is refused with both digests', async () => {
    const oid = md5Of('good');
    const answer = await upload(at(oid), 'evil');
    expect(answer.status).toBe(400);
    expect(answer.reason).toContain(md5Of('evil'));
    expect(answer.reason).toContain(oid);
    expect(await statusOf(at(oid))).toBe(404);
    expect(service.remote.objects.has(md5Of('evil'))).toBe(false);
  });

  it('of a second content under one MD5 is refused, and the first stays', async () => {
    const [first, second] = collidingPair();
    expect((await upload(at(md5Of(first)), first)).status).toBe(201);
    expect(await upload(at(md5Of(first)), second)).toMatchObject({ status: 409 });
    const kept = await service.app.request(at(md5Of(first)));
    expect(Buffer.from(await kept.arrayBuffer()).equals(first)).toBe(true);
  });

  it.each([
    ['/files/md5/D4/1D8CD98F00B204E9800998ECF8427E'],
    ['/files/md5/d4/1d8cd98f00b204e9800998ecf8427'],
    ['/files/md5/d41/d8cd98f00b204e9800998ecf8427e'],
    ['/files/md5/d4/1d8cd98f00b204e9800998ecf8427e.txt'],
    ['/files/sha256/d4/1d8cd98f00b204e9800998ecf8427e'],
    ['/files/md5/d4/%2e%2e%2fx'],
  ])('cannot lie at %s', async (path) => {
    for (const method of ['GET', 'POST']) {
      const answer = await service.send(method, BASE + path, method === 'POST' ? '' : undefined);
      expect([answer.status, answer.body]).toEqual([400, problem('bad-path')]);
    }
  });

  it('cannot be sent to the remote itself, or wrapped', async () => {
    expect((await upload(BASE, 'x')).status).toBe(400);
    const oid = md5Of('x');
    expect((await upload(at(oid), 'x', { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('that is lost or spoiled is not there once that is known, and comes back with its bytes', async () => {
    const bytes = 'will be lost';
    const oid = md5Of(bytes);
    await upload(at(oid), bytes);
    service.remote.objects.delete(oid);
    expect((await service.send('GET', at(oid))).body).toEqual(problem('object-corrupt'));
    expect(await statusOf(at(oid))).toBe(404);
    expect((await upload(at(oid), bytes)).status).toBe(201);
    expect((await service.send('GET', at(oid))).text).toBe(bytes);
  });
});

describe('a large object', () => {
  const large = (name: string): string => name.repeat(100_000 / name.length);
  const spoil = (bytes: string): string => {
    const oid = md5Of(bytes);
    service.remote.objects.set(oid, Buffer.from(`${bytes.slice(0, -1)}?`));
    return oid;
  };

  it.each(['/dvc/default', BASE])(
    'that rots in %s is known before its head leaves for whoever fetches',
    async (base) => {
      const bytes = large(`rots in ${base} `);
      await upload(at(md5Of(bytes), base), bytes);
      const oid = spoil(bytes);
      await service.send('GET', `${base}/files/md5`);
      const answer = await service.send('GET', at(oid, base));
      expect([answer.status, answer.body]).toEqual([404, problem('object-corrupt')]);
    },
  );

  it.each(['/dvc/default/legacy-large', '/dvc/default'])(
    'that rots in the layout of DVC 2 in %s is known before its head leaves for whoever fetches',
    async (base) => {
      const bytes = large(`rots of old in ${base} `);
      const address = legacyAt(md5Of(bytes), base);
      await upload(address, bytes);
      spoil(bytes);
      // As `dvc` begins to fetch there.
      await service.send('GET', base);
      const answer = await service.send('GET', address);
      expect([answer.status, answer.body]).toEqual([404, problem('object-corrupt')]);
    },
  );

  it('is not read for whoever only asks whether it is there', async () => {
    const bytes = large('asked for, and large ');
    const base = '/dvc/default/asking-large';
    await upload(at(md5Of(bytes), base), bytes);
    const read = vi.spyOn(service.remote, 'read');
    const answer = await service.app.request(at(md5Of(bytes), base));
    await answer.body?.cancel();
    expect([answer.status, read.mock.calls.length]).toEqual([200, 0]);
    read.mockRestore();
  });
});

describe('a small object far away', () => {
  beforeAll(() => void Object.assign(service.remote, { near: false }));
  afterAll(() => void Object.assign(service.remote, { near: true }));

  it('is judged before the head leaves for whoever is about to fetch', async () => {
    const bytes = 'far away, and rotten';
    const oid = md5Of(bytes);
    await upload(at(oid), bytes);
    service.remote.objects.set(oid, Buffer.from(bytes.toUpperCase()));
    await service.send('GET', `${BASE}/files/md5`);
    const answer = await service.send('GET', at(oid));
    expect([answer.status, answer.body]).toEqual([404, problem('object-corrupt')]);
  });

  it('is not read for whoever only asks whether it is there', async () => {
    const oid = md5Of('asked for');
    await upload(at(oid, '/dvc/default/asking'), 'asked for');
    const read = vi.spyOn(service.remote, 'readGroup');
    const answer = await service.app.request(at(oid, '/dvc/default/asking'));
    await answer.body?.cancel();
    expect([answer.status, read.mock.calls.length]).toEqual([200, 0]);
    read.mockRestore();
  });
});

describe('a folder', () => {
  it('is refused while members are missing, and the reason names them', async () => {
    const held = md5Of('held');
    await upload(at(held), 'held');
    const lost = md5Of('not sent');
    const bytes = manifest([
      ['a/held.csv', held],
      ['b/übung.csv', lost],
    ]);
    const oid = `${md5Of(bytes)}.dir`;
    const answer = await upload(at(oid), bytes);
    expect(answer.status).toBe(409);
    expect(answer.reason).toContain(`.csv (${lost})`);
    expect(answer.reason).not.toContain(held);
    expect(answer.reason).toMatch(/^[\x20-\x7e]+$/);
    expect(await statusOf(at(oid))).toBe(404);
    await upload(at(lost), 'not sent');
    expect((await upload(at(oid), bytes)).status).toBe(201);
    expect((await service.send('GET', at(oid))).text).toBe(bytes);
  });

  it('that lacks very many says so in one line', async () => {
    const bytes = manifest(Array.from({ length: 3000 }, (_, i) => [`f${i}`, md5Of(`never sent ${i}`)]));
    const { status, reason } = await upload(at(`${md5Of(bytes)}.dir`), bytes);
    expect([status, reason.length < 700]).toEqual([409, true]);
    expect(reason).toContain('and 2995 more');
  });

  it('is not there while one of its members is lost: dvc takes a folder for the presence of its files', async () => {
    const member = md5Of('member');
    await upload(at(member), 'member');
    const bytes = manifest([['m', member]]);
    const oid = `${md5Of(bytes)}.dir`;
    await upload(at(oid), bytes);
    service.remote.objects.set(member, Buffer.from('membre'));
    for (const lost of [member, oid]) expect(await statusOf(at(lost))).toBe(404);
    expect((await upload(at(member), 'member')).status).toBe(201);
    for (const healed of [member, oid]) expect(await statusOf(at(healed))).toBe(200);
  });

  describe('whose list is long', () => {
    const GZIP = { 'accept-encoding': 'gzip, deflate' };
    /** A folder that no other test has, of one file under many names. */
    async function hold(name: string, files = 40): Promise<{ oid: string; bytes: string }> {
      const member = await service.hold('listed often');
      const bytes = manifest(
        Array.from({ length: files }, (_, i) => [`${name}/${String(i).padStart(4, '0')}`, member]),
      );
      const oid = `${md5Of(bytes)}.dir`;
      expect((await upload(at(oid), bytes)).status).toBe(201);
      return { oid, bytes };
    }

    it('comes compressed to whoever takes it so, and is the same', async () => {
      const { oid, bytes } = await hold('compressed');
      const answer = await service.app.request(at(oid), { headers: GZIP });
      expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual(['gzip', 'accept-encoding']);
      const sent = Buffer.from(await answer.arrayBuffer());
      expect(gunzipSync(sent).toString()).toBe(bytes);
      expect(sent.byteLength).toBeLessThan(bytes.length / 4);
      expect(answer.headers.get('etag')).toBe(`"${oid}-gzip"`);
      const known = { ...GZIP, 'if-none-match': `"${oid}-gzip"` };
      expect((await service.send('GET', at(oid), undefined, known)).status).toBe(304);
    });

    it('comes as it is to others, in part, and by its head', async () => {
      const { oid, bytes } = await hold('as it is');
      const plain = await service.send('GET', at(oid));
      expect([plain.text, plain.headers.get('vary')]).toEqual([bytes, 'accept-encoding']);
      expect(plain.headers.get('etag')).toBe(`"${oid}"`);
      const part = await service.send('GET', at(oid), undefined, { ...GZIP, range: 'bytes=10-19' });
      expect([part.status, part.headers.get('content-encoding'), part.text]).toEqual([206, null, bytes.slice(10, 20)]);
      const head = await service.send('HEAD', at(oid), undefined, GZIP);
      expect(head.headers.get('content-length')).toBe(String(bytes.length));
    });

    it('is read from the store once, however it is asked for', async () => {
      const { oid, bytes } = await hold('read once', 4000);
      const read = vi.spyOn(service.remote, 'read');
      const part = await service.send('GET', at(oid), undefined, { range: 'bytes=200000-' });
      expect(part.text).toBe(bytes.slice(200_000));
      expect((await service.send('GET', at(oid))).text).toBe(bytes);
      const coded = await service.app.request(at(oid), { headers: GZIP });
      expect(gunzipSync(Buffer.from(await coded.arrayBuffer())).toString()).toBe(bytes);
      expect(read).toHaveBeenCalledTimes(1);
      read.mockRestore();
    });

    it('is not there, in whole or in part, when its stored bytes are wrong', async () => {
      const { oid, bytes } = await hold('spoiled');
      service.remote.objects.set(oid, Buffer.from(bytes.replace('spoiled', 'Spoiled')));
      const part = await service.send('GET', at(oid), undefined, { range: 'bytes=900-' });
      expect(part.body).toEqual(problem('object-corrupt'));
      expect(await statusOf(at(oid))).toBe(404);
      expect((await upload(at(oid), bytes)).status).toBe(201);
      expect((await service.send('GET', at(oid))).text).toBe(bytes);
    });
  });

  it.each([
    ['no JSON', 'x', 422],
    ['a hostile path', manifest([['../../etc/passwd', md5Of('')]]), 422],
    ['itself as a folder inside', manifest([['d', `${md5Of('')}.dir`]]), 422],
  ])('with %s is refused', async (_, bytes, status) => {
    expect(await upload(at(`${md5Of(bytes)}.dir`), bytes)).toMatchObject({ status });
  });
});

describe('the layout of DVC 2', () => {
  const CRLF = 'a,b\r\n1,2\r\n';
  const UNIX = 'a,b\n1,2\n';
  const NAME = md5Of(UNIX);

  it('takes text under the name that its line ends do not change', async () => {
    expect(await upload(legacyAt(md5Of(CRLF)), CRLF)).toMatchObject({ status: 400 });
    expect((await upload(legacyAt(NAME), CRLF)).status).toBe(201);
    expect((await service.send('GET', legacyAt(NAME))).text).toBe(CRLF);
    expect(textOf(service.remote.legacy.get(NAME))).toBe(CRLF);
    // It is an object as any other, under its own MD5, and not under the other layout's name.
    expect(await statusOf(at(md5Of(CRLF)))).toBe(200);
    expect(await statusOf(at(NAME))).toBe(404);
  });

  it('keeps the first of two forms of one text, as DVC counts them', async () => {
    expect((await upload(legacyAt(NAME), UNIX)).status).toBe(200);
    expect((await service.send('GET', legacyAt(NAME))).text).toBe(CRLF);
  });

  it('compares what is announced with the bytes as they come', async () => {
    const text = 'x,y\r\n9,9\r\n';
    const name = md5Of(text.replaceAll('\r', ''));
    const announce = (digest: string) => ({ 'content-md5': Buffer.from(digest, 'hex').toString('base64') });
    expect(await upload(legacyAt(name), text, announce(name))).toMatchObject({ status: 400 });
    expect(await statusOf(legacyAt(name))).toBe(404);
    expect(await upload(legacyAt(name), text, announce(md5Of(text)))).toMatchObject({ status: 201 });
  });

  it('says under which names of DVC 3 its files are held', async () => {
    const bytes = manifest([
      ['a.csv', NAME],
      ['b.csv', NAME],
    ]);
    const oid = `${md5Of(bytes)}.dir`;
    expect((await upload(legacyAt(oid), bytes)).status).toBe(201);
    const list = async (name: string, query = '') => {
      const answer = await service.send('GET', `/v1/objects/${name}/files?layout=legacy${query}`);
      return answer.status === 200 ? JSON.parse(answer.text) : answer.status;
    };
    const file = { md5: md5Of(CRLF), size: CRLF.length };
    expect(await list(oid)).toMatchObject({
      items: [
        { path: 'a.csv', ...file },
        { path: 'b.csv', ...file },
      ],
      next: null,
    });
    const first = await list(oid, '&limit=1');
    expect(first.items).toHaveLength(1);
    expect(await list(oid, `&limit=1&cursor=${first.next}`)).toMatchObject({ items: [{ path: 'b.csv' }], next: null });
    expect(await list(NAME)).toMatchObject({ items: [{ path: NAME, ...file }] });
    expect([await list(md5Of(CRLF)), await list('nonsense')]).toEqual([404, 400]);
  });

  it('serves ranges and heads', async () => {
    const part = await service.send('GET', legacyAt(NAME), undefined, { range: 'bytes=0-2' });
    expect([part.status, part.text]).toEqual([206, 'a,b']);
    const head = await service.send('HEAD', legacyAt(NAME));
    expect(head.headers.get('content-length')).toBe(String(CRLF.length));
  });

  it('refuses a folder whose members it lacks, and hides one whose member is lost', async () => {
    const bytes = manifest([['t.csv', NAME]]);
    const oid = `${md5Of(bytes)}.dir`;
    const lacking = manifest([['t.csv', md5Of('never')]]);
    expect(await upload(legacyAt(`${md5Of(lacking)}.dir`), lacking)).toMatchObject({ status: 409 });
    expect((await upload(legacyAt(oid), bytes)).status).toBe(201);
    expect((await service.send('GET', legacyAt(oid))).text).toBe(bytes);
    expect(textOf(service.remote.legacy.get(oid))).toBe(bytes);
    service.remote.objects.set(md5Of(CRLF), Buffer.from('x'));
    expect(await statusOf(legacyAt(NAME))).toBe(404);
    expect(await statusOf(legacyAt(oid))).toBe(404);
    // Healed by the other form of the same text.
    expect((await upload(legacyAt(NAME), UNIX)).status).toBe(201);
    expect((await service.send('GET', legacyAt(NAME))).text).toBe(UNIX);
    expect(await statusOf(legacyAt(oid))).toBe(200);
  });

  it('sends a long list compressed to whoever takes it so, and reads it from the store once', async () => {
    const bytes = manifest(Array.from({ length: 50 }, (_, i) => [`f${i}.csv`, NAME]));
    const oid = `${md5Of(bytes)}.dir`;
    await upload(legacyAt(NAME), UNIX);
    expect((await upload(legacyAt(oid), bytes)).status).toBe(201);
    const packed = await service.app.request(legacyAt(oid), { headers: { 'accept-encoding': 'gzip, deflate' } });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(gunzipSync(await packed.arrayBuffer()).toString()).toBe(bytes);
    const read = vi.spyOn(service.remote, 'read');
    expect((await service.send('GET', legacyAt(oid))).text).toBe(bytes);
    expect((await service.send('GET', legacyAt(oid), undefined, { range: 'bytes=0-9' })).text).toBe(bytes.slice(0, 10));
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
  });

  it('refuses a second content under one name', async () => {
    const [first, second] = collidingPair();
    const name = md5Of(first);
    await service.ctx.db.execute(sql`delete from objects where oid = ${name}`);
    service.remote.objects.delete(name);
    expect((await upload(legacyAt(name), first)).status).toBe(201);
    expect(await upload(legacyAt(name), second)).toMatchObject({ status: 409 });
  });
});

describe('who may', () => {
  async function keyWith(scopes: readonly string[], project?: string): Promise<string> {
    const made = await service.app.request('/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(admin === '' ? {} : { authorization: `Bearer ${admin}` }) },
      body: JSON.stringify({ name: 'k', scopes, ...(project === undefined ? {} : { project }) }),
    });
    return ((await made.json()) as { key: string }).key;
  }
  let admin = '';
  let writer = '';
  let reader = '';
  const oid = md5Of('guarded');
  beforeAll(async () => {
    admin = await keyWith(['admin']);
    writer = await keyWith(['data:read', 'data:write']);
    reader = await keyWith(['data:read']);
  });
  afterAll(async () => {
    await service.ctx.db.execute(sql`delete from api_keys`);
  });

  it('is asked of every request', async () => {
    expect(await upload(at(oid), 'guarded')).toMatchObject({
      status: 401,
      reason: expect.stringMatching(/key.*"dvc remote modify --local REMOTE"/),
    });
    expect(await statusOf(BASE)).toBe(401);
  });

  it.each([
    ['as the password of Basic', (key: string) => ({ authorization: `Basic ${btoa(`dvc:${key}`)}` })],
    ['as a bearer token', (key: string) => ({ authorization: `Bearer ${key}` })],
    ['alone in Authorization', (key: string) => ({ authorization: key })],
    ['in a header of any name', (key: string) => ({ 'x-data-key': key })],
    ['in such a header as a token', (key: string) => ({ 'x-data-key': `Bearer ${key}` })],
  ])('a key says it %s', async (_, headers) => {
    expect((await upload(at(oid), 'guarded', headers(writer))).status).toBeLessThan(300);
    expect((await service.send('GET', at(oid), undefined, headers(reader))).status).toBe(200);
  });

  it('one key at a time', async () => {
    const two = { authorization: `Bearer ${writer}`, 'x-data-key': reader };
    expect((await service.send('GET', at(oid), undefined, two)).status).toBe(401);
  });

  it('a key without the right is told which one is missing', async () => {
    const answer = await upload(at(oid), 'guarded', { authorization: `Bearer ${reader}` });
    expect(answer).toEqual({ status: 403, reason: 'This key lacks the scope "data:write"; use one that has it.' });
  });

  it('a key that only reads finds in the remote of any dataset what the project holds', async () => {
    const statusBy = (key: string) =>
      service
        .send('GET', at(oid, '/dvc/default/other'), undefined, { authorization: `Bearer ${key}` })
        .then(({ status }) => status);
    expect([await statusBy(reader), await statusBy(writer)]).toEqual([200, 404]);
  });

  it('a key of another project finds nothing and sends nothing', async () => {
    const other = await keyWith(['admin'], 'second');
    const headers = { authorization: `Bearer ${other}` };
    expect((await service.send('GET', at(oid), undefined, headers)).status).toBe(404);
    expect(await upload(at(oid), 'guarded', headers)).toMatchObject({ status: 400 });
  });
});
