import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idHash } from '../../../../src/domain/log/prepare/row-hash.ts';
import { findLabels } from '../../../../src/store/log/label-index.ts';
import { findModel } from '../../../../src/store/monitor/models.ts';
import { type Ledger, ndjson, openLedger, prediction } from '../ledger.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.close());

const label = (body: string, model: string, type = 'application/x-ndjson') =>
  ledger.send(`/v1/models/${model}/labels`, body, { 'content-type': type });
const settled = async (name: string, id: string) => {
  const model = await findModel(ledger.ctx.db, 1, name);
  return (await findLabels(ledger.ctx.db, model?.id ?? 0, [idHash(id)])).get(idHash(id));
};
const known = async (model: string, id = 'p-1') =>
  (await ledger.request(`/v1/models/${model}/predictions/${id}`)).body.label as Record<string, unknown>;

/** A model whose training data has these labels. */
async function trained(name: string, labels: readonly string[], over: Record<string, unknown> = {}): Promise<string> {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${labels[i % labels.length]}`);
  const csv = `age,target\n${rows.join('\n')}\n`;
  await ledger.request(`/v1/datasets/${name}/versions?path=t.csv`, { method: 'POST', body: csv });
  await ledger.profile();
  await ledger.post('/v1/models', { name, task: 'binary', positive_label: '1', ...over });
  const bound = await ledger.post(`/v1/models/${name}/versions`, {
    dataset: name,
    ref: 'v1',
    roles: { label: 'target' },
  });
  expect(bound.status).toBe(201);
  return name;
}

describe('a label', () => {
  test('is the same whatever form it came in, and whatever came with it', async () => {
    const model = await ledger.model('forms');
    const spelt = (value: string, ...others: string[]) =>
      [value, ...others]
        .map((text, i) => `{"prediction_id":"${i === 0 ? 'p-1' : `o-${i}`}","label":${text}}\n`)
        .join('');
    await ledger.send(`/v1/models/${model}/predictions`, ndjson([prediction(1)]));
    await label(spelt('1'), model);
    for (const value of ['1', '1.0', '1e0', '"1"', '"1.0"']) {
      for (const others of [[], ['"x"'], ['true'], ['0.5'], ['9007199254740993', '0.5']]) {
        await label(spelt(value, ...others), model);
      }
    }
    await label('prediction_id,label\np-1,1.0\n', model, 'text/csv');
    await label('prediction_id,label\np-1,1.00\no-1,churned\n', model, 'text/csv');
    await ledger.settle(model);
    expect(await settled(model, 'p-1')).toEqual({ label: '1', revision: 1 });
    expect(await settled(model, 'o-1')).toMatchObject({ label: 'churned' });
    for (const asked of ['1', '1.0']) {
      const found = await ledger.request(`/v1/models/${model}/predictions?label=${asked}`);
      expect(found.body.items).toHaveLength(1);
    }
  });

  test('keeps each digit of an integer, beside fractions and texts too', async () => {
    const model = await ledger.model('digits');
    const big = '9007199254740993';
    for (const other of ['2', '0.5', '"x"']) {
      await label(`{"prediction_id":"p-1","label":${big}}\n{"prediction_id":"o","label":${other}}\n`, model);
    }
    await ledger.settle(model);
    expect(await settled(model, 'p-1')).toEqual({ label: big, revision: 1 });
  });

  test('is typed by the label column of the training data: true is 1 where it has 0 and 1', async () => {
    const model = await trained('numbers', ['0', '1']);
    await label(
      ndjson([
        { prediction_id: 'p-1', label: 1 },
        { prediction_id: 'p-2', label: 0 },
      ]),
      model,
    );
    const sent = await label(
      ndjson([
        { prediction_id: 'p-1', label: true },
        { prediction_id: 'p-2', label: false },
      ]),
      model,
    );
    expect(sent.body.violations).toEqual([]);
    await label('prediction_id,label\np-1,True\np-2,False\n', model, 'text/csv');
    await ledger.settle(model);
    expect(await settled(model, 'p-1')).toEqual({ label: '1', revision: 1 });
    expect(await settled(model, 'p-2')).toEqual({ label: '0', revision: 1 });
    const other = await trained('booleans', ['true', 'false'], { positive_label: 'true' });
    await label(
      ndjson([
        { prediction_id: 'p-1', label: 1 },
        { prediction_id: 'p-2', label: 0.0 },
      ]),
      other,
    );
    await ledger.settle(other);
    expect(await settled(other, 'p-1')).toMatchObject({ label: 'true' });
    expect(await settled(other, 'p-2')).toMatchObject({ label: 'false' });
  });

  test('that the training data does not have is a violation, with its rows, and is kept', async () => {
    const model = await trained('classes', ['0', '1']);
    const rows = ['churned', 1, 2, true].map((value, i) => ({ prediction_id: `p-${i}`, label: value }));
    const sent = await label(ndjson(rows), model);
    expect(sent.body).toMatchObject({ accepted: 4, rejected: 0 });
    const violations = [{ column: 'label', code: 'unexpected', count: 2, examples: ['churned', '2'] }];
    expect(sent.body.violations).toEqual(violations);
    const batch = await ledger.request(`/v1/models/${model}/batches/${String(sent.body.batch)}`);
    expect(batch.body.violations).toEqual(violations);
    await ledger.settle(model);
    expect(await settled(model, 'p-0')).toMatchObject({ label: 'churned' });
    expect(await settled(model, 'p-3')).toMatchObject({ label: '1' });
    // A prediction may bring its label along.
    const own = await ledger.send(
      `/v1/models/${model}/predictions`,
      ndjson([prediction(9, { features: {}, label: 'x' })]),
    );
    expect(own.body.violations).toContainEqual({ column: 'label', code: 'unexpected', count: 1, examples: ['x'] });
  });

  test('that is no number is a violation of a regression', async () => {
    const model = await trained('amounts', ['1.5', '2.5', '8'], { task: 'regression', positive_label: undefined });
    const rows = [3, '4.5', 'much'].map((value, i) => ({ prediction_id: `p-${i}`, label: value }));
    expect((await label(ndjson(rows), model)).body.violations).toEqual([
      { column: 'label', code: 'type', count: 1, examples: ['much'] },
    ]);
  });

  test('that the training data does not have is refused where the model is strict', async () => {
    const model = await trained('strict', ['0', '1'], { strict: true });
    const rows = [true, 'churned'].map((value, i) => ({ prediction_id: `p-${i}`, label: value }));
    const refused = await label(ndjson(rows), model);
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toMatchObject([{ line: 2, field: 'label', code: 'wrong-type' }]);
  });
});

describe('labels that say when they were given', () => {
  const at = (day: number) => `2026-02-0${day}T00:00:00Z`;
  const given = (value: number, day: number | null) =>
    ndjson([{ prediction_id: 'p-1', label: value, ...(day !== null && { timestamp: at(day) }) }]);
  const orders: readonly (readonly [string, readonly [number, number][]])[] = [
    [
      'in order',
      [
        [1, 1],
        [0, 2],
        [7, 3],
      ],
    ],
    [
      'the latest first',
      [
        [7, 3],
        [0, 2],
        [1, 1],
      ],
    ],
    [
      'the latest in the middle',
      [
        [0, 2],
        [7, 3],
        [1, 1],
      ],
    ],
  ];

  test.each(orders)('end in the latest, %s, settled apart or together', async (name, labels) => {
    for (const apart of [true, false]) {
      const model = await ledger.model(`reordered ${name} ${apart}`.replaceAll(' ', '-'));
      await ledger.send(`/v1/models/${model}/predictions`, ndjson([prediction(1)]));
      for (const [value, day] of labels) {
        await label(given(value, day), model);
        if (apart) await ledger.settle(model);
      }
      await ledger.settle(model);
      const found = await known(model);
      expect(found).toMatchObject({ value: '7', revision: 3 });
      const replaced = found.replaced as { value: string; revision: number }[];
      expect(replaced.map(({ value }) => value).sort()).toEqual(['0', '1']);
      expect(replaced.map(({ revision }) => revision)).toEqual([2, 1]);
      // Sent once more, the past is nothing new.
      const again = await label(given(1, 1), model);
      await ledger.settle(model);
      expect((await ledger.request(`/v1/models/${model}/batches/${String(again.body.batch)}`)).body).toMatchObject({
        duplicates: 1,
      });
      expect(await known(model)).toEqual(found);
    }
  });

  test('keep what was said again after another one', async () => {
    const model = await ledger.model('again');
    await ledger.send(`/v1/models/${model}/predictions`, ndjson([prediction(1)]));
    for (const [value, day] of [
      [1, 1],
      [1, 3],
      [0, 2],
    ] as const) {
      await label(given(value, day), model);
      await ledger.settle(model);
    }
    expect(await known(model)).toMatchObject({ value: '1', revision: 2, replaced: [{ value: '0', revision: 1 }] });
  });

  test('count in the order of their coming where one does not say', async () => {
    const model = await ledger.model('untimed');
    await ledger.send(`/v1/models/${model}/predictions`, ndjson([prediction(1)]));
    for (const [value, day] of [
      [1, 3],
      [0, null],
      [5, 1],
    ] as const) {
      await label(given(value, day), model);
      await ledger.settle(model);
    }
    expect(await known(model)).toMatchObject({ value: '5', revision: 3 });
  });
});
