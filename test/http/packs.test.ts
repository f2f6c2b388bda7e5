import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packEnd, packLine } from '../../src/formats/object-pack.ts';
import { collidingPair, noise } from '../support/bytes.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });
const named = (bytes: string | Uint8Array, md5 = md5Of(bytes)) => ({ md5, bytes: Buffer.from(bytes) });

function packOf(...members: { md5: string; bytes: Uint8Array }[]): Buffer {
  const parts = members.flatMap(({ md5, bytes }) => [packLine({ md5, size: bytes.byteLength }), bytes]);
  return Buffer.concat([...parts, packEnd(members.length)]);
}
const send = (...members: { md5: string; bytes: Uint8Array }[]) =>
  service.send('POST', '/v1/objects/pack', packOf(...members));
const held = async (md5: string) => (await service.send('GET', `/v1/objects/${md5}`)).status;

describe('a pack that is sent', () => {
  it('makes all of its members objects, once', async () => {
    const members = [named('one'), named(''), named('two'), named('one')];
    expect((await send(...members)).body).toEqual({ members: 4, created: 3 });
    expect((await send(...members)).body).toEqual({ members: 4, created: 0 });
    for (const { md5, bytes } of members) {
      expect((await service.send('GET', `/v1/objects/${md5}`)).text).toBe(bytes.toString());
    }
  });

  it('may be larger than what is held in memory', async () => {
    const members = Array.from({ length: 11 }, (_, i) => named(noise(1024 ** 2, i + 1)));
    expect((await send(...members)).body).toEqual({ members: 11, created: 11 });
    const many = Array.from({ length: 2500 }, (_, i) => named(`member ${i}`));
    expect((await send(...many)).body).toEqual({ members: 2500, created: 2500 });
    const last = many.at(-1)?.md5 ?? '';
    expect((await service.send('GET', `/v1/objects/${last}`)).text).toBe('member 2499');
  });

  it('with a member whose bytes do not bear out its name keeps the others and says which', async () => {
    const good = named('a good one');
    const bad = named('not what it says', md5Of('what it says'));
    const answer = await send(good, bad);
    expect([answer.status, answer.body]).toEqual([400, problem('digest-mismatch')]);
    expect(answer.body).toMatchObject({ errors: [{ code: 'digest-mismatch' }] });
    expect(JSON.stringify(answer.body)).toContain(bad.md5);
    expect([await held(good.md5), await held(bad.md5)]).toEqual([200, 404]);
    expect(service.remote.objects.has(md5Of('not what it says'))).toBe(false);
  });

  it('does not bind a name to other bytes', async () => {
    const [first, second] = collidingPair();
    expect((await send(named(first))).body).toEqual({ members: 1, created: 1 });
    const answer = await send(named('beside it'), named(second));
    expect([answer.status, answer.body]).toEqual([409, problem('digest-conflict')]);
    expect(await held(md5Of('beside it'))).toBe(200);
  });

  it('does not bind a name that this project has bound to other bytes', async () => {
    const { md5, bytes } = named('bound');
    await send({ md5, bytes });
    await service.ctx.db.execute(sql`update objects set sha256 = ${'0'.repeat(64)} where oid = ${md5}`);
    expect((await send({ md5, bytes })).body).toEqual(problem('digest-conflict'));
  });

  it('heals what was corrupt', async () => {
    const { md5, bytes } = named('will rot');
    await send({ md5, bytes });
    service.remote.objects.set(md5, Buffer.from('will rof'));
    expect(await held(md5)).toBe(404);
    expect((await send({ md5, bytes })).body).toEqual({ members: 1, created: 0 });
    expect((await service.send('GET', `/v1/objects/${md5}`)).text).toBe('will rot');
  });

  it('that ends early keeps what came, and the rest can be sent again', async () => {
    const members = [...Array.from({ length: 2000 }, (_, i) => named(`early ${i}`)), named('late')];
    const pack = packOf(...members);
    const cut = await service.send('POST', '/v1/objects/pack', pack.subarray(0, pack.byteLength - 10));
    expect([cut.status, cut.body]).toEqual([400, problem('bad-request')]);
    expect([await held(md5Of('early 7')), await held(md5Of('late'))]).toEqual([200, 404]);
    expect((await service.send('POST', '/v1/objects/pack', pack)).body).toEqual({ members: 2001, created: 1 });
  });

  it('with a large member is told how to send it', async () => {
    const answer = await send(named(noise(1024 ** 2 + 1, 99)));
    expect([answer.status, answer.body]).toEqual([413, problem('too-large')]);
  });

  it.each([
    ['{"a": 1}', {}, 400, 'bad-request'],
    ['', {}, 400, 'bad-request'],
    ['end 0\n', { 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
  ])('that is none is refused: %j', async (body, headers, status, code) => {
    const answer = await service.send('POST', '/v1/objects/pack', body, headers);
    expect([answer.status, answer.body]).toEqual([status, problem(code)]);
  });
});

describe('a pack that is asked for', () => {
  it('brings the objects in the order of their names, large ones between small ones', async () => {
    const large = named(noise(3 * 1024 ** 2, 5));
    await service.hold(large.bytes);
    await send(named('small a'), named('small b'), named(''));
    const order = [named('small b'), large, named(''), named('small a'), named('small b')];
    const oids = order.map(({ md5 }) => md5);
    const response = await service.app.request('/v1/objects/unpack', {
      method: 'POST',
      body: JSON.stringify({ oids }),
      headers: { 'content-type': 'application/json' },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(bytes.byteLength));
    expect(bytes.equals(packOf(...order))).toBe(true);
  });

  it('is refused as a whole when one is missing, and says which', async () => {
    await send(named('there'));
    const answer = await service.send('POST', '/v1/objects/unpack', { oids: [md5Of('there'), md5Of('nowhere')] });
    expect([answer.status, answer.body]).toEqual([404, problem('not-found')]);
    expect(answer.body).toMatchObject({ errors: [{ code: 'missing', detail: md5Of('nowhere') }] });
  });

  it('does not bring corrupt bytes: they are quarantined', async () => {
    const { md5 } = named('to be spoiled');
    await send(named('to be spoiled'), named('sound'));
    service.remote.objects.set(md5, Buffer.from('to be spoilt!'));
    const answer = await service.send('POST', '/v1/objects/unpack', { oids: [md5Of('sound'), md5] });
    expect([answer.status, answer.body]).toEqual([404, problem('object-corrupt')]);
    expect(await held(md5)).toBe(404);
  });

  it.each([[{}], [{ oids: [] }], [{ oids: ['../x'] }], [{ oids: [`${md5Of('[]')}.dir`] }]])(
    'is refused for what names no files: %j',
    async (body) => {
      expect((await service.send('POST', '/v1/objects/unpack', body)).body).toEqual(problem('invalid-body'));
    },
  );
});

describe('the files of a manifest', () => {
  it('are listed with what proves them, page by page', async () => {
    await send(named('x'), named('yy'));
    const files = ['a', 'b/c', 'd'].map((path, i) => ({ path, md5: md5Of(i === 1 ? 'yy' : 'x') }));
    const made = await service.send('POST', '/v1/datasets/listed/versions', { files });
    const first = await service.send('GET', `/v1/objects/${String(made.body.oid)}/files?limit=2`);
    expect(first.body).toMatchObject({
      items: [
        { path: 'a', md5: md5Of('x'), size: 1, quarantined: false },
        { path: 'b/c', md5: md5Of('yy'), size: 2 },
      ],
    });
    const next = String(first.body.next);
    const rest = await service.send('GET', `/v1/objects/${String(made.body.oid)}/files?limit=20000&cursor=${next}`);
    expect(rest.body).toMatchObject({ items: [{ path: 'd' }], next: null });
  });

  it('are those of a directory only', async () => {
    await send(named('a file'));
    const cases = [
      [md5Of('a file'), 'bad-path'],
      [`${md5Of('nothing')}.dir`, 'not-found'],
      ['..%2fx', 'bad-path'],
    ] as const;
    for (const [oid, code] of cases) {
      expect((await service.send('GET', `/v1/objects/${oid}/files`)).body).toEqual(problem(code));
    }
  });
});
