import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeArrow } from '../../src/formats/arrow/writer.ts';
import { type Ledger, ndjson, openLedger, prediction, predictions } from '../domain/log/ledger.ts';
import { TEST_TIME } from '../support/context.ts';

const LIMITS = {
  TIDEMARK_MAX_BATCH_BYTES: String(8 * 1024 ** 2),
  TIDEMARK_MAX_BATCH_ROWS: '20000',
  TIDEMARK_MAX_LINE_BYTES: '10000',
};
const MODEL = '/v1/models/m';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger({ environment: LIMITS });
  await ledger.model('m');
});
afterAll(() => ledger.close());

const record = (over: string): string =>
  `{"prediction_id":"x","timestamp":"2026-03-01T10:00:00Z","prediction":1${over === '' ? '' : `,${over}`}}\n`;
const timed = (timestamp: string): string => `{"prediction_id":"t","timestamp":${timestamp},"prediction":1}\n`;

/** In rows of a thousand each, which a line may hold. */
const manyFeatures = (count: number): string =>
  Array.from({ length: count / 1000 }, (_, row) =>
    JSON.stringify({
      ...prediction(row),
      features: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`f${row}_${i}`.slice(0, 9), 1])),
    }).concat('\n'),
  ).join('');

describe('what is refused is refused whole', () => {
  const good = ndjson([prediction(1)]);
  const cases: [string, number, string, string, string?, Record<string, string>?][] = [
    ['a broken line', 422, 'invalid-rows', `${good}{"prediction_id":`],
    ['nesting a million deep', 422, 'invalid-rows', record(`"features":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`)],
    ['a key that would reach the prototype', 422, 'invalid-rows', record('"__proto__":{"admin":true}')],
    ['an unknown field', 422, 'invalid-rows', record('"colour":"red"')],
    ['a key twice', 422, 'invalid-rows', record('"prediction":2')],
    ['NaN', 422, 'invalid-rows', record('"features":{"a":NaN}')],
    ['a comment', 422, 'invalid-rows', `// rows\n${good}`],
    [
      'a trailing comma',
      422,
      'invalid-rows',
      '{"prediction_id":"x","timestamp":"2026-03-01T10:00:00Z","prediction":1,}\n',
    ],
    ['single quotes', 422, 'invalid-rows', "{'prediction_id':'x'}\n"],
    ['1e999', 422, 'invalid-rows', record('"features":{"a":1e999}')],
    ['\\u0000', 422, 'invalid-rows', record('"features":{"a":"\\u0000"}')],
    ['a lone surrogate', 422, 'invalid-rows', record('"features":{"a":"\\ud800"}')],
    ['a line beyond the limit', 413, 'too-large', record(`"features":{"a":"${'x'.repeat(11_000)}"}`)],
    ['an endless line', 413, 'too-large', 'x'.repeat(3 * 1024 ** 2)],
    ['more bytes than the limit', 413, 'too-large', `${good}${' '.repeat(9 * 1024 ** 2)}`],
    ['more rows than the limit', 413, 'too-large', good.repeat(20_001)],
    ['an empty body', 422, 'invalid-rows', ''],
    ['no prediction_id', 422, 'invalid-rows', '{"timestamp":"2026-03-01T10:00:00Z","prediction":1}\n'],
    ['no timestamp', 422, 'invalid-rows', '{"prediction_id":"x","prediction":1}\n'],
    ['a time without zone', 422, 'invalid-rows', timed('"2026-03-01T10:00:00"')],
    ['a number as time without unit', 422, 'invalid-rows', timed('1772000000')],
    ['the year 1970', 422, 'invalid-rows', timed('"1970-01-01T00:00:00Z"')],
    ['seconds called milliseconds', 422, 'invalid-rows', timed('1772000000'), '?timestamp_unit=ms'],
    ['milliseconds called seconds', 422, 'invalid-rows', timed('1772000000000'), '?timestamp_unit=s'],
    ['ten years ahead', 422, 'invalid-rows', timed('"2036-03-01T10:00:00Z"')],
    ['a second more than a day ahead', 422, 'invalid-rows', timed('"2026-03-02T12:00:01Z"')],
    ['five thousand features', 413, 'too-large', manyFeatures(5000)],
    ['a feature name of 10 kB', 413, 'too-large', record(`"features":{"${'n'.repeat(10_000)}":1}`)],
    ['a unit that is none', 400, 'bad-request', good, '?timestamp_unit=ns'],
    ['an unknown parameter', 400, 'bad-request', good, '?strict=1'],
    ['a key with blanks', 400, 'bad-request', good, '', { 'idempotency-key': 'a b' }],
    ['XML', 415, 'unsupported-media-type', good, '', { 'content-type': 'text/xml' }],
    ['bytes of any kind', 415, 'unsupported-media-type', good, '', { 'content-type': 'application/octet-stream' }],
    ['brotli', 415, 'unsupported-media-type', good, '', { 'content-encoding': 'br' }],
    ['gzip in gzip', 415, 'unsupported-media-type', good, '', { 'content-encoding': 'gzip, gzip' }],
    ['a JSON list that is not closed', 422, 'invalid-body', '[{}', '', { 'content-type': 'application/json' }],
    ['a JSON text that is no list', 422, 'invalid-body', '{"rows":[]}', '', { 'content-type': 'application/json' }],
  ];
  test.each(cases)('%s', async (_, status, code, body, query = '', headers = {}) => {
    const before = await ledger.counts('m');
    const answer = await ledger.send(`${MODEL}/predictions${query}`, body, headers);
    expect([answer.status, answer.body.type]).toEqual([status, `https://tidemark.dev/problems/${code}`]);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await ledger.counts('m')).toEqual(before);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  test('an unknown model is named, with those that exist', async () => {
    const answer = await ledger.send('/v1/models/nobody/predictions', good);
    expect([answer.status, answer.body.detail]).toEqual([404, 'There is no model "nobody": known here: m.']);
  });

  test('the first hundred issues are listed by line, field and reason', async () => {
    const answer = await ledger.send(`${MODEL}/predictions`, `${good}${'{"prediction_id":"x"}\n'.repeat(150)}`);
    const errors = answer.body.errors as Record<string, unknown>[];
    expect([answer.status, errors.length, answer.body.errors_total]).toEqual([422, 100, 150]);
    expect(errors[0]).toEqual({ line: 2, code: 'missing-field', field: 'timestamp', detail: 'timestamp is missing' });
  });
});

describe('what is taken', () => {
  test.each([
    [
      'NDJSON with blank lines, CRLF and no last line end',
      `\n\r\n${ndjson(predictions(0, 2)).replaceAll('\n', '\r\n')}\n${JSON.stringify(prediction(2))}`,
      {},
    ],
    ['JSON Lines', ndjson(predictions(0, 3)), { 'content-type': 'application/jsonl; charset=utf-8' }],
    ['a JSON list', JSON.stringify(predictions(0, 3), null, 2), { 'content-type': 'application/json' }],
    [
      'a JSON object with records',
      JSON.stringify({ records: predictions(0, 3) }),
      { 'content-type': 'application/json' },
    ],
    ['gzip', gzipSync(ndjson(predictions(0, 3))), { 'content-encoding': 'gzip' }],
    ['zstd', zstdCompressSync(ndjson(predictions(0, 3))), { 'content-encoding': 'zstd' }],
  ])('%s', async (_, body, headers) => {
    const answer = await ledger.send(`${MODEL}/predictions`, new Uint8Array(Buffer.from(body)), headers);
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({ sent: 3, rows: 3, accepted: 3, rejected: 0, replayed: false, state: 'accepted' }),
    ]);
  });

  test('the same rows make the same object, however they were written and sent', async () => {
    const plain = await ledger.send(`${MODEL}/predictions`, ndjson(predictions(0, 9)));
    const packed = await ledger.send(
      `${MODEL}/predictions`,
      new Uint8Array(gzipSync(JSON.stringify(predictions(0, 9)))),
      {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
    );
    expect(packed.body.oid).toBe(plain.body.oid);
  });

  test('CSV whose numbers and dates are written otherwise, where it is said how', async () => {
    const csv = 'prediction_id;timestamp;prediction;features.x\nw1;2026-03-01T10:00:00Z;1;1.829,5\n';
    const type = { 'content-type': 'text/csv' };
    const query = `?decimal=${encodeURIComponent(',')}&thousands=.&dates=day-first&missing=n.a.,-`;
    const german = await ledger.send(`${MODEL}/predictions${query}`, csv, type);
    const plain = await ledger.send(`${MODEL}/predictions`, csv.replace('1.829,5', '1829.5'), type);
    expect([german.status, german.body.oid]).toEqual([200, plain.body.oid]);
    const named = `?dates=${encodeURIComponent('features.x=%d/%m/%Y')}`;
    expect((await ledger.send(`${MODEL}/predictions${named}`, csv, type)).status).toBe(200);
    await ledger.settle('m');
  });

  test.each([
    ['?decimal=,', 'application/x-ndjson', 400, 'says how CSV is written'],
    ['?decimal=%3B', 'text/csv', 400, 'decimal'],
    ['?thousands=.', 'text/csv', 400, 'cannot stand both'],
    ['?dates=dd/mm/yyyy', 'text/csv', 400, 'write it as %d/%m/%Y'],
    ['?dates=a%3Dday-first,day-first', 'text/csv', 400, 'dates'],
  ])('a writing that there is not is refused: %s of %s', async (query, type, status, why) => {
    const body = type === 'text/csv' ? 'prediction_id,timestamp,prediction\n' : ndjson([prediction(1)]);
    const answer = await ledger.send(`${MODEL}/predictions${query}`, body, { 'content-type': type });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(why);
  });

  test.each([
    ['an empty list', '[]', 'application/json'],
    ['columns without values', '{"columns":{"prediction_id":[],"prediction":[]}}', 'application/json'],
    ['a header without rows', 'prediction_id,timestamp,prediction\n', 'text/csv'],
    ['a table without rows', encodeArrow([], { rows: 0, columns: [] }), 'application/vnd.apache.arrow.stream'],
  ])('%s is a batch without rows', async (_, body, type) => {
    const answer = await ledger.send(`${MODEL}/predictions`, body.slice(), { 'content-type': type });
    expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ sent: 0, rows: 0, accepted: 0 })]);
    await ledger.settle('m');
  });

  test.each([
    ['s', '1772359200.25'],
    ['ms', '1772359200250'],
    ['us', '1772359200250000'],
  ])('an epoch time in %s', async (unit, number) => {
    const answer = await ledger.send(`${MODEL}/predictions?timestamp_unit=${unit}`, timed(number));
    const batch = await ledger.request(`${MODEL}/batches/${String(answer.body.batch)}`);
    expect(batch.body.min_time).toBe('2026-03-01T10:00:00.250Z');
  });

  test('a day ahead is within what clocks may differ', async () => {
    expect((await ledger.send(`${MODEL}/predictions`, timed('"2026-03-02T12:00:00Z"'))).status).toBe(200);
  });

  test('a body too large for the request thread is parsed in a child, with the same answer and bytes', async () => {
    const rows = predictions(0, 18_000);
    const body = ndjson(rows);
    expect(body.length).toBeGreaterThan(2 * 1024 ** 2);
    const large = await ledger.send(`${MODEL}/predictions?partial=true`, `${body}broken\n`);
    expect(large.body).toMatchObject({ sent: 18_001, accepted: 18_000, rejected: 1 });
    const refused = await ledger.send(`${MODEL}/predictions`, `${body}broken\n`);
    expect(refused.body).toMatchObject({
      status: 422,
      errors_total: 1,
      errors: [{ line: 18_001, code: 'not-an-object' }],
    });
    await ledger.settle('m');
    const settled = await ledger.request(`${MODEL}/batches/${String(large.body.batch)}`);
    expect(settled.body).toMatchObject({ state: 'settled', rows: 18_000 });
    expect(await readdir(join(ledger.ctx.config.data, 'tmp'))).toEqual([]);
  });
});

