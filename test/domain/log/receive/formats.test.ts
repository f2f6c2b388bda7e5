import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeArrow } from '../../../../src/formats/arrow/writer.ts';
import type { ColumnType } from '../../../../src/stats/column.ts';
import { opened, tempPath } from '../../../formats/fixtures.ts';
import { TEST_TIME } from '../../../support/context.ts';
import { type Ledger, openLedger, prediction } from '../ledger.ts';
import { bodiesOf, type Row, type Table } from '../same-rows.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.close());

const COLUMNS: Readonly<Record<string, ColumnType>> = {
  prediction_id: 'text',
  timestamp: 'timestamp',
  model_version: 'text',
  prediction: 'int64',
  'scores.yes': 'float64',
  label: 'text',
  'features.age': 'int64',
  income: 'float64',
  'features.zip': 'text',
  'features.member': 'boolean',
  'features.account': 'int64',
  'features.since': 'date',
  segment: 'text',
  'tags.channel': 'text',
};

const word = fc.constantFrom('Rome', 'a "quoted" one', 'two\nlines', 'comma, and', 'ü😀', '01', 'none');
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 4 });
// Zero has one spelling in JSON, and two in a double.
const fraction = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value + 0);
const row = fc.record({
  'scores.yes': orNull(fraction(0, 1)),
  label: orNull(word),
  'features.age': orNull(fc.integer({ min: 0, max: 99 })),
  income: orNull(fraction(-1e6, 1e6)),
  'features.zip': orNull(word),
  'features.member': orNull(fc.boolean()),
  'features.account': orNull(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })),
  'features.since': orNull(fc.constantFrom('2020-02-29', '1999-12-31')),
  segment: orNull(fc.constantFrom('eu', 'us')),
  'tags.channel': orNull(word),
});

function tableOf(values: readonly Record<string, Row[string]>[], from = 0): Table {
  const rows = values.map((features, i): Row => {
    const sent: Record<string, Row[string]> = {
      prediction_id: `p-${from + i}`,
      timestamp: new Date(TEST_TIME.getTime() - 3600_000 + i * 1001).toISOString(),
      model_version: 'v1',
      prediction: i % 2,
    };
    for (const [name, value] of Object.entries(features)) sent[name] = value;
    return sent;
  });
  return { columns: COLUMNS, rows };
}

/** Training data with the columns of the rows, so that their types are expected. */
async function trainedModel(name: string): Promise<void> {
  await ledger.model(name);
  await train(name);
}

async function train(name: string): Promise<void> {
  const csv = [
    'age,income,zip,member,account,since,prediction',
    '31,1.5,00501,true,9007199254740993,2020-01-01,1',
    '22,2.5,abc,false,-9007199254740993,2021-01-01,0',
  ].join('\n');
  await ledger.request(`/v1/datasets/${name}/versions?path=t.csv`, { method: 'POST', body: csv });
  await ledger.profile();
  const bound = await ledger.post(`/v1/models/${name}/versions`, {
    dataset: name,
    ref: 'latest',
    roles: { prediction: 'prediction' },
  });
  expect(bound.body.columns).toBe('ready');
}

/** Sends the rows in each form, one behind the other; returns the answers by form. */
async function sendAll(model: string, kind: string, table: Table) {
  const answers = new Map<string, Awaited<ReturnType<Ledger['send']>>>();
  for (const [form, body] of await bodiesOf(table, tempPath('rows.parquet'))) {
    const type = form.replace('; columns', '');
    answers.set(form, await ledger.send(`/v1/models/${model}/${kind}`, new Uint8Array(body), { 'content-type': type }));
  }
  await ledger.settle(model);
  return answers;
}

describe.each(['typed by training data', 'typed by nothing but themselves'])('the same rows, %s', (how) => {
  test('are repeats of each other in whatever form they are sent', async () => {
    const model = how.startsWith('typed by training') ? 'trained' : 'free';
    if (model === 'trained') await trainedModel(model);
    else await ledger.model(model);
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (values) => {
        const table = tableOf(values, sent);
        sent += values.length;
        const before = await ledger.counts(model);
        const answers = await sendAll(model, 'predictions', table);
        for (const [form, { status, body }] of answers) {
          expect([form, status, body]).toEqual([
            form,
            200,
            expect.objectContaining({ rows: values.length, rejected: 0 }),
          ]);
        }
        const after = await ledger.counts(model);
        expect([Number(after.accepted) - Number(before.accepted), after.conflicts]).toEqual([values.length, 0]);
        if (model === 'trained') {
          // Typed by the same expectation they are not only equal rows, but the same bytes.
          expect(new Set([...answers.values()].map(({ body }) => body.oid)).size).toBe(1);
        }
      }),
      { numRuns: 12 },
    );
  });
});

