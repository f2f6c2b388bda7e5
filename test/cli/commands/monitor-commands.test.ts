import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { listen } from '../../../src/http/server.ts';
import { DAY, day, makeRows, predictions, referenceCsv, type Story, startStory } from '../../domain/monitor/story.ts';
import { type Ran, run } from '../tables/against.ts';

let story: Story;
let server: Awaited<ReturnType<typeof listen>>;
let folder = '';
beforeAll(async () => {
  story = await startStory();
  server = await listen(createApp(story.ctx), { host: '127.0.0.1', port: 0 });
  folder = await mkdtemp(join(tmpdir(), 'tidemark-cli-'));
  const csv = referenceCsv(makeRows(500, 1));
  await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', csv, { 'content-type': 'text/csv' });
  await story.drain();
});
afterAll(async () => {
  await server.close(1000);
  await rm(folder, { recursive: true });
  await story.close();
});

const tidemark = (...line: string[]): Promise<Ran> => run(folder, `http://127.0.0.1:${server.port}`, line);
const file = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(join(folder, name), content);
  return name;
};
const rowsOf = (n: number, shift: number): object[] =>
  predictions(makeRows(200, 60 + n, shift), { id: `d${n}`, from: day(n), to: day(n) + DAY });
const ndjson = (rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
const iso = (n: number): string => new Date(day(n)).toISOString();

describe('tidemark models', () => {
  it('makes one and binds it to what it was trained on, as often as it is said', async () => {
    expect(await tidemark('models')).toMatchObject({ code: 0, out: 'No model.\n' });
    const create = ['models', 'create', 'credit', '-t', 'binary', '--positive', '1'];
    expect(await tidemark(...create)).toMatchObject({ code: 0, out: 'credit is there.\n' });
    expect(await tidemark(...create)).toMatchObject({ code: 0 });
    const roles = await file(
      'roles.json',
      JSON.stringify({ prediction: 'prediction', score: 'score', label: 'defaulted' }),
    );
    const bound = await tidemark('models', 'bind', 'credit', 'credit@v1', '--roles', roles);
    expect(bound.out).toBe('credit v1 was trained on credit@v1.\n');
    expect((await tidemark('models', 'show', 'credit')).out).toMatch(/v1 +credit@v1 +yes/);
    expect(await tidemark('models', 'promote', 'credit', 'v1')).toMatchObject({
      code: 0,
      out: 'credit v1 is in service already.\n',
    });
    expect(await tidemark('models', 'promote', 'credit', 'v9')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no version "v9": known are v1/),
    });
    expect(await tidemark('models', 'bind', 'credit', 'credit', '--roles', 'nowhere.json')).toMatchObject({
      code: 1,
      err: expect.stringContaining('nowhere.json is not a JSON object with the roles of columns'),
    });
  });
});

describe('tidemark predictions log', () => {
  it('sends files in the form that their endings say, and says what came of them', async () => {
    const plain = await file('first.ndjson', ndjson(rowsOf(0, 0)));
    const packed = await file('second.ndjson.gz', gzipSync(ndjson([...rowsOf(1, 3), ...rowsOf(2, 0).slice(0, 5)])));
    const logged = await tidemark('predictions', 'log', 'credit', plain, packed);
    expect(logged).toMatchObject({ code: 0, out: '405 predictions logged.\n' });
    expect(logged.err).toContain('first.ndjson: 200 of 200 predictions taken');
    const labels = await file(
      'labels.ndjson',
      ndjson([{ prediction_id: 'd0-0', label: 1 }, { prediction_id: 'd0-1' }]),
    );
    expect(await tidemark('predictions', 'log', 'credit', labels, '--labels')).toMatchObject({ code: 1 });
    const partial = await tidemark('predictions', 'log', 'credit', labels, '--labels', '--partial');
    expect(partial).toMatchObject({ code: 0, out: '1 labels logged.\n', err: expect.stringContaining('1 refused') });
  });

  it('sends nothing when one of them cannot be', async () => {
    const more = await file('more.ndjson', ndjson(rowsOf(9, 0)));
    for (const [name, why] of [
      ['rows.xlsx', /ending of rows\.xlsx says no form/],
      ['nowhere.csv', /no file nowhere\.csv/],
    ] as const) {
      const refused = await tidemark('predictions', 'log', 'credit', more, name);
      expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(why) });
    }
    const listed = await story.call<{ items: unknown[] }>('GET', '/v1/models/credit/batches');
    expect(listed.body.items).toHaveLength(3);
  });
});

describe('tidemark monitor', () => {
  it('puts one, shows it, and tells of its windows and reports', async () => {
    const config = await file('monitor.json', JSON.stringify({ alpha: 0.02 }));
    const put = ['monitor', 'put', 'credit', 'daily', '-c', config];
    expect((await tidemark(...put)).out).toMatch(/daily +credit +on +1 +credit@v1/);
    expect((await tidemark(...put)).out).toMatch(/daily +credit +on +1/);
    expect((await tidemark('monitor', 'list')).out).toContain('daily');
    await story.drain();
    const told = await tidemark('models', 'watermark', 'credit', iso(2));
    // Never back: the predictions themselves have come further.
    expect(told.out).toMatch(
      /^Events have been seen up to 2026-01-07T.*\. Windows whose end lies before that by their lateness/,
    );
    expect(await tidemark('models', 'watermark', 'credit', 'yesterday')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Write it like 2026-01-31T09:00:00Z'),
    });
    const open = await tidemark('monitor', 'report', 'credit', 'daily', iso(2));
    expect(open).toMatchObject({ code: 0, out: expect.stringContaining('It ends at') });
    await story.call('POST', '/v1/models/credit/watermark', { through: new Date(day(2) + DAY / 24).toISOString() });
    await story.drain();
    expect((await tidemark('monitor', 'windows', 'credit', 'daily')).out).toMatch(/drift +200 +income/);
    expect(await tidemark('monitor', 'report', 'credit', 'daily', iso(0))).toMatchObject({
      code: 0,
      out: expect.stringContaining('no_drift\nNone of'),
    });
    const drifted = await tidemark('monitor', 'report', 'credit', 'daily', iso(1).slice(0, 10));
    expect(drifted).toMatchObject({ code: 3, out: expect.stringContaining('income') });
  });

  it('deletes one', async () => {
    expect((await tidemark('monitor', 'delete', 'credit', 'daily')).out).toBe('daily is gone; its reports stay.\n');
    expect((await tidemark('monitor', 'list', 'credit')).out).toBe('No monitor.\n');
    expect((await tidemark('monitor', 'delete', 'credit', 'daily')).code).toBe(1);
  });
});