describe('compressed bodies', () => {
  const packed = gzipSync(ndjson(predictions(0, 50)));
  const zstd = zstdCompressSync(ndjson(predictions(0, 50)));
  const wrongSum = Buffer.from(packed);
  wrongSum[packed.length - 6] = (wrongSum[packed.length - 6] ?? 0) ^ 1;
  test.each([
    ['cut off', 'gzip', packed.subarray(0, packed.length - 20), 400],
    ['with a wrong checksum', 'gzip', wrongSum, 400],
    ['with something behind it', 'gzip', Buffer.concat([packed, Buffer.from('garbage')]), 400],
    ['that is no gzip', 'gzip', Buffer.from('plain text'), 400],
    ['cut off', 'zstd', zstd.subarray(0, zstd.length - 5), 400],
    ['that is a bomb', 'gzip', gzipSync(Buffer.alloc(64 * 1024 ** 2)), 413],
    ['that is a bomb', 'zstd', zstdCompressSync(Buffer.alloc(64 * 1024 ** 2)), 413],
  ])('%s (%s)', async (_, encoding, body, status) => {
    const before = await ledger.counts('m');
    const answer = await ledger.send(`${MODEL}/predictions`, new Uint8Array(body), { 'content-encoding': encoding });
    expect(answer.status).toBe(status);
    expect(await ledger.counts('m')).toEqual(before);
  });
});