test('labels in whatever form they are sent are the same labels', async () => {
  await ledger.model('labelled');
  const rows = Array.from({ length: 5 }, (_, i): Row => ({ prediction_id: `p-${i}`, label: i % 2 }));
  const answers = await sendAll('labelled', 'labels', { columns: { prediction_id: 'text', label: 'int64' }, rows });
  for (const [form, { status, body }] of answers) expect([form, status, body.rows]).toEqual([form, 200, 5]);
  const { labels } = await ledger.counts('labelled');
  expect(labels).toMatchObject({ accepted: 5, duplicates: 25, rejected: 0 });
});

test('evidence is the same in whatever form it comes', async () => {
  await trainedModel('evidence');
  const table: Table = {
    columns: {
      prediction_id: 'text',
      timestamp: 'timestamp',
      prediction: 'int64',
      age: 'text',
      zip: 'text',
      new: 'float64',
    },
    rows: ['31', 'old', 'older'].map((age, i) => ({
      ...{ prediction_id: `e-${i}`, timestamp: TEST_TIME.toISOString(), prediction: 1 },
      ...{ age, zip: '007', new: 1.5 },
    })),
  };
  const answers = await sendAll('evidence', 'predictions', table);
  const missing = ['income', 'member', 'account', 'since'];
  for (const [form, { status, body }] of answers) {
    const { violations } = body as {
      violations: { code: string; column: string; count: number; examples: string[] }[];
    };
    const found = Object.fromEntries(violations.map(({ code, column, count }) => [`${code} ${column}`, count]));
    // A CSV cell `31` spells an integer; where types are sent, and in JSON, the text "31" is one.
    expect([form, status, found]).toEqual([
      form,
      200,
      {
        'type feature.age': form === 'text/csv' ? 2 : 3,
        'unexpected feature.new': 3,
        ...Object.fromEntries(missing.map((name) => [`missing feature.${name}`, 3])),
      },
    ]);
  }
});

