import { gzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveVersion } from '../../../src/domain/dataset/resolve.ts';
import { materializeFiles } from '../../../src/domain/object/materialize.ts';
import { profileVersion } from '../../../src/domain/profile/profile.ts';
import { TidemarkError } from '../../../src/errors.ts';
import { createApp } from '../../../src/http/app.ts';
import {
  findFileProfile,
  findVersionProfile,
  saveFileProfile,
  saveVersionProfile,
} from '../../../src/store/dataset/profiles.ts';
import { claimJob, completeJob } from '../../../src/store/jobs/jobs.ts';
import { parquetBytes } from '../../formats/parquet-bytes.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
let project: number;

beforeAll(async () => {
  service = await startDatasetService();
  const rows = await service.ctx.db.execute<{ id: number }>(sql`select id from projects where name = 'default'`);
  project = rows[0]?.id ?? 0;
});
afterAll(async () => {
  await service.close();
});

/** Runs the profile jobs that are waiting, as a worker would. */
async function runJobs(): Promise<number> {
  for (let done = 0; ; done++) {
    const job = await claimJob(service.ctx.db, ['profile-version'], 60);
    if (job === null) return done;
    await profileVersion(service.ctx, job.payload as { versionId: number });
    await completeJob(service.ctx.db, job);
  }
}

const push = (dataset: string, path: string, bytes: string | Uint8Array) =>
  service.send('POST', `/v1/datasets/${dataset}/versions?path=${path}`, bytes);
const profileOf = (dataset: string, query = '') =>
  service.send('GET', `/v1/datasets/${dataset}/versions/latest/profile${query}`);

const latest = (dataset: string) => resolveVersion(service.ctx.db, project, dataset, 'latest');

const csv = 'id,city,amount\n1,Bern,10.5\n2,Basel,\n3,Bern,30\n';