describe('partial batches', () => {
  test('keep the good rows, and the bad ones as they were sent', async () => {
    const bad = [
      '{"prediction_id":"b1"',
      '{"prediction_id":"b2","prediction":1}',
      timed('"2036-03-01T10:00:00Z"').trim(),
    ];
    const good = predictions(300, 310).map((row) => JSON.stringify(row));
    const lines = [good[0], bad[0], ...good.slice(1, 9), bad[1], '', bad[2], good[9]];
    const answer = await ledger.send(`${MODEL}/predictions?partial=true`, lines.join('\n'));
    expect(answer.body).toMatchObject({ sent: 13, rows: 10, accepted: 10, rejected: 3 });
    const path = `${MODEL}/batches/${String(answer.body.batch)}/rejected`;
    const listed = await ledger.request(path);
    const items = listed.body.items as Record<string, unknown>[];
    expect(items.map(({ line, field, code }) => [line, field, code])).toEqual([
      [2, null, 'invalid-json'],
      [11, 'timestamp', 'missing-field'],
      [13, 'timestamp', 'in-the-future'],
    ]);
    expect(items.map(({ raw }) => raw)).toEqual(bad);
    expect((await ledger.request(`${path}?format=ndjson`)).text).toBe(`${bad.join('\n')}\n`);
    const page = await ledger.request(`${path}?limit=2`);
    const rest = await ledger.request(`${path}?limit=2&cursor=${String(page.body.next)}`);
    expect([(page.body.items as unknown[]).length, rest.body]).toEqual([2, { items: [items[2]], next: null }]);
  });

  test('one bad line in ten thousand', async () => {
    const body = `${ndjson(predictions(0, 9999))}{"prediction_id":1.5}\n`;
    expect((await ledger.send(`${MODEL}/predictions`, body)).body).toMatchObject({
      status: 422,
      errors: [{ line: 10_000 }],
    });
    expect((await ledger.send(`${MODEL}/predictions?partial=true`, body)).body).toMatchObject({
      rows: 9999,
      rejected: 1,
    });
  });

  test('nothing but bad rows, holding what a database does not take', async () => {
    const lines = ['{"prediction_id": "a\\u0000"}', '{"\u0001x": 1}', '5', '"\u0000"'];
    const answer = await ledger.send(`${MODEL}/predictions?partial=true`, lines.join('\n'));
    expect([answer.status, answer.body.rows, answer.body.rejected]).toEqual([200, 0, 4]);
    const listed = await ledger.request(`${MODEL}/batches/${String(answer.body.batch)}/rejected`);
    const raw = (listed.body.items as Record<string, unknown>[]).map((item) => item.raw);
    expect(raw).toEqual([...lines.slice(0, 3), '"\ufffd"']);
    await ledger.settle('m');
  });

  test('that are long are shown by their beginning, and sent back whole', async () => {
    // The emoji's first half is the last character that is shown.
    const long = `{"prediction_id": ${' '.repeat(4095 - 18)}\u{1f600}${'x'.repeat(1000)}`;
    const answer = await ledger.send(`${MODEL}/predictions?partial=true`, `${long}\n{"a`);
    expect(answer.body).toMatchObject({ rows: 0, rejected: 2 });
    const path = `${MODEL}/batches/${String(answer.body.batch)}/rejected`;
    expect((await ledger.request(path)).body.items).toMatchObject([
      { line: 1, raw: long.slice(0, 4095), raw_truncated: true },
      { line: 2, raw: '{"a', raw_truncated: false },
    ]);
    expect((await ledger.request(`${path}?format=ndjson`)).text).toBe(`${long}\n{"a\n`);
  });

  test('of a JSON list are counted by position', async () => {
    const body = `[${JSON.stringify(prediction(1))},\n {"prediction_id": 9007199254740993},\n 5]`;
    const json = { 'content-type': 'application/json' };
    const answer = await ledger.send(`${MODEL}/predictions?partial=true`, body, json);
    const listed = await ledger.request(`${MODEL}/batches/${String(answer.body.batch)}/rejected`);
    expect(listed.body.items).toMatchObject([
      { line: 2, raw: '{"prediction_id": 9007199254740993}' },
      { line: 3, raw: '5' },
    ]);
  });
});

