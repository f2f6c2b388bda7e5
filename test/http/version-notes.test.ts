import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DatasetService, startDatasetService } from '../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(async () => {
  await service.close();
});

const problem = (code: string) => expect.objectContaining({ type: `https://tidemark.dev/problems/${code}` });
const REV = '0123456789abcdef0123456789abcdef01234567';
const refsOf = async (dataset: string, query: string): Promise<unknown[]> => {
  const { status, body, text } = await service.send('GET', `/v1/datasets/${dataset}/versions${query}`);
  if (status !== 200) throw new Error(text);
  return (body.items as { ref: string }[]).map(({ ref }) => ref);
};

describe('what is said of a version', () => {
  it('is kept with it, from a push and from a commit', async () => {
    const query = `path=a.csv&author=Ada&labels=team=risk,stage=&git_rev=${REV}`;
    const pushed = await service.send('POST', `/v1/datasets/said/versions?${query}`, 'a\n1\n');
    expect(pushed.status).toBe(201);
    expect(pushed.body).toMatchObject({
      author: 'Ada',
      labels: { team: 'risk', stage: '' },
      git_rev: REV,
      parents: [],
      provenance: { kind: 'push', author: 'anonymous' },
    });
    const md5 = await service.hold('b');
    const committed = await service.send('POST', '/v1/datasets/said/versions', {
      files: [{ path: 'b', md5 }],
      author: 'Grace',
      labels: { team: 'growth' },
      parents: ['v1', 'said@v1'],
      provenance: { query: 'select 1', run: 7 },
    });
    expect(committed.body).toMatchObject({
      author: 'Grace',
      git_rev: null,
      parents: [{ dataset: 'said', ref: 'v1', oid: pushed.body.oid }],
      provenance: { kind: 'commit', author: 'anonymous', details: { query: 'select 1', run: 7 } },
    });
    expect((await service.send('GET', '/v1/datasets/said/versions/v2')).body).toMatchObject({
      author: 'Grace',
      labels: { team: 'growth' },
    });
    const other = await service.send('POST', '/v1/datasets/heir/versions?path=c&parents=said@v2,said@latest', 'c');
    expect(other.body).toMatchObject({ author: 'anonymous', labels: {}, parents: [{ dataset: 'said', ref: 'v2' }] });
  });

  it('stays as first recorded when the content comes again', async () => {
    await service.send('POST', '/v1/datasets/first/versions?path=a&labels=x=1', 'a');
    const again = await service.send('POST', '/v1/datasets/first/versions?path=a&labels=x=2&author=Eve', 'a');
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ created: false, labels: { x: '1' }, author: 'anonymous' });
  });

  it('is changed by whoever says something else, and its content is not', async () => {
    const query = `path=a&labels=x=1,y=2&author=Ada&git_rev=${REV}&message=first`;
    const made = await service.send('POST', `/v1/datasets/changed/versions?${query}`, 'changed');
    const patch = (body: object) => service.send('PATCH', '/v1/datasets/changed/versions/latest', body);
    const first = await patch({ message: 'second', labels: { x: null, z: '3' }, provenance: { run: 7 } });
    expect([first.status, first.body]).toMatchObject([
      200,
      { ref: 'v1', oid: made.body.oid, message: 'second', labels: { y: '2', z: '3' }, author: 'Ada', git_rev: REV },
    ]);
    expect(first.body.labels).toEqual({ y: '2', z: '3' });
    expect(first.body.provenance).toEqual({ kind: 'push', author: 'anonymous', details: { run: 7 } });
    const second = await patch({ author: null, git_rev: null, provenance: null, message: '' });
    expect(second.body).toMatchObject({ message: '', author: 'anonymous', git_rev: null, labels: { y: '2', z: '3' } });
    expect(second.body.provenance).toEqual({ kind: 'push', author: 'anonymous' });
    expect(await refsOf('changed', '?label=z=3')).toEqual(['v1']);
    expect(await refsOf('changed', '?label=x')).toEqual([]);
    expect((await service.send('GET', '/v1/datasets/changed/versions/v1')).body).toEqual(second.body);
  });

  it('is not changed to what a version cannot have, nor by nothing', async () => {
    await service.send('POST', '/v1/datasets/refused/versions?path=a', 'refused');
    const patch = (body: object, ref = 'v1') =>
      service.send('PATCH', `/v1/datasets/refused/versions/${ref}`, body).then(({ status }) => status);
    for (const body of [
      {},
      { message: null },
      { oid: 'x' },
      { labels: { 'a b': '1' } },
      { git_rev: 'no' },
      { author: '' },
    ]) {
      expect(await patch(body), JSON.stringify(body)).toBe(422);
    }
    expect(await patch({ message: 'x' }, 'v2')).toBe(404);
    const many = (from: number) => Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${from + i}`, '']));
    expect(await patch({ labels: many(0) })).toBe(200);
    expect(await patch({ labels: many(30) })).toBe(422);
    await service.ctx.sql`update versions set trashed_at = now() where path = 'a'`;
    expect(await patch({ message: 'x' })).toBe(410);
    await service.ctx.sql`update versions set trashed_at = null`;
  });

  it('is changed by two at once, each in what it says', async () => {
    await service.send('POST', '/v1/datasets/both/versions?path=a', 'both');
    const keys = Array.from({ length: 10 }, (_, i) => `k${i}`);
    await Promise.all(
      keys.map((key) => service.send('PATCH', '/v1/datasets/both/versions/v1', { labels: { [key]: 'x' } })),
    );
    const { body } = await service.send('GET', '/v1/datasets/both/versions/v1');
    expect(Object.keys(body.labels as object).toSorted()).toEqual(keys);
  });

  it('makes two requests under one idempotency key differ', async () => {
    const push = (labels: string) =>
      service.send('POST', `/v1/datasets/keyed/versions?path=a&labels=${labels}`, 'a', { 'idempotency-key': 'k1' });
    expect((await push('x=1')).status).toBe(201);
    expect((await push('x=1')).status).toBe(201);
    expect((await push('x=2')).body).toEqual(problem('idempotency-key-reused'));
  });

  it.each([
    ['labels=%20=1', 'bad-request'],
    ['labels==1', 'bad-request'],
    ['labels=a=%00', 'bad-request'],
    [`labels=${Array.from({ length: 65 }, (_, i) => `k${i}=1`).join(',')}`, 'bad-request'],
    [`labels=a=${'x'.repeat(201)}`, 'bad-request'],
    ['author=', 'bad-request'],
    ['author=a%0Ab', 'bad-request'],
    ['git_rev=main', 'bad-request'],
    ['git_rev=abc', 'bad-request'],
    ['parents=no%20name', 'bad-request'],
    ['parents=v9', 'not-found'],
    ['parents=nothing@v1', 'not-found'],
  ])('is refused when it is none: %s', async (query, code) => {
    const answer = await service.send('POST', `/v1/datasets/wrong/versions?path=a&${query}`, 'a');
    expect(answer.body).toEqual(problem(code));
    expect((await service.send('GET', '/v1/datasets/wrong')).status).toBe(404);
  });

  it('finds versions again', async () => {
    const revisions = [REV, `fff${REV.slice(3)}`, REV];
    for (const [i, notes] of [
      'labels=team=risk,gold=&author=Ada',
      'labels=team=growth',
      'labels=team=risk',
    ].entries()) {
      const query = `path=a&${notes}&git_rev=${revisions[i]}`;
      await service.send('POST', `/v1/datasets/found/versions?${query}`, `content ${i}`);
    }
    await service.send('PUT', '/v1/datasets/found/tags/prod', { ref: 'v2' });
    expect(await refsOf('found', '')).toEqual(['v3', 'v2', 'v1']);
    expect(await refsOf('found', '?label=team=risk')).toEqual(['v3', 'v1']);
    expect(await refsOf('found', '?label=team=risk,gold')).toEqual(['v1']);
    expect(await refsOf('found', '?label=team')).toEqual(['v3', 'v2', 'v1']);
    expect(await refsOf('found', '?label=team=')).toEqual([]);
    expect(await refsOf('found', '?author=Ada')).toEqual(['v1']);
    expect(await refsOf('found', '?author=anonymous')).toEqual(['v3', 'v2']);
    expect(await refsOf('found', '?git_rev=0123')).toEqual(['v3', 'v1']);
    expect(await refsOf('found', '?tag=prod')).toEqual(['v2']);
    expect(await refsOf('found', '?tag=prod&label=team=risk')).toEqual([]);
    const page = await service.send('GET', '/v1/datasets/found/versions?label=team=risk&limit=1');
    expect(page.body).toMatchObject({ items: [{ ref: 'v3' }], next: expect.any(String) });
    expect(await refsOf('found', `?label=team=risk&limit=1&cursor=${String(page.body.next)}`)).toEqual(['v1']);
    for (const query of ['label=a%00', 'tag=a%00', 'git_rev=%25']) {
      const answer = await service.send('GET', `/v1/datasets/found/versions?${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
    }
  });
});