test('rows that were refused come back as records, and those of any form can be mended and sent again', async () => {
  await trainedModel('mended');
  const rows = [31, 32, 33].map(
    (age, i): Row => ({
      ...{ prediction_id: `m-${i}`, timestamp: i === 1 ? null : TEST_TIME.toISOString(), prediction: 1, age },
      ...{ zip: 'a "b", c', account: 9007199254740993n, member: true, income: 0.1, since: '2020-02-29' },
    }),
  );
  const types = {
    prediction_id: 'text',
    timestamp: 'timestamp',
    prediction: 'int64',
    age: 'int64',
    zip: 'text',
  } as const;
  const columns = { ...types, account: 'int64', member: 'boolean', income: 'float64', since: 'date' } as const;
  const whole = { columns, rows: rows.map((sent) => ({ ...sent, timestamp: TEST_TIME.toISOString() })) };
  await sendAll('mended', 'predictions', whole);
  for (const [form, body] of await bodiesOf({ columns, rows }, tempPath('rows.parquet'))) {
    const headers = { 'content-type': form.replace('; columns', '') };
    const refused = await ledger.send('/v1/models/mended/predictions', new Uint8Array(body), headers);
    expect([form, refused.status, refused.body.errors_total]).toEqual([form, 422, 1]);
    const kept = await ledger.send('/v1/models/mended/predictions?partial=true', new Uint8Array(body), headers);
    expect([form, kept.body]).toEqual([form, expect.objectContaining({ rows: 2, rejected: 1 })]);
    const path = `/v1/models/mended/batches/${String(kept.body.batch)}/rejected?format=ndjson`;
    const { text } = await ledger.request(path);
    expect(text.endsWith('\n')).toBe(true);
    const mended = text.replace(/^\{(?:"timestamp":null,)?/, `{"timestamp":"${TEST_TIME.toISOString()}",`);
    const again = await ledger.send('/v1/models/mended/predictions', mended.replace(',"timestamp":null', ''));
    expect([form, again.status, again.body.rows]).toEqual([form, 200, 1]);
  }
  await ledger.settle('mended');
  expect(await ledger.counts('mended')).toMatchObject({ accepted: 3, conflicts: 0, rejected: 6 });
});

describe('a table of more rows than one batch holds', () => {
  const ROWS = 80_000;
  const large = (bad: boolean): Uint8Array => {
    const times = new Float64Array(ROWS).map((_, i) => TEST_TIME.getTime() - i);
    if (bad) times[ROWS - 1] = TEST_TIME.getTime() + 48 * 3600_000;
    const ids = Array.from({ length: ROWS }, (_, i) => `row ${i % (ROWS - 1)}`);
    const codes = Int32Array.from(ids, (_, i) => i);
    const numbers = { kind: 'number', length: ROWS, valid: null, exact: null } as const;
    return encodeArrow(
      [
        { name: 'prediction_id', type: 'text' },
        { name: 'timestamp', type: 'timestamp' },
        { name: 'prediction', type: 'int64' },
        { name: 'x', type: 'float64' },
      ],
      {
        rows: ROWS,
        columns: [
          { kind: 'category', type: 'text', length: ROWS, codes, dictionary: ids },
          { kind: 'time', type: 'timestamp', length: ROWS, values: times, valid: null },
          { ...numbers, type: 'int64', values: new Float64Array(ROWS) },
          { ...numbers, type: 'float64', values: new Float64Array(ROWS).map((_, i) => i / 3) },
        ],
      },
    );
  };
  const headers = { 'content-type': 'application/vnd.apache.arrow.stream' };

  test('becomes several, of which nobody sees one without the others', async () => {
    await ledger.model('large');
    const path = '/v1/models/large/predictions';
    const refused = await ledger.send(path, new Uint8Array(large(true)), headers);
    expect([refused.status, refused.body.errors]).toEqual([422, [expect.objectContaining({ line: ROWS })]]);
    expect(await ledger.counts('large')).toMatchObject({ batches: 0, sent: 0 });
    const kept = await ledger.send(`${path}?partial=true`, new Uint8Array(large(true)), headers);
    expect(kept.body).toMatchObject({ rows: ROWS - 1, rejected: 1, sent: ROWS, issues: [{ line: ROWS }] });
    expect(kept.body.batches).toHaveLength(3);
    const listed = await ledger.request(`/v1/models/large/batches/${String(kept.body.batch)}/rejected`);
    expect(listed.body.items).toMatchObject([{ line: ROWS, raw: expect.stringContaining(`"row 0"`) }]);
    await ledger.settle('large');
    expect(await ledger.counts('large')).toMatchObject({ batches: 3, accepted: ROWS - 1, rejected: 1, duplicates: 0 });
  });

  test('is answered the same when it comes again under its key', async () => {
    await ledger.model('again');
    const keyed = { ...headers, 'idempotency-key': 'large-1' };
    const first = await ledger.send('/v1/models/again/predictions', new Uint8Array(large(false)), keyed);
    const second = await ledger.send('/v1/models/again/predictions', new Uint8Array(large(false)), keyed);
    expect(second.body).toEqual({ ...first.body, replayed: true });
    await ledger.settle('again');
    expect(await ledger.counts('again')).toMatchObject({ batches: 3, sent: ROWS, accepted: ROWS - 1, conflicts: 1 });
  });
});

test('a strict model refuses the rows whose values do not fit, in whatever form they come', async () => {
  await ledger.post('/v1/models', { name: 'strict', strict: true });
  await train('strict');
  const columns = {
    prediction_id: 'text',
    timestamp: 'timestamp',
    prediction: 'int64',
    age: 'float64',
    zip: 'text',
  } as const;
  const rows = [31, 31.5, null, 32].map(
    (age, i): Row => ({
      ...{ prediction_id: `s-${i}`, timestamp: TEST_TIME.toISOString(), prediction: 1, age, zip: '007' },
    }),
  );
  const path = '/v1/models/strict/predictions';
  for (const [form, body] of await bodiesOf({ columns, rows }, tempPath('rows.parquet'))) {
    const headers = { 'content-type': form.replace('; columns', '') };
    const refused = await ledger.send(path, new Uint8Array(body), headers);
    const line = form === 'text/csv' ? 3 : 2;
    const problem = expect.objectContaining({ line, code: 'wrong-type', field: 'features.age' });
    expect([form, refused.status, refused.body.errors]).toEqual([form, 422, [problem]]);
    const kept = await ledger.send(`${path}?partial=true`, new Uint8Array(body), headers);
    expect([form, kept.body]).toEqual([form, expect.objectContaining({ rows: 3, rejected: 1 })]);
    const violations = kept.body.violations as { code: string; column: string }[];
    expect(violations.map(({ code }) => code)).not.toContain('type');
  }
  const small = JSON.stringify([{ ...prediction(1), features: { age: 'old' } }]);
  const alone = await ledger.send(path, small, {
    ...{ 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(small)) },
  });
  expect(alone.body.errors).toEqual([expect.objectContaining({ line: 1, code: 'wrong-type', field: 'features.age' })]);
  expect((await ledger.request('/v1/models/strict')).body.strict).toBe(true);
  expect((await ledger.post('/v1/models', { name: 'strict', strict: false })).status).toBe(409);
});