describe('a repetition', () => {
  const body = ndjson(predictions(400, 410));
  const key = { 'idempotency-key': 'batch-1' };

  test('with its key gets the first answer, whatever happened since', async () => {
    const first = await ledger.send(`${MODEL}/predictions`, body, key);
    await ledger.settle('m');
    const counts = await ledger.counts('m');
    const second = await ledger.send(`${MODEL}/predictions`, new Uint8Array(gzipSync(body)), {
      ...key,
      'content-encoding': 'gzip',
    });
    expect(second.body).toEqual({ ...first.body, replayed: true });
    expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([
      null,
      'true',
    ]);
    expect(await ledger.counts('m')).toEqual(counts);
  });

  test.each([
    ['another body', `${MODEL}/predictions`, ndjson(predictions(400, 411))],
    ['another kind', `${MODEL}/labels`, body],
    ['another way to take it', `${MODEL}/predictions?partial=true`, body],
  ])('of the key with %s is refused', async (_, path, other) => {
    const answer = await ledger.send(path, other, key);
    expect([answer.status, answer.body.type]).toEqual([422, 'https://tidemark.dev/problems/idempotency-key-reused']);
  });

  test('at the same time: one is stored, all get its answer', async () => {
    await ledger.model('race');
    const sent = await Promise.all(
      [1, 2, 3, 4].map(() => ledger.send('/v1/models/race/predictions', body, { 'idempotency-key': 'race' })),
    );
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(sent.map((answer) => answer.body.batch)).size).toBe(1);
    expect(sent.filter((answer) => answer.body.replayed === false).length).toBe(1);
    expect(await ledger.counts('race')).toMatchObject({ batches: 1, sent: 10 });
  });

  test('of a refused batch is looked at anew', async () => {
    const retry = { 'idempotency-key': 'mended' };
    expect((await ledger.send(`${MODEL}/predictions`, 'broken', retry)).status).toBe(422);
    expect((await ledger.send(`${MODEL}/predictions`, body, retry)).status).toBe(200);
  });
});

