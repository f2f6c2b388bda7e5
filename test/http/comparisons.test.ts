import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Context } from '../../src/context.ts';
import { claimJob, completeJob } from '../../src/store/jobs/jobs.ts';
import { JOB_HANDLERS } from '../../workers/jobs.ts';
import { type DatasetService, startDatasetService } from '../support/datasets.ts';

/** Two tables of a few kilobytes each are large here. */
const AT_ONCE = 8000;
const csv = (rows: number, shift: number): string =>
  `x,plan\n${Array.from({ length: rows }, (_, i) => `${(Math.sin(i * 12.9898) + shift).toFixed(6)},${i % 3 === 0 ? 'pro' : 'basic'}`).join('\n')}\n`;

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService({ TIDEMARK_MAX_AT_ONCE_BYTES: String(AT_ONCE) });
  await push('small', csv(150, 0));
  await push('small', csv(150, 3));
  await push('large', csv(900, 0));
  await push('large', csv(900, 3));
});
afterAll(() => service.close());
beforeEach(async () => {
  await service.ctx.sql`truncate computations, jobs`;
});

async function push(dataset: string, text: string, path = 'x.csv'): Promise<void> {
  const answer = await service.send('POST', `/v1/datasets/${dataset}/versions?path=${path}`, text);
  if (answer.status >= 300) throw new Error(answer.text);
}
const compare = (reference: string, current: string, wishes: object = {}) =>
  service.send('POST', '/v1/compare', { reference, current, ...wishes });

/** Runs the jobs of computations that wait, and nothing else. @returns the names of those. */
async function work(ctx: Context = service.ctx): Promise<string[]> {
  const ran: string[] = [];
  for (;;) {
    const job = await claimJob(ctx.db, ['compare-versions', 'diff-rows', 'derive-rows'], 60);
    if (job === null) return ran;
    // The payload was put there under this very name.
    await (JOB_HANDLERS[job.name] as (ctx: Context, payload: unknown) => Promise<void>)(ctx, job.payload);
    await completeJob(ctx.db, job);
    ran.push(job.name);
  }
}
const computation = async (id: unknown) => (await service.send('GET', `/v1/computations/${String(id)}`)).body;
const temporary = () => readdir(join(service.ctx.config.data, 'tmp'));

it('the measures that may be chosen are listed', async () => {
  const { status, body } = await service.send('GET', '/v1/measures');
  expect([status, body.next]).toEqual([200, null]);
  expect(body.items).toContainEqual(expect.objectContaining({ name: 'psi/reference-edges@1', use: 'index' }));
});