describe('vectors in features', () => {
  const embs = Array.from({ length: 40 }, (_, i) => (i % 10 === 3 ? null : [i / 4, i % 10 === 4 ? null : 1, 1 - i]));
  const rows = embs.map((emb, i) => {
    const { prediction_id, timestamp, prediction: answer, scores } = prediction(i);
    return { prediction_id, timestamp, prediction: answer, scores, features: { age: i, emb } };
  });
  const read = embs.map((emb) => emb?.map((value) => value ?? Number.NaN) ?? null);

  async function model(name: string): Promise<void> {
    await ledger.model(name);
    const lines = rows.map(({ features, prediction: answer }) => JSON.stringify({ ...features, prediction: answer }));
    await ledger.request(`/v1/datasets/${name}/versions?path=t.ndjson`, { method: 'POST', body: lines.join('\n') });
    await ledger.profile();
    const given = { dataset: name, ref: 'latest', roles: { prediction: 'prediction' } };
    expect((await ledger.post(`/v1/models/${name}/versions`, given)).body.columns).toBe('ready');
  }

  const exported = async (name: string, format: string): Promise<Uint8Array> => {
    const response = await ledger.fetch(`/v1/models/${name}/predictions?format=${format}`);
    expect(response.status).toBe(200);
    return new Uint8Array(await response.arrayBuffer());
  };

  test('are logged in every form, typed by the training data, exported and logged again as they were', async () => {
    await model('embedded');
    const columns = {
      prediction_id: rows.map((row) => row.prediction_id),
      timestamp: rows.map((row) => row.timestamp),
      prediction: rows.map((row) => row.prediction),
      scores: rows.map((row) => row.scores),
      features: { age: rows.map(({ features }) => features.age), emb: embs },
    };
    const bodies: [string, string | Uint8Array][] = [
      ['application/x-ndjson', rows.map((row) => JSON.stringify(row)).join('\n')],
      ['application/json', JSON.stringify(rows)],
      ['application/json', JSON.stringify({ columns })],
    ];
    const send = async (type: string, body: string | Uint8Array) => {
      const sent = await ledger.send('/v1/models/embedded/predictions', body, { 'content-type': type });
      expect(sent).toMatchObject({ status: 200, body: { rows: 40, rejected: 0 } });
      const violations = sent.body.violations as { code: string }[];
      expect(violations.map(({ code }) => code)).not.toContain('type');
      await ledger.settle('embedded');
    };
    for (const [type, body] of bodies) await send(type, body);
    for (const [form, type] of [
      ['parquet', 'application/vnd.apache.parquet'],
      ['arrow', 'application/vnd.apache.arrow.stream'],
    ] as const) {
      const body = await exported('embedded', form);
      const { types, values } = await opened(body, `t.${form}`);
      expect(types.emb).toBe('vector[3]');
      expect(values.get('emb')).toEqual(read);
      await send(type, body);
    }
    const text = Buffer.from(await exported('embedded', 'ndjson')).toString();
    expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ features: { emb: [0, 1, 1] } });
    await send('application/x-ndjson', text);
    const csv = Buffer.from(await exported('embedded', 'csv')).toString();
    expect(csv).toContain('"[0.25,1,0]"');
    expect(await ledger.counts('embedded')).toMatchObject({ accepted: 40, conflicts: 0 });
    const found = (await ledger.request('/v1/models/embedded/predictions/p-4')).body;
    expect(found).toMatchObject({ features: { emb: [1, null, -3] } });
  });

  test('of another length are counted, and refused where the model is strict', async () => {
    await model('other-length');
    const odd = [...rows.slice(0, 3), { ...prediction(3), features: { age: 3, emb: [1, 2] } }, prediction(4)];
    const body = odd.map((row) => JSON.stringify(row)).join('\n');
    const sent = await ledger.send('/v1/models/other-length/predictions', body);
    expect(sent).toMatchObject({ status: 200, body: { rows: 5, rejected: 0 } });
    expect(sent.body.violations).toContainEqual({ column: 'feature.emb', code: 'type', count: 1, examples: ['[1,2]'] });
    expect(sent.body.violations).toContainEqual({ column: 'feature.emb', code: 'missing', count: 1, examples: [] });
  });
});