test('an upload that breaks off stores nothing', async () => {
  const before = await ledger.counts('m');
  const source = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(new TextEncoder().encode(ndjson(predictions(0, 10)))),
    pull: (stream) => stream.error(new Error('socket hang up')),
  });
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: source,
    duplex: 'half' as const,
  };
  const answer = await ledger.request(`${MODEL}/predictions`, init);
  expect([answer.status, answer.body.type]).toEqual([400, 'https://tidemark.dev/problems/upload-aborted']);
  expect(await ledger.counts('m')).toEqual(before);
});

test('labels: a repeat is a no-op, an unknown prediction waits and is counted', async () => {
  await ledger.model('lab');
  await ledger.send('/v1/models/lab/predictions', ndjson([prediction(1)]));
  const labels = ndjson([
    { prediction_id: 'p-1', label: 1, timestamp: '2026-03-01T11:00:00Z' },
    { prediction_id: 'p-1', label: 1 },
    { prediction_id: 'ghost', label: 0 },
  ]);
  expect((await ledger.send('/v1/models/lab/labels', labels)).body).toMatchObject({
    kind: 'labels',
    accepted: 2,
    duplicates: 1,
  });
  expect((await ledger.send('/v1/models/lab/labels', '{"prediction_id":"p-1"}\n')).status).toBe(422);
  await ledger.settle('lab');
  expect(await ledger.counts('lab')).toMatchObject({
    sent: 1,
    labelled: 1,
    labels_waiting: 1,
    labels: { sent: 3, accepted: 2, duplicates: 1, settled: 2 },
  });
});

