import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settleBatches } from '../../../src/domain/log/settle/settle.ts';
import { deriveSelection } from '../../../src/domain/prediction/derive-selection.ts';
import { ndjson, prediction, predictions } from '../../domain/log/ledger.ts';
import { type Stage, startStage } from '../tables/against.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  await stage.send('POST', '/v1/models', { name: 'm', task: 'binary', positive_label: '1' });
  const type = { 'content-type': 'application/x-ndjson' };
  await stage.send('POST', '/v1/models/m/predictions', ndjson(predictions(0, 30)), type);
  await stage.send('POST', '/v1/models/m/labels', ndjson([{ prediction_id: 'p-3', label: 1 }]), type);
  const [model] = await stage.ctx.sql`select id::int from models`;
  await settleBatches(stage.ctx, { modelId: Number(model?.id) });
});
afterAll(() => stage.close());

test('search lists what fits, page by page, and says which column nothing has', async () => {
  const shown = await stage.tidemark('predictions', 'search', 'm', '-w', 'age >= 40 and agee is null', '-n', '5');
  expect([shown.code, shown.err]).toEqual([
    0,
    expect.stringContaining('no prediction that was searched has "features.agee"'),
  ]);
  expect(
    shown.out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(/\s+/)[0]),
  ).toEqual(['p-29', 'p-28', 'p-27', 'p-26', 'p-25']);
  const json = await stage.tidemark('predictions', 'search', 'm', '--labels', 'labelled', '--json');
  expect(JSON.parse(json.out)).toEqual([expect.objectContaining({ prediction_id: 'p-3', label: '1' })]);
});

test('get says all that is known, and fails for what is not there', async () => {
  const { out } = await stage.tidemark('predictions', 'get', 'm', 'p-3', '--json');
  expect(JSON.parse(out)).toMatchObject({ prediction_id: 'p-3', label: { value: '1', revision: 1 } });
  expect(await stage.tidemark('predictions', 'get', 'm', 'nobody')).toMatchObject({ code: 1, out: '' });
});

test('export writes a whole file or none', async () => {
  const { out } = await stage.tidemark(
    'predictions',
    'export',
    'm',
    'rows.ndjson',
    '--to',
    String(prediction(10).timestamp),
  );
  expect(out).toContain('10 predictions');
  const text = await readFile(join(stage.folder, 'rows.ndjson'), 'utf8');
  expect(text.trimEnd().split('\n').length).toBe(10);
  expect((await stage.tidemark('predictions', 'export', 'm', 'rows.xlsx')).err).toContain(
    '.ndjson, .csv, .parquet or .arrow',
  );
  expect((await stage.tidemark('predictions', 'export', 'm', 'bad.csv', '-w', 'age >')).code).toBe(1);
  expect((await readdir(stage.folder)).filter((name) => !name.startsWith('.'))).toEqual(['rows.ndjson']);
});

test('select begins a version, and waits for it', async () => {
  const begun = await stage.tidemark('predictions', 'select', 'm', '-d', 'chosen', '--detach', '--json');
  expect(JSON.parse(begun.out)).toMatchObject({ state: 'waiting', dataset: 'chosen' });
  const waiting = stage.tidemark('predictions', 'select', 'm', '-d', 'chosen', '--labels', 'labelled', '-t', 'train');
  // What a worker does.
  for (let made = 0; made < 2; ) {
    const rows = await stage.ctx.sql`select id from prediction_selections where state = 'waiting'`;
    for (const { id } of rows) {
      await deriveSelection(stage.ctx, { selectionId: String(id) });
      made++;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { code, out } = await waiting;
  expect([code, out]).toEqual([0, expect.stringMatching(/^chosen@v\d+ {2}1 predictions {2}[0-9a-f]{32}\n$/)]);
  expect((await stage.send('GET', '/v1/datasets/chosen/versions/train')).status).toBe(200);
});
