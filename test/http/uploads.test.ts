import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sweepUploads } from '../../src/domain/object/uploads.ts';
import { TidemarkError } from '../../src/errors.ts';
import { noise } from '../support/bytes.ts';
import { type DatasetService, md5Of, sha256Of, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

const PART = 32 * 1024 ** 2;
const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });
/** Two parts, the second a short one. */
const LARGE = noise(PART + 1000, 42);
const OID = md5Of(LARGE);

const begin = async (bytes: Uint8Array, oid = md5Of(bytes)) =>
  (await service.send('POST', '/v1/uploads', { oid, size: bytes.byteLength })).body;
const put = (id: unknown, number: number | string, bytes: Uint8Array, headers?: Record<string, string>) =>
  service.send('PUT', `/v1/uploads/${String(id)}/parts/${number}`, bytes, headers);
async function* one(bytes: Uint8Array) {
  yield bytes;
}
const complete = (id: unknown) => service.send('POST', `/v1/uploads/${String(id)}/complete`);

describe('parts that are put past the service', () => {
  it('are offered where the store can take them, and judged with the whole', async () => {
    const { parts } = service.remote;
    const invite = async (upload: string, part: { number: number; size: number }) => ({
      url: `https://store.example/${upload}/${part.number}`,
      headers: { 'content-length': String(part.size) },
    });
    Object.assign(parts, { invite });
    try {
      const bytes = noise(PART + 10, 77);
      const asked = { oid: md5Of(bytes), size: bytes.byteLength, direct: true };
      const begun = (await service.send('POST', '/v1/uploads', asked)).body;
      const at = (number: number, size: number) => ({
        number,
        url: `https://store.example/${String(begun.id)}/${number}`,
        headers: { 'content-length': String(size) },
        expires_in: 900,
      });
      expect(begun.direct).toEqual([at(1, PART), at(2, 10)]);
      await put(begun.id, 1, bytes.subarray(0, PART));
      expect((await service.send('POST', '/v1/uploads', asked)).body.direct).toEqual([at(2, 10)]);
      // Whoever holds the address may put anything there.
      await parts.put(String(begun.id), 2, one(noise(10, 1)), { maxBytes: 10 });
      expect((await complete(begun.id)).body).toEqual(problem('digest-mismatch'));
      expect((await begin(bytes)).direct).toBeUndefined();
    } finally {
      Object.assign(parts, { invite: undefined });
    }
  });

  it('are not offered where the store cannot take them', async () => {
    const asked = { oid: md5Of('elsewhere'), size: 9, direct: true };
    expect((await service.send('POST', '/v1/uploads', asked)).body.direct).toBeNull();
  });
});