test('batches are listed newest first, by pages and by kind', async () => {
  await ledger.model('pages');
  for (let i = 0; i < 5; i++) await ledger.send('/v1/models/pages/predictions', ndjson([prediction(i)]));
  await ledger.send('/v1/models/pages/labels', ndjson([{ prediction_id: 'p-1', label: 1 }]));
  const ids: unknown[] = [];
  let cursor = '';
  for (let pages = 0; pages < 4; pages++) {
    const page = await ledger.request(`/v1/models/pages/batches?limit=2${cursor}`);
    ids.push(...(page.body.items as { batch: number }[]).map(({ batch }) => batch));
    if (typeof page.body.next !== 'string') break;
    cursor = `&cursor=${page.body.next}`;
  }
  expect(ids.length).toBe(6);
  expect(ids).toEqual([...ids].sort((a, b) => Number(b) - Number(a)));
  const labels = await ledger.request('/v1/models/pages/batches?kind=labels');
  expect(labels.body.items).toMatchObject([{ kind: 'labels', sent: 1 }]);
  expect((await ledger.request('/v1/models/pages/batches?cursor=bogus')).status).toBe(400);
  expect((await ledger.request('/v1/models/pages/batches/999999')).status).toBe(404);
  expect((await ledger.request(`/v1/models/m/batches/${String(ids[0])}`)).status).toBe(404);
});

test('the watermark rises by word, and falls by an administrator’s alone', async () => {
  await ledger.model('tide');
  const raise = (through: string) => ledger.post('/v1/models/tide/watermark', { through });
  expect((await raise('2026-02-01T00:00:00Z')).body).toEqual({ watermark: '2026-02-01T00:00:00.000Z' });
  expect((await raise('2026-01-01T00:00:00+01:00')).body).toEqual({ watermark: '2026-02-01T00:00:00.000Z' });
  await ledger.send('/v1/models/tide/predictions', ndjson([prediction(0), prediction(0, { prediction_id: 'other' })]));
  await ledger.settle('tide');
  expect((await ledger.counts('tide')).watermark).toBe(new Date(TEST_TIME.getTime() - 3600_000).toISOString());
  expect((await raise('9999-01-01T00:00:00Z')).status).toBe(422);
  const [now] = await ledger.ctx.sql<{ ms: number }[]>`select (extract(epoch from now()) * 1000)::float8 as ms`;
  const far = new Date((now?.ms ?? 0) + 25 * 3600_000).toISOString();
  expect((await raise(far)).body).toMatchObject({ errors: [{ pointer: '/through', code: 'in-the-future' }] });
  const lower = { through: '2026-01-15T00:00:00Z', lower: true };
  expect((await ledger.post('/v1/models/tide/watermark', lower)).body).toEqual({
    watermark: '2026-01-15T00:00:00.000Z',
  });
});
