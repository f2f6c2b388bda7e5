import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deriveSelection } from '../../../src/domain/prediction/derive-selection.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { createApp } from '../../../src/http/app.ts';
import { buryJob, claimJob } from '../../../src/store/jobs/jobs.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}`;

let story: Story;
beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(300, 1));
  await story.drain();
  for (const n of [0, 1]) {
    await story.log('predictions', predictions(makeRows(50, n), { id: `d${n}`, from: day(n), to: day(n) + DAY }));
  }
  await story.log(
    'labels',
    Array.from({ length: 30 }, (_, i) => ({ prediction_id: `d0-${i}`, label: i % 2 })),
  );
  await story.drain(['settle-batches']);
});
afterAll(() => story.close());

type Selected = {
  readonly id: string;
  readonly state: string;
  readonly rows: number | null;
  readonly version: { ref: string; oid: string } | null;
  readonly error: { code: string; message: string } | null;
  readonly detail: string;
};

const select = (body: object, headers: Record<string, string> = {}) =>
  story.call<Selected>('POST', `${BASE}/predictions/select`, { dataset: 'chosen', ...body }, headers);
const read = async (id: string) => (await story.call<Selected>('GET', `${BASE}/selections/${id}`)).body;
const finished = async (body: object): Promise<Selected> => {
  const begun = await select(body);
  expect([begun.status, begun.body.state]).toEqual([202, 'waiting']);
  await story.drain(['settle-batches', 'derive-selection']);
  return read(begun.body.id);
};

describe('a selection', () => {
  test('becomes a version like the training data, with the labels and where it came from', async () => {
    const made = await finished({ selection: { labels: 'labelled' }, tag: 'train', message: 'chosen by hand' });
    expect([made.state, made.rows, made.error]).toEqual(['done', 30, null]);
    const version = await story.call<Record<string, unknown>>('GET', '/v1/datasets/chosen/versions/train');
    expect(version.body).toMatchObject({ oid: made.version?.oid, message: 'chosen by hand' });
    expect(version.body.provenance).toMatchObject({
      kind: 'derived',
      model: MODEL,
      selection: { labels: 'labelled' },
      rows: 30,
      batches: [expect.stringMatching(/^[0-9a-f]{32}$/)],
    });
    const file = await createApp(story.ctx).request('/v1/datasets/chosen/versions/train/files/selection.parquet');
    const bytes = new Uint8Array(await file.arrayBuffer());
    expect(createHash('md5').update(bytes).digest('hex')).toBe(made.version?.oid);
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-select-'));
    await writeFile(join(folder, 'x.parquet'), bytes);
    const reader = await openTable(join(folder, 'x.parquet'));
    const fields = reader.fields.map(({ name, type }) => `${name} ${type}`);
    await reader.close();
    await rm(folder, { recursive: true });
    expect(fields).toEqual(expect.arrayContaining(['income float64', 'prediction_id text', 'timestamp timestamp']));
    expect(fields).not.toContain('model_version text');
  });

  test('made again is the same version; with another label it is another', async () => {
    const first = await finished({ selection: { from: new Date(day(0)).toISOString() } });
    const again = await finished({ selection: { from: new Date(day(0)).toISOString() } });
    expect(again.id).not.toBe(first.id);
    expect(again.version).toEqual(first.version);
    await story.log('labels', [{ prediction_id: 'd1-0', label: 1 }]);
    await story.drain(['settle-batches']);
    expect((await finished({ selection: { from: new Date(day(0)).toISOString() } })).version).not.toEqual(
      first.version,
    );
  });

  test('sent twice with one key is made once', async () => {
    const headers = { 'idempotency-key': 'choose' };
    const [a, b] = [await select({ selection: {} }, headers), await select({ selection: {} }, headers)];
    expect(b.body.id).toBe(a.body.id);
    expect((await select({ selection: { segment: 'x' } }, headers)).status).toBe(422);
    await story.drain(['derive-selection']);
  });

  test('waits for what had been accepted, and leaves out what comes later', async () => {
    const rows = predictions(makeRows(5, 9), { id: 'late', from: day(3), to: day(4) });
    await story.log('predictions', rows.slice(0, 3));
    const { body } = await select({ selection: { from: new Date(day(3)).toISOString() } });
    await story.log('predictions', rows.slice(3));
    await story.drain(['derive-selection']);
    expect((await read(body.id)).state).toBe('waiting');
    await story.drain(['settle-batches']);
    // As the job that looks again a moment later.
    await deriveSelection(story.ctx, { selectionId: body.id });
    expect(await read(body.id)).toMatchObject({ state: 'done', rows: 3 });
    await deriveSelection(story.ctx, { selectionId: body.id });
    expect(await read(body.id)).toMatchObject({ state: 'done', rows: 3 });
  });

  test('whose job was set aside says so, and is made when it is asked for again', async () => {
    const headers = { 'idempotency-key': 'set-aside' };
    const { id } = (await select({ selection: {} }, headers)).body;
    const job = await claimJob(story.ctx.db, ['derive-selection'], 60);
    if (job === null) throw new Error('no job');
    await buryJob(story.ctx.db, job, 'the store was away');
    expect(await read(id)).toMatchObject({ state: 'failed', version: null, error: { code: 'internal' } });
    expect((await select({ selection: {} }, headers)).body).toMatchObject({ id, state: 'waiting', error: null });
    await story.drain(['derive-selection']);
    expect(await read(id)).toMatchObject({ state: 'done', error: null });
  });

  test('of nothing has failed, with the reason', async () => {
    const made = await finished({ selection: { segment: 'nobody' } });
    expect([made.state, made.error?.code]).toEqual(['failed', 'conflict']);
    expect(made.error?.message).toContain('No logged prediction fits');
  });

  test.each([
    ['a condition that is none', { selection: { where: 'age >' } }, 422],
    ['an unknown member', { selection: { wher: 'x' } }, 422],
    ['a dataset that is none', { dataset: 'a b' }, 422],
    ['a path out of its folder', { path: '../x' }, 400],
  ])('%s is refused at once', async (_, body, status) => {
    expect((await select(body)).status).toBe(status);
  });
});