describe('the profile of a version', () => {
  it('is pending, then ready, with schema', async () => {
    await push('plain', 'train.csv', csv);
    const pending = await profileOf('plain');
    expect([pending.status, pending.body.state, pending.headers.get('retry-after')]).toEqual([202, 'pending', '1']);
    expect(await runJobs()).toBe(1);
    const ready = await profileOf('plain');
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({
      state: 'ready',
      notes: { tables: 1, others: 0, failed: [] },
      profile: {
        format: 'tidemark.profile/3',
        rows: 3,
        columns: [
          { name: 'id', type: 'int64', kind: 'number', rows: 3, nulls: 0, min: 1, max: 3, distinct: { value: 3 } },
          {
            name: 'city',
            type: 'text',
            kind: 'category',
            top: { values: [{ value: 'Bern', count: 2 }, { count: 1 }] },
          },
          { name: 'amount', type: 'float64', nulls: 1, finite: 2, moments: { n: 2, mean: 20.25 } },
        ],
      },
    });
    expect(ready.text).not.toContain('"grid"');
    expect((await service.send('GET', '/v1/datasets/plain/versions/v1')).body.profile).toBe('ready');

    const column = await profileOf('plain', '?column=amount');
    expect(column.body).toMatchObject({ profile: { columns: [{ name: 'amount', grid: { n: 2 } }] } });
    expect((await profileOf('plain', '?column=nothing')).status).toBe(404);

    const schema = await service.send('GET', '/v1/datasets/plain/versions/v1/schema');
    expect(schema.body).toMatchObject({
      state: 'ready',
      schema: {
        format: 'tidemark.schema/1',
        rows: 3,
        columns: [
          { name: 'id', type: 'int64', nullable: false, uniqueness: 'exact', hints: ['key'] },
          { name: 'city', type: 'text', presence: 'required', domain: null },
          { name: 'amount', nullable: true, null_share: 1 / 3, domain: { kind: 'range', min: 10.5, max: 30 } },
        ],
      },
    });
  });

  it('costs nothing for a file that was profiled before', async () => {
    const calls: unknown[] = [];
    const counting = {
      ...service.ctx,
      compute: {
        ...service.ctx.compute,
        run: (task: string, input: unknown) => {
          calls.push(task);
          return service.ctx.compute.run(task, input);
        },
      },
    };
    const files = [
      { path: 'known.csv', md5: await service.hold(csv) },
      { path: 'copy.csv', md5: await service.hold(csv) },
      { path: 'new.csv', md5: await service.hold('id,city,amount\n4,Chur,1\n') },
    ];
    await service.send('POST', '/v1/datasets/merged/versions', { files });
    const version = await resolveVersion(service.ctx.db, project, 'merged', 'latest');
    await profileVersion(counting, { versionId: version.id });
    expect(calls).toEqual(['profile-file']);
    expect((await profileOf('merged')).body).toMatchObject({
      notes: { tables: 3 },
      profile: { rows: 7, columns: [{ name: 'id', max: 4 }, { name: 'city' }, { name: 'amount' }] },
    });
    await profileVersion(counting, { versionId: version.id });
    expect(calls).toHaveLength(1);
    await runJobs();
  });

  it('is joined by the relations of rows and columns, when they are asked for', async () => {
    await push('related', 'x.csv', 'a,b\n1,x\n2,y\n1,x\n');
    const path = '/v1/datasets/related/versions/v1/relations';
    expect(await service.send('GET', path)).toMatchObject({ status: 503 });
    await runJobs();
    const { status, body } = await service.send('GET', path);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      dataset: 'related',
      ref: 'v1',
      duplicates: { rows: 3, duplicates: 1, error: 0 },
      sampled_rows: 3,
      methods: {
        pearson: 'pearson@1',
        spearman: 'spearman/middle-ranks@1',
        cramers_v: 'cramers_v/bergsma/30-values@1',
        mutual_information: 'mutual_information/miller/16-ranges/30-values@1',
      },
      correlations: [{ columns: ['a', 'b'], pearson: null }],
    });
    await push('related', 'notes.md', 'no table');
    await runJobs();
    expect(await service.send('GET', '/v1/datasets/related/versions/v2/relations')).toMatchObject({ status: 409 });
  });

  it('reads NDJSON and what is compressed', async () => {
    await push('lines', 'x.ndjson.gz', gzipSync('{"a":1}\n{"a":2.5}\n'));
    await runJobs();
    expect((await profileOf('lines')).body).toMatchObject({
      state: 'ready',
      profile: { rows: 2, columns: [{ name: 'a', type: 'float64' }] },
    });
  });

  it('keeps values that the database does not take', async () => {
    const { body } = await push('odd', 'x.csv', 'a\n1\n');
    const version = await resolveVersion(service.ctx.db, project, 'odd', 'v1');
    const file = { projectId: project, oid: String(body.oid), method: 'odd' };
    const profile = { values: ['nul \0', 'half \ud800', 'both \\u0000'], mean: Number.NaN };
    await saveFileProfile(service.ctx.db, { ...file, state: 'ready', profile, milliseconds: 1 });
    const kept = { values: ['nul \ufffd', 'half \ufffd', 'both \\u0000'], mean: null };
    expect(await findFileProfile(service.ctx.db, file)).toMatchObject({ state: 'ready', profile: kept });
    await saveVersionProfile(service.ctx.db, {
      versionId: version.id,
      state: 'ready',
      profile,
      schema: null,
      error: null,
    });
    expect(await findVersionProfile(service.ctx.db, version.id)).toMatchObject({ state: 'ready', profile: kept });
  });

  it('of other files is unsupported, and the bytes are kept', async () => {
    await push('image', 'x.png', 'not a table');
    await runJobs();
    const answer = await profileOf('image');
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({ state: 'unsupported', error: expect.objectContaining({ code: 'unsupported' }) }),
    ]);
    expect((await service.send('GET', '/v1/datasets/image/versions/v1/files/x.png')).text).toBe('not a table');
  });

  it('of data that cannot be read has failed for good', async () => {
    await push('broken', 'x.parquet', 'this is no Parquet file');
    await push('cut', 'x.csv.gz', gzipSync(csv.repeat(100)).subarray(0, 40));
    await runJobs();
    for (const dataset of ['broken', 'cut']) {
      const answer = await profileOf(dataset);
      expect(answer.body).toMatchObject({ state: 'failed', error: { code: 'unreadable-data' } });
    }
    expect(await runJobs()).toBe(0);
  });

  it('of Parquet in a codec or encoding that nobody knows has failed, and the bytes are kept', async () => {
    for (const [name, bytes] of [
      ['codec', parquetBytes({ codec: 99 })],
      ['encoding', parquetBytes({ encoding: 99 })],
    ] as const) {
      expect((await push(name, 'x.parquet', bytes)).status).toBe(201);
      await runJobs();
      expect((await profileOf(name)).body).toMatchObject({ state: 'failed', error: { code: 'unreadable-data' } });
      const file = await createApp(service.ctx).request(`/v1/datasets/${name}/versions/v1/files/x.parquet`);
      expect(Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
    }
  });

  it('of a folder with one bad file is that of the others, and says so', async () => {
    const files = [
      { path: 'bad.parquet', md5: await service.hold('no parquet') },
      { path: 'good.csv', md5: await service.hold(csv) },
      { path: 'readme.md', md5: await service.hold('# hello') },
    ];
    await service.send('POST', '/v1/datasets/mixed/versions', { files });
    await runJobs();
    expect((await profileOf('mixed')).body).toMatchObject({
      state: 'ready',
      notes: { tables: 2, others: 1, failed: [{ path: 'bad.parquet', code: 'unreadable-data' }] },
      profile: { rows: 3 },
    });
  });

  it('of a partitioned folder has the keys as columns, but those that its files have themselves', async () => {
    const md5 = await service.hold(csv);
    const files = ['2025', '2026', '__HIVE_DEFAULT_PARTITION__'].map((year) => ({
      path: `city=x/year=${year}/part.csv`,
      md5,
    }));
    await service.send('POST', '/v1/datasets/partitioned/versions', { files });
    await runJobs();
    const { body } = await profileOf('partitioned');
    expect(body).toMatchObject({
      notes: { warnings: [{ code: 'partition-keys', detail: expect.stringContaining('named by too, city:') }] },
      profile: { rows: 9 },
    });
    const { columns } = body['profile'] as { columns: Record<string, unknown>[] };
    expect(columns.map(({ name }) => name)).toEqual(['id', 'city', 'amount', 'year']);
    expect(columns[1]).toMatchObject({ distinct: { value: 2 } });
    expect(columns[3]).toMatchObject({
      ...{ type: 'int64', rows: 9, nulls: 3, absent: 0, min: 2025, max: 2026, finite: 6 },
      top: { values: expect.arrayContaining([{ value: 2025, count: 3 }]) },
    });
    const copies = await materializeFiles(service.ctx, project, await latest('partitioned'));
    expect(copies.files.map(({ keys }) => keys?.at(-1)?.text)).toEqual(['2025', '2026', null]);
    await copies.dispose();
  });

  it('is made anew when it is said how it is read, but not under a model', async () => {
    const european = 'id;preis\n1;1.829,02\n2;-3,5\n3;\n';
    await push('european', 'train.csv', european);
    await runJobs();
    const typeOf = async (ref: string) => {
      const { body } = await service.send('GET', `/v1/datasets/european/versions/${ref}/profile?column=preis`);
      const { columns } = body['profile'] as { columns: Record<string, unknown>[] };
      return columns[0]?.['type'];
    };
    expect(await typeOf('v1')).toBe('text');
    const change = (reading: object) => service.send('PATCH', '/v1/datasets/european', { reading });
    const changed = await change({ decimal: ',', thousands: '.' });
    expect(changed.status).toBe(200);
    const reading = { decimal: ',', thousands: '.', partitions: true };
    expect(changed.body).toMatchObject({ name: 'european', reading, reread: ['v1'], kept: [] });
    expect((await service.send('GET', '/v1/datasets/european/versions/v1/profile')).status).toBe(202);
    await runJobs();
    expect(await typeOf('v1')).toBe('float64');
    // The next is read so from the beginning, by a stored profile of its own.
    await push('european', 'train.csv', `${european}4;1.000\n`);
    await runJobs();
    expect(await typeOf('v2')).toBe('float64');
    expect((await service.send('GET', '/v1/datasets/european/versions/v2')).body).toMatchObject({ reading });
    const methods = await service.ctx.db.execute<{ method: string }>(
      sql`select method from file_profiles where method like '%decimal=,+thousands=.'`,
    );
    expect(methods).toHaveLength(2);
    // Saying the same again changes nothing.
    expect((await change({ decimal: ',', thousands: '.' })).body).toMatchObject({ reread: [], kept: [] });
    await service.send('POST', '/v1/models', { name: 'european', task: 'regression' });
    await service.send('POST', '/v1/models/european/versions', { dataset: 'european', ref: 'v1' });
    expect((await change({})).body).toMatchObject({
      reading: { partitions: true },
      reread: ['v2'],
      kept: [{ ref: 'v1', code: 'model', detail: expect.stringContaining('european/') }],
    });
    await runJobs();
    expect([await typeOf('v1'), await typeOf('v2')]).toEqual(['float64', 'text']);
    expect((await service.send('GET', '/v1/audit?action=dataset.reading-set')).body).toMatchObject({
      items: [{ subject: 'european' }, { subject: 'european' }, { subject: 'european' }],
    });
  });

  it('is made anew when it is said how dates are written, under a name of its own', async () => {
    await push('dated', 'train.csv', 'id,born\n1,31/12/2024\n2,01/02/2024\n');
    const typeOf = async (reading: object) => {
      const { body } = await service.send('PATCH', '/v1/datasets/dated', { reading });
      expect(body).toMatchObject({ reading, reread: ['v1'] });
      await runJobs();
      const found = await service.send('GET', '/v1/datasets/dated/versions/v1/profile?column=born');
      return (found.body['profile'] as { columns: { type: string; max?: number }[] }).columns[0]!;
    };
    await runJobs();
    expect(await typeOf({ dates: 'day-first' })).toMatchObject({ type: 'date', max: Date.UTC(2024, 11, 31) });
    expect(await typeOf({ dates: 'month-first' })).toMatchObject({ type: 'text' });
    expect(await typeOf({ dates: { born: '%d/%m/%Y' } })).toMatchObject({ type: 'date' });
    expect(await typeOf({ dates: { id: 'day-first' } })).toMatchObject({ type: 'text' });
    expect(await typeOf({ dates: 'day-first', missing: ['31/12/2024'] })).toMatchObject({ type: 'date', nulls: 1 });
    const methods = await service.ctx.db.execute<{ method: string }>(
      sql`select method from file_profiles where method like '%+csv%+dates=%'`,
    );
    expect(new Set(methods.map(({ method }) => method)).size).toBe(5);
  });

  it('is not of the former reading where that was changed while it was made', async () => {
    await push('meanwhile', 'train.csv', 'x;y\n1,5;a\n2,5;b\n');
    const { id: versionId } = await latest('meanwhile');
    let changed = false;
    const compute: typeof service.ctx.compute = {
      ...service.ctx.compute,
      run: async (...given) => {
        if (!changed) await service.send('PATCH', '/v1/datasets/meanwhile', { reading: { decimal: ',' } });
        changed = true;
        return service.ctx.compute.run(...given);
      },
    };
    await profileVersion({ ...service.ctx, compute }, { versionId });
    expect(await findVersionProfile(service.ctx.db, versionId)).toMatchObject({
      state: 'ready',
      profile: { columns: [{ type: 'float64' }, { type: 'text' }] },
    });
    await runJobs();
  });

  it('of a version from before there was anything to say is made plainly', async () => {
    const files = [{ path: 'year=2025/part.csv', md5: await service.hold(csv) }];
    await service.send('POST', '/v1/datasets/earlier/versions', { files });
    const { id } = await latest('earlier');
    await service.ctx.db.execute(sql`update versions set reading = null where id = ${id}`);
    await runJobs();
    const names = async () => {
      const { columns } = (await profileOf('earlier')).body['profile'] as { columns: { name: string }[] };
      return columns.map(({ name }) => name);
    };
    expect(await names()).toEqual(['id', 'city', 'amount']);
    await service.send('PATCH', '/v1/datasets/earlier', { reading: {} });
    await runJobs();
    expect(await names()).toEqual(['id', 'city', 'amount', 'year']);
    await service.send('PATCH', '/v1/datasets/earlier', { reading: { partitions: false } });
    await runJobs();
    expect(await names()).toEqual(['id', 'city', 'amount']);
  });

  it('cannot be said with one sign for two things', async () => {
    await push('signs', 'x.csv', 'a\n1\n');
    for (const reading of [{ thousands: '.' }, { decimal: ',', thousands: ',' }]) {
      const refused = await service.send('PATCH', '/v1/datasets/signs', { reading });
      expect(refused.status).toBe(422);
      expect(JSON.stringify(refused.body)).toContain('/reading/thousands');
    }
    for (const dates of ['dd/mm/yyyy', '%Y%m%d', { a: '%d/%m' }, { a: '' }, 7]) {
      const refused = await service.send('PATCH', '/v1/datasets/signs', { reading: { dates } });
      expect(refused.status).toBe(422);
      expect(JSON.stringify(refused.body)).toContain('/reading/dates');
    }
    const other = await service.send('PATCH', '/v1/datasets/signs', { reading: { decimal: ';' } });
    expect(other.status).toBe(422);
    expect((await service.send('PATCH', '/v1/datasets/nowhere', { reading: {} })).status).toBe(404);
  });

  it('of corrupt bytes has failed until good ones come', async () => {
    const bytes = 'a\n1\n2\n3\n';
    const { body } = await push('healed', 'x.csv', bytes);
    const oid = String(body.oid);
    service.remote.objects.set(oid, Buffer.from('a\n1\n2\n4\n'));
    await runJobs();
    expect((await profileOf('healed')).body).toMatchObject({ state: 'failed', error: { code: 'object-corrupt' } });
    expect((await service.send('GET', `/v1/objects/${oid}`)).status).toBe(404);
    await push('healed', 'x.csv', bytes);
    expect(await runJobs()).toBe(1);
    expect((await profileOf('healed')).body).toMatchObject({ state: 'ready', profile: { rows: 3 } });
  });

  it('is asked for in vain once the version was deleted for good, and its objects with it', async () => {
    await push('purged', 'x.csv', 'a\n77\n');
    const version = await resolveVersion(service.ctx.db, project, 'purged', 'v1');
    await service.ctx.sql`update versions set trashed_at = now(), purged_at = now() where id = ${version.id}`;
    await service.ctx.sql`delete from objects where oid = ${version.oid}`;
    expect(await runJobs()).toBe(1);
  });

  it('of what ran out of time is made when the same is pushed again, and not before', async () => {
    const bytes = 'a\n5\n55\n';
    await push('slow', 'x.csv', bytes);
    const slow = new TidemarkError('unreadable-data', 'It took longer than it may.', { details: { limit: 'time' } });
    const { id: versionId } = await latest('slow');
    const compute = { ...service.ctx.compute, run: () => Promise.reject(slow) };
    await profileVersion({ ...service.ctx, compute }, { versionId });
    await service.ctx.sql`delete from jobs where name = 'profile-version'`;
    expect((await profileOf('slow')).body).toMatchObject({ state: 'failed', error: { message: slow.message } });
    expect((await push('slow', 'x.csv', bytes)).status).toBe(200);
    expect(await runJobs()).toBe(1);
    expect((await profileOf('slow')).body).toMatchObject({ state: 'ready', profile: { rows: 2 } });
  });

  it('is tried again when the ground was bad, not the data', async () => {
    await push('retried', 'x.csv', 'a\n9\n');
    const version = await resolveVersion(service.ctx.db, project, 'retried', 'v1');
    const down = {
      ...service.ctx,
      compute: {
        ...service.ctx.compute,
        run: () => Promise.reject(new TidemarkError('store-unavailable', 'The store is away.')),
      },
    };
    await expect(profileVersion(down, { versionId: version.id })).rejects.toMatchObject({ code: 'store-unavailable' });
    expect((await profileOf('retried')).body.state).toBe('pending');
    expect(await runJobs()).toBe(1);
    expect((await profileOf('retried')).body.state).toBe('ready');
  });
});

describe('materialising a version', () => {
  it('gives verified local copies of its tables and removes them', async () => {
    const { access, readFile } = await import('node:fs/promises');
    const version = await resolveVersion(service.ctx.db, project, 'mixed', 'latest');
    const copies = await materializeFiles(service.ctx, project, version);
    expect(copies.files.map((file) => file.path)).toEqual(['bad.parquet', 'good.csv']);
    const good = copies.files[1]?.file ?? '';
    expect(await readFile(good, 'utf8')).toBe(csv);
    await copies.dispose();
    await expect(access(good)).rejects.toThrow('ENOENT');
  });
});
