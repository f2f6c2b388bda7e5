import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cellText } from '../../../src/formats/columns/column-conversion.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { type Ledger, ndjson, openLedger, prediction, predictions, type Row } from '../log/ledger.ts';

const remote = createMemoryRemote();
/** What reading waits for, where a test wants it to. */
let gate: Promise<void> | null = null;
const read = remote.read.bind(remote);
Object.assign(remote, {
  read: async (...given: Parameters<typeof read>) => {
    await gate;
    return read(...given);
  },
});
let ledger: Ledger;
let folder: string;
beforeAll(async () => {
  ledger = await openLedger({ remote });
  folder = await mkdtemp(join(tmpdir(), 'tidemark-export-'));
});
afterAll(async () => {
  await ledger.close();
  await rm(folder, { recursive: true });
});

const log = async (model: string, rows: readonly Row[]) => {
  const { body } = await ledger.send(`/v1/models/${model}/predictions`, ndjson(rows));
  await ledger.settle(model);
  return body;
};
const address = (model: string, query: Record<string, string> = {}) =>
  `/v1/models/${model}/predictions?${new URLSearchParams(query).toString()}`;

/** The table in a file of this form: a list of rows, each a list of texts. */
async function tableOf(model: string, query: Record<string, string> & { format: 'arrow' | 'parquet' }) {
  const answer = await ledger.fetch(address(model, query));
  expect(answer.status).toBe(200);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  expect(answer.headers.get('content-length')).toBe(String(bytes.length));
  const file = join(folder, `${model}.${query.format}`);
  await writeFile(file, bytes);
  const reader = await openTable(file);
  const rows: (string | null)[][] = [];
  for await (const batch of reader.batches()) {
    for (let row = 0; row < batch.rows; row++) rows.push(batch.columns.map((column) => cellText(column, row)));
  }
  await reader.close();
  return { fields: reader.fields.map(({ name, type }) => `${name} ${type}`), rows };
}

const MIXED: readonly Row[] = [
  prediction(0, { features: { age: 20, plan: 'a "b", c', note: '' }, label: 1 }),
  prediction(1, { features: { age: 21.5, segment: 'x' }, model_version: 'v2', tags: { region: 'x\ny' } }),
];