describe('an object in parts', () => {
  it('goes on where it was broken off, and is an object once it is whole', async () => {
    const begun = await begin(LARGE);
    expect(begun).toMatchObject({ oid: OID, size: LARGE.byteLength, part_bytes: PART, parts: 2, received: [] });
    const second = LARGE.subarray(PART);
    expect((await put(begun.id, 2, second)).body).toEqual({ number: 2, size: 1000, md5: md5Of(second) });
    // Whoever begins again is told what is there, and nothing is an object yet.
    expect(await begin(LARGE)).toMatchObject({ id: begun.id, received: [2], completed: false });
    const early = await complete(begun.id);
    expect([early.status, early.body]).toEqual([409, problem('conflict')]);
    expect(early.body).toMatchObject({ errors: [{ code: 'missing', detail: 'part 1' }] });
    expect((await service.send('GET', `/v1/objects/${OID}`)).status).toBe(404);

    await put(begun.id, 1, LARGE.subarray(0, PART));
    const view = { oid: OID, md5: OID, sha256: sha256Of(LARGE), size: LARGE.byteLength };
    const [made, again] = await Promise.all([complete(begun.id), complete(begun.id)]);
    expect([made.body, again.body]).toEqual([expect.objectContaining(view), expect.objectContaining(view)]);
    expect((await complete(begun.id)).body).toEqual({ ...view, created: false });
    const late = await put(begun.id, 1, LARGE.subarray(0, PART));
    expect([late.status, late.body]).toEqual([410, problem('gone')]);
    expect(await service.remote.parts.list(String(begun.id))).toEqual(new Map());
    const fetched = await service.app.request(`/v1/objects/${OID}`);
    expect(sha256Of(Buffer.from(await fetched.arrayBuffer()))).toBe(sha256Of(LARGE));
  });

  it('without bytes has one part without bytes', async () => {
    const { id } = await begin(noise(0));
    await put(id, 1, noise(0));
    expect((await complete(id)).body).toMatchObject({ size: 0, oid: md5Of('') });
  });

  it('whose whole does not bear out its name is refused, and begins anew', async () => {
    const { id } = await begin(noise(4), md5Of('four'));
    await put(id, 1, noise(4));
    const refused = await complete(id);
    expect([refused.status, refused.body]).toEqual([400, problem('digest-mismatch')]);
    expect((await service.send('GET', `/v1/uploads/${String(id)}`)).body).toMatchObject({ received: [] });
    await put(id, 1, Buffer.from('four'));
    expect((await complete(id)).body).toMatchObject({ oid: md5Of('four'), created: true });
  });

  it('takes no part that is too short, too long, out of range, or not what was announced', async () => {
    const { id } = await begin(Buffer.from('twelve bytes'));
    const cases = [
      [await put(id, 1, Buffer.from('eleven byte')), 400, 'digest-mismatch'],
      [await put(id, 1, Buffer.from('thirteen byte')), 413, 'too-large'],
      [await put(id, 2, Buffer.from('x')), 416, 'range-not-satisfiable'],
      [await put(id, 0, Buffer.from('x')), 400, 'bad-request'],
      [await put(id, '1.5', Buffer.from('x')), 400, 'bad-request'],
      [
        await put(id, 1, Buffer.from('twelve bytes'), {
          'content-md5': Buffer.from(md5Of('others'), 'hex').toString('base64'),
        }),
        400,
        'digest-mismatch',
      ],
    ] as const;
    for (const [answer, status, code] of cases) expect([answer.status, answer.body]).toEqual([status, problem(code)]);
    expect((await service.send('GET', `/v1/uploads/${String(id)}`)).body).toMatchObject({ received: [] });
  });

  it('is nobody else’s', async () => {
    await service.send('POST', '/v1/projects', { name: 'other' });
    const { id } = await begin(Buffer.from('mine'));
    const theirs = { 'tidemark-project': 'other' };
    for (const [method, path] of [
      ['GET', `/v1/uploads/${String(id)}`],
      ['PUT', `/v1/uploads/${String(id)}/parts/1`],
      ['POST', `/v1/uploads/${String(id)}/complete`],
      ['GET', '/v1/uploads/upl_none'],
      ['GET', '/v1/uploads/%00'],
    ] as const) {
      const answer = await service.send(method, path, method === 'PUT' ? 'mine' : undefined, theirs);
      expect(answer.status, path).toBe(path.endsWith('%00') ? 400 : 404);
    }
  });

  it.each([
    [{ oid: md5Of('x'), size: 2 ** 41 }, 413, 'too-large'],
    [{ oid: `${md5Of('x')}.dir`, size: 1 }, 422, 'invalid-body'],
    [{ oid: md5Of('x'), size: -1 }, 422, 'invalid-body'],
    [{ oid: md5Of('x') }, 422, 'invalid-body'],
  ])('cannot be begun as %j', async (body, status, code) => {
    const answer = await service.send('POST', '/v1/uploads', body);
    expect([answer.status, answer.body]).toEqual([status, problem(code)]);
  });

  it.each(['part', 'whole'] as const)('gives back the room that its parts took when its %s finds none', async (of) => {
    const { id } = await begin(LARGE, OID);
    const full = new TidemarkError('storage-full', 'The object store is full.');
    await put(id, 1, LARGE.subarray(0, PART));
    if (of === 'whole') await put(id, 2, LARGE.subarray(PART));
    const { parts } = service.remote;
    // What fills up is the store of whoever takes parts, or the one that they are put together in.
    const spy =
      of === 'part'
        ? vi.spyOn(parts, 'put').mockRejectedValueOnce(full)
        : vi.spyOn(service.remote, service.remote.join === undefined ? 'put' : 'join').mockRejectedValueOnce(full);
    const refused = of === 'part' ? await put(id, 2, LARGE.subarray(PART)) : await complete(id);
    spy.mockRestore();
    expect([refused.status, refused.body]).toEqual([507, problem('storage-full')]);
    expect(await parts.list(String(id))).toEqual(new Map());
    // Once there is room it begins anew, under the same name.
    expect(await begin(LARGE, OID)).toMatchObject({ id, received: [] });
    for (const [number, bytes] of [LARGE.subarray(0, PART), LARGE.subarray(PART)].entries())
      await put(id, number + 1, bytes);
    expect((await complete(id)).body).toMatchObject({ oid: OID });
  });

  it('that nobody touches for a day is given up with its parts; others stay', async () => {
    const idle = await begin(Buffer.from('idle'));
    const busy = await begin(Buffer.from('busy'));
    await put(idle.id, 1, Buffer.from('idle'));
    await put(busy.id, 1, Buffer.from('busy'));
    await service.ctx.db.execute(
      sql`update uploads set touched_at = now() - interval '25 hours' where id = ${String(idle.id)}`,
    );
    expect(await sweepUploads(service.ctx)).toBe(1);
    expect((await service.send('GET', `/v1/uploads/${String(idle.id)}`)).status).toBe(404);
    expect(await service.remote.parts.list(String(idle.id))).toEqual(new Map());
    expect((await complete(busy.id)).body).toMatchObject({ created: true });
  });
});