describe('two versions', () => {
  it('that are small are compared at once', async () => {
    const { status, body } = await compare('small@v1', 'small@v2', { columns: ['x'] });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      format: 'tidemark.comparison/1',
      verdict: 'drift',
      reference: { name: 'small@v1', rows: 150, files: [{ path: 'x.csv', format: 'csv' }] },
      current: { name: 'small@v2', rows: 150 },
      columns: [{ name: 'x', verdict: 'drift' }],
    });
    expect((await compare('small@v1', 'small@v1')).body.verdict).toBe('no_drift');
    expect(await service.ctx.sql`select 1 from computations`).toHaveLength(0);
    expect(await temporary()).toEqual([]);
  });

  it('that are large are compared by a worker, once, and the same request then has the answer', async () => {
    const begun = await compare('large@v1', 'large@latest');
    expect([begun.status, begun.body.state, begun.headers.get('retry-after')]).toEqual([202, 'waiting', '1']);
    expect(begun.headers.get('location')).toMatch(/\/v1\/computations\/cmp_\w+$/);
    const { id } = begun.body;
    expect((await compare('large@v1', 'large@v2')).body.id).toBe(id);
    expect((await compare('large@v1', 'large@v2', { columns: ['x'] })).body.id).not.toBe(id);
    expect(await work()).toHaveLength(2);
    const done = await compare('large@v1', 'large@v2');
    expect([done.status, done.body.verdict]).toEqual([200, 'drift']);
    const read = await computation(id);
    expect(read).toMatchObject({ kind: 'compare', state: 'done', error: null, result: done.body });
    expect(read.progress).toMatchObject({ phase: 'judging', unit: 'columns', of: 2 });
    expect(await work()).toEqual([]);
    expect(await temporary()).toEqual([]);
  });

  it('say what is wrong with them once they have been read, and are tried again after a while', async () => {
    const wrong = { segment: 'none' };
    const { id } = (await compare('large@v1', 'large@v2', wrong)).body;
    await work();
    expect(await computation(id)).toMatchObject({ state: 'failed', error: { code: 'bad-request' } });
    const again = await compare('large@v1', 'large@v2', wrong);
    expect([again.status, again.body.detail]).toEqual([400, expect.stringContaining('no column "none"')]);
    await service.ctx.sql`update computations set finished_at = now() - interval '2 minutes'`;
    expect((await compare('large@v1', 'large@v2', wrong)).body).toMatchObject({ id, state: 'waiting', error: null });
  });

  it('are compared as they were when it was asked, also from the trash', async () => {
    const { id } = (await compare('large@v1', 'large@v2')).body;
    await service.ctx.sql`update versions set trashed_at = now() where number = 1`;
    await work();
    await service.ctx.sql`update versions set trashed_at = null`;
    expect((await computation(id)).state).toBe('done');
  });

  it('whose worker fails for reasons of its own wait, and are said to have failed once their job is set aside', async () => {
    const { id } = (await compare('large@v1', 'large@v2')).body;
    const broken = {
      ...service.ctx,
      compute: { ...service.ctx.compute, run: () => Promise.reject(new Error('struck')) },
    };
    await expect(work(broken)).rejects.toThrow('struck');
    expect((await computation(id)).state).toBe('waiting');
    await service.ctx.sql`update jobs set state = 'dead', lease_until = null`;
    expect(await computation(id)).toMatchObject({ state: 'failed', error: { code: 'internal' } });
    expect((await compare('large@v1', 'large@v2')).status).toBe(202);
    await work();
    expect((await computation(id)).state).toBe('done');
  });

  it.each([
    [{ reference: 'small@v1', current: 'v2' }, 422, 'must name a dataset too'],
    [{ reference: 'small@v1', current: 'small@v9' }, 404, 'v9'],
    [{ reference: 'small@v1', current: 'small@v2', as: 'abacus' }, 400, 'is no tool'],
    [{ reference: 'small@v1', current: 'small@v2', measures: ['x'] }, 400, '"x"'],
    [{ reference: 'small@v1', current: 'small@v2', effects: { psl: 1 } }, 400, 'not a measure with a limit'],
    [{ reference: 'small@v1', current: 'small@v2', alpha: 2 }, 422, 'alpha'],
    [{ reference: 'small@v1', current: 'small@v2', colour: 'red' }, 422, 'colour'],
  ])('are refused for what cannot be: %j', async (body, status, says) => {
    const answer = await service.send('POST', '/v1/compare', body);
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(says)]);
    expect(await temporary()).toEqual([]);
  });

  it('are found in their own project alone', async () => {
    await service.send('POST', '/v1/projects', { name: 'other' });
    const { id } = (await compare('large@v1', 'large@v2')).body;
    expect((await service.send('GET', `/v1/computations/${String(id)}?project=other`)).status).toBe(404);
  });
});

describe('a table that is sent along', () => {
  const send = (query: string, body: string, headers = {}) =>
    service.send('POST', `/v1/compare?${query}`, body, headers);

  it('is compared with a version and not kept', async () => {
    const { status, body } = await send('reference=small@v1&path=today.csv&columns=x,plan&slices=true', csv(150, 3));
    expect(status).toBe(200);
    expect(body).toMatchObject({
      verdict: 'drift',
      reference: { name: 'small@v1' },
      current: { name: 'today.csv', rows: 150 },
      slices: expect.any(Array),
    });
    expect(await temporary()).toEqual([]);
  });

  it('is judged by the limits and weights that the query names', async () => {
    const wishes =
      'effects=wasserstein/reference-std@1=0.25,missing_share/difference@1=1e-2&minimum_rows=20&alpha=1e-3&weights=x=3,plan=0&drifted_share=0.5';
    const { status, body } = await send(`reference=small@v1&path=today.csv&${wishes}`, csv(150, 3));
    expect(status).toBe(200);
    expect(body.policy).toMatchObject({
      effects: { 'wasserstein/reference-std@1': 0.25, 'missing_share/difference@1': 0.01 },
      minimum_rows: 20,
      alpha: 0.001,
      weights: { x: 3, plan: 0 },
      drifted_share: 0.5,
    });
    expect(body.verdict).toBe('drift');
  });

  it.each([
    ['reference=small@v1&path=today.csv&weights=x=-1', csv(10, 0), 400, 'weights'],
    ['reference=small@v1&path=today.csv&effects=psi', csv(10, 0), 400, 'effects'],
    ['reference=small@v1&path=today.csv&minimum_rows=1.5', csv(10, 0), 400, 'minimum_rows'],
    ['reference=small@v1&path=today.csv', csv(900, 0), 413, 'push the table'],
    ['reference=large@v1&path=today.csv', csv(10, 0), 413, 'push the table'],
    ['path=today.csv', csv(10, 0), 400, 'Name the version'],
    ['reference=small@v1&path=today.txt', csv(10, 0), 400, 'promises no table'],
    ['reference=small@v1&path=today.csv&alpha=1', csv(10, 0), 400, 'alpha'],
    ['reference=small@v1&path=today.csv&segment=none', csv(150, 0), 400, '"none"'],
    ['reference=small@v1&path=today.parquet', 'no parquet', 422, 'no Parquet file'],
    ['reference=small@v1', '{}', 400, '"reference" in the query'],
  ])('is refused: %s', async (query, body, status, says) => {
    const answer = await send(query, body, { 'content-type': 'application/octet-stream' });
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(says)]);
    expect(await temporary()).toEqual([]);
  });
});