describe('every form', () => {
  beforeAll(async () => {
    await ledger.model('mixed');
    await log('mixed', MIXED);
    await log('mixed', [prediction(2, { features: { age: 'old', vip: true }, scores: { yes: 0.5, no: 0.25 } })]);
    await ledger.send('/v1/models/mixed/labels', ndjson([{ prediction_id: 'p-1', label: 0 }]));
    await ledger.settle('mixed');
  });

  const FIELDS = [
    'prediction_id text',
    'timestamp timestamp',
    'model_version text',
    'prediction int64',
    'score float64',
    'scores.yes float64',
    'scores.no float64',
    'age text',
    'plan text',
    'note text',
    'features.segment text',
    'vip boolean',
    'tags.region text',
    'label int64',
  ];
  const time = (n: number) => String(prediction(n).timestamp);
  const ROWS = [
    ['p-0', time(0), null, '1', '0', null, null, '20', 'a "b", c', '', null, null, null, '1'],
    ['p-1', time(1), 'v2', '0', '0.01', null, null, '21.5', null, null, 'x', null, 'x\ny', '0'],
    ['p-2', time(2), null, '0', null, '0.5', '0.25', 'old', null, null, null, 'true', null, null],
  ];

  test.each(['arrow', 'parquet'] as const)(
    '%s is one table of all batches, whatever columns each has',
    async (format) => {
      const { fields, rows } = await tableOf('mixed', { format });
      expect(fields.toSorted()).toEqual(FIELDS.toSorted());
      const order = fields.map((field) => FIELDS.indexOf(field));
      expect(rows).toEqual(ROWS.map((row) => order.map((i) => row[i])));
    },
  );

  test('CSV tells what is empty from what is absent', async () => {
    const { text, headers } = await ledger.request(address('mixed', { format: 'csv', to: time(2) }));
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe('attachment; filename="mixed-predictions.csv"');
    expect(headers.get('tidemark-rows')).toBe('2');
    expect(text).toBe(
      [
        'prediction_id,timestamp,model_version,prediction,score,age,plan,note,features.segment,tags.region,label',
        `p-0,${time(0)},,1,0,20,"a ""b"", c","",,,1`,
        `p-1,${time(1)},v2,0,0.01,21.5,,,x,"x\ny",0`,
        '',
      ].join('\n'),
    );
  });

  test('NDJSON, CSV, Parquet and Arrow can be logged again, and are then the same log', async () => {
    const exported = await ledger.request(address('mixed', { format: 'ndjson' }));
    for (const format of ['ndjson', 'csv', 'parquet', 'arrow']) {
      const answer = await ledger.fetch(address('mixed', { format }));
      const model = await ledger.model(`again-${format}`);
      const body = new Uint8Array(await answer.arrayBuffer());
      const headers = { 'content-type': answer.headers.get('content-type') ?? '' };
      const sent = await ledger.send(`/v1/models/${model}/predictions`, body, headers);
      expect([format, sent.status, sent.body.rejected]).toEqual([format, 200, 0]);
      await ledger.settle(model);
      const again = await ledger.request(address(model, { format: 'ndjson' }));
      const records = (text: string): Row[] =>
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Row);
      expect(records(again.text).map((row) => row.prediction_id)).toEqual(['p-0', 'p-1', 'p-2']);
      // One batch has one type a column, so that numbers beside a text are texts now.
      for (const name of ['label', 'scores', 'prediction', 'model_version', 'tags', 'timestamp']) {
        const of = (text: string) => records(text).map((row) => row[name]);
        expect([format, name, of(again.text)]).toEqual([format, name, of(exported.text)]);
      }
    }
  });

  test.each([
    ['text/csv', 'text/csv; charset=utf-8'],
    ['application/vnd.apache.arrow.stream', 'application/vnd.apache.arrow.stream'],
    ['application/x-ndjson;q=0.9, */*', 'application/x-ndjson'],
    ['text/html, */*', 'application/json'],
    ['application/json, text/csv', 'application/json'],
  ])('Accept: %s is answered with %s', async (accept, type) => {
    const answer = await ledger.request(address('mixed'), { headers: { accept } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, type]);
  });

  test('the same selection gives the same bytes', async () => {
    const bytes = async (format: string) => {
      const answer = await ledger.fetch(address('mixed', { format }));
      return Buffer.from(await answer.arrayBuffer()).toString('base64');
    };
    for (const format of ['parquet', 'arrow']) expect(await bytes(format)).toBe(await bytes(format));
  });

  test('nothing selected is an empty table', async () => {
    const query = { where: 'age > 1000' };
    expect((await ledger.request(address('mixed', { ...query, format: 'csv' }))).text).toBe(
      'prediction_id,timestamp\n',
    );
    expect((await ledger.request(address('mixed', { ...query, format: 'ndjson' }))).text).toBe('');
    expect((await tableOf('mixed', { ...query, format: 'arrow' })).rows).toEqual([]);
  });

  test('what only pages have is refused, and a head is answered without reading', async () => {
    expect((await ledger.request(address('mixed', { format: 'csv', cursor: 'x' }))).status).toBe(400);
    const head = await ledger.request(address('mixed', { format: 'csv' }), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
  });
});

test('many small batches become few large ones', async () => {
  await ledger.model('small');
  for (let n = 0; n < 60; n++) await ledger.send('/v1/models/small/predictions', ndjson([prediction(n)]));
  await ledger.settle('small');
  const { rows } = await tableOf('small', { format: 'arrow' });
  expect(rows.map(([id]) => id)).toEqual(predictions(0, 60).map((row) => row.prediction_id));
});

test('an export is whole or a failure, and leaves nothing behind', async () => {
  await ledger.model('torn');
  await log('torn', predictions(0, 5));
  const { oid } = await log('torn', predictions(5, 10));
  await remote.remove(String(oid) as Parameters<typeof remote.remove>[0]);
  const answer = await ledger.request(address('torn', { format: 'csv' }));
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await readdir(join(ledger.ctx.config.data, 'tmp'))).toEqual([]);
});

test('more exports than can be made at once are asked to come again', async () => {
  await ledger.model('busy');
  await log('busy', predictions(0, 10));
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  const waiting = [1, 2, 3].map(() => ledger.request(address('busy', { format: 'csv' })));
  const refused = await Promise.race(waiting);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
  open();
  gate = null;
  const answers = await Promise.all(waiting);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 429]);
  expect((await ledger.request(address('busy', { format: 'csv' }))).status).toBe(200);
});