describe('a fixed tag', () => {
  const tag = '/v1/datasets/fixed/tags/release';
  beforeAll(async () => {
    for (const bytes of ['1', '2']) await service.send('POST', '/v1/datasets/fixed/versions?path=a', bytes);
  });

  it('does not move, is not loosened, and goes only when that is said', async () => {
    expect((await service.send('PUT', tag, { ref: 'v1' })).body).toMatchObject({ ref: 'v1', fixed: false });
    expect((await service.send('PUT', tag, { ref: 'v2', fixed: true })).body).toMatchObject({ ref: 'v2', fixed: true });
    expect((await service.send('PUT', tag, { ref: 'v2' })).body).toMatchObject({ ref: 'v2', fixed: true });
    for (const body of [{ ref: 'v1' }, { ref: 'v1', fixed: true }, { ref: 'v2', fixed: false }]) {
      const refused = await service.send('PUT', tag, body);
      expect(refused.status).toBe(409);
      expect(refused.body.detail).toContain('"release" is fixed at v2');
      expect(refused.body.detail).toContain('"tidemark tag --delete --fixed"');
    }
    const kept = await service.send('DELETE', tag);
    expect([kept.status, kept.body.detail]).toEqual([409, expect.stringContaining('say "--fixed"')]);
    expect((await service.send('DELETE', `${tag}?fixed=false`)).status).toBe(409);
    const both = ['v1', 'v2'].map((ref) =>
      service.send('PUT', '/v1/datasets/fixed/tags/once', { ref, fixed: true }).then(({ status }) => status),
    );
    expect(new Set(await Promise.all(both))).toEqual(new Set([201, 409]));
    await service.send('DELETE', '/v1/datasets/fixed/tags/once?fixed=true');
    expect((await service.send('GET', '/v1/datasets/fixed/tags')).body).toMatchObject({ items: [{ ref: 'v2' }] });
    expect((await service.send('DELETE', `${tag}?fixed=true`)).status).toBe(204);
    expect((await service.send('PUT', tag, { ref: 'v1' })).status).toBe(201);
  });

  it('is not moved by a push either: no version is made then', async () => {
    await service.send('PUT', tag, { ref: 'v1', fixed: true });
    const refused = await service.send('POST', '/v1/datasets/fixed/versions?path=a&tag=release', '3');
    expect(refused.body).toEqual(problem('conflict'));
    expect(await refsOf('fixed', '')).toEqual(['v2', 'v1']);
    // The push that set it, repeated.
    const same = await service.send('POST', '/v1/datasets/fixed/versions?path=a&tag=release', '1');
    expect([same.status, same.body.ref]).toEqual([200, 'v1']);
  });
});
