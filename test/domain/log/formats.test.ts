import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ColumnType } from '../../../src/stats/column.ts';
import { tempPath } from '../../formats/fixtures.ts';
import { TEST_TIME } from '../../support/context.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { bodiesOf, type Row, type Table } from './same-rows.ts';

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
  test('are repeats of each other in whatever form they are sent', { timeout: 120_000 }, async () => {
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