describe('rows of large versions', () => {
  it('are compared by a worker', async () => {
    const path = '/v1/datasets/large/versions/v2/diff?against=v1&rows=true&key=plan&samples=1';
    const begun = await service.send('GET', path);
    expect([begun.status, begun.body.kind]).toEqual([202, 'diff-rows']);
    expect(await work()).toEqual(['diff-rows']);
    const done = await service.send('GET', path);
    expect(done.status).toBe(200);
    expect(done.body.rows).toMatchObject({ key: ['plan'], from: 900, to: 900, changed: 900 });
    expect((await computation(begun.body.id)).progress).toMatchObject({ phase: 'reading', unit: 'rows' });
    const page = '/p/default/datasets/large/diff/v1..v2?rows=true&key=plan';
    for (const versionId of [3, 4]) await JOB_HANDLERS['profile-version'](service.ctx, { versionId });
    const waiting = (await service.send('GET', page)).text;
    expect(waiting).toContain('a worker reads them');
    expect(waiting).toContain('data-refresh');
    await work();
    const shown = (await service.send('GET', page)).text;
    expect(shown).toContain('900 changed');
    expect(shown).not.toContain('data-refresh');
  });

  it('are derived by a worker, for who asked, once', async () => {
    const derive = (body: object, headers = {}) =>
      service.send('POST', '/v1/datasets/derived/versions/derive', body, headers);
    const recipe = { sources: ['large@v1', 'large@v2'], rows: { where: "plan = 'pro'" }, labels: { of: 'pro' } };
    const key = { 'idempotency-key': 'derive-1' };
    const begun = await derive(recipe, key);
    expect([begun.status, begun.body.kind]).toEqual([202, 'derive-rows']);
    expect((await derive(recipe, key)).body.id).toBe(begun.body.id);
    expect((await derive({ ...recipe, message: 'another' }, key)).status).toBe(422);
    await work();
    expect((await computation(begun.body.id)).result).toMatchObject({ dataset: 'derived', ref: 'v1', created: true });
    const done = await derive(recipe, key);
    expect([done.status, done.body]).toEqual([
      201,
      expect.objectContaining({ ref: 'v1', labels: { of: 'pro' }, message: '600 of 1800 rows of large@v1, large@v2' }),
    ]);
    // The key's first answer again; without one, what is there was there.
    expect((await derive(recipe, key)).status).toBe(201);
    const other = { ...recipe, labels: { of: 'another' } };
    expect((await derive(other)).status).toBe(202);
    await work();
    const repeated = await derive(other);
    expect([repeated.status, repeated.body]).toMatchObject([200, { ref: 'v1', created: false }]);
    expect((await derive(other)).status).toBe(200);
    // Deleted, it is made again.
    await service.ctx.sql`update versions set trashed_at = now() where dataset_id =
      (select id from datasets where name = 'derived')`;
    expect((await derive(recipe)).status).toBe(202);
    await work();
    expect((await derive(recipe)).body).toMatchObject({ ref: 'v1' });
    const wrong = await derive({ sources: ['large@v1'], rows: { columns: ['none'] } });
    await work();
    expect(await computation(wrong.body.id)).toMatchObject({ state: 'failed', error: { code: 'invalid-body' } });
    expect(await temporary()).toEqual([]);
  });
});

it('what was found out is forgotten after a week', async () => {
  const { id } = (await compare('large@v1', 'large@v2')).body;
  await work();
  await service.ctx.sql`update computations set finished_at = now() - interval '8 days'`;
  await JOB_HANDLERS['sweep-storage'](service.ctx, {});
  expect((await service.send('GET', `/v1/computations/${String(id)}`)).status).toBe(404);
});
