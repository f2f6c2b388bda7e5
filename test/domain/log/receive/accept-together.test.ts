import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { acceptTogether } from '../../../../src/domain/log/receive/accept-together.ts';
import type { BatchRequest } from '../../../../src/domain/log/receive/batch-request.ts';
import type { AcceptedBatch } from '../../../../src/domain/log/receive/record-batch.ts';
import type { TidemarkError } from '../../../../src/errors.ts';
import { type Ledger, ndjson, openLedger, prediction, type Row } from '../ledger.ts';

let ledger: Ledger;
let model: string;
let models = 0;

beforeAll(async () => {
  ledger = await openLedger();
});
afterAll(() => ledger.close());
beforeEach(async () => {
  model = await ledger.model(`m${++models}`);
});

type Sent = Partial<Pick<BatchRequest, 'encoding' | 'partial' | 'idempotencyKey'>> & { readonly body: string };
type Answer = Partial<AcceptedBatch> & { readonly error?: TidemarkError };

function send({ body, ...over }: Sent, kind: BatchRequest['kind']): Promise<Answer> {
  const size = Buffer.byteLength(body);
  const bytes = new Uint8Array(new ArrayBuffer(size + 1), 0, size);
  bytes.set(Buffer.from(body));
  const plain = {
    encoding: 'ndjson',
    contentEncoding: 'identity',
    epochUnit: null,
    csv: null,
    partial: false,
  } as const;
  const request = { ...plain, model, kind, idempotencyKey: null, announced: bytes.length, ...over };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const received = { content: { bytes }, size, sha256, dispose: () => Promise.resolve() };
  return acceptTogether(ledger.ctx, { projectId: 1, request, body: received }).catch((error: TidemarkError) => ({
    error,
  }));
}

/** Sends one request and, before anything is done about it, all others: they have to wait for it together. */
async function together(others: readonly Sent[], kind: BatchRequest['kind'] = 'predictions'): Promise<Answer[]> {
  const first = { body: ndjson([kind === 'labels' ? { prediction_id: 'first', label: 1 } : prediction(3_000)]) };
  const [, ...answers] = await Promise.all([first, ...others].map((sent) => send(sent, kind)));
  return answers;
}

const one = (n: number, over: Row = {}): Sent => ({ body: ndjson([prediction(n, over)]) });
const codes = (answers: readonly Answer[]) => answers.map(({ error }) => error?.code ?? 'accepted');

describe('small requests that arrive together', () => {
  test('share one object and one batch, and each is answered for its own rows', async () => {
    const encoding = 'json' as const;
    const answers = await together([
      ...Array.from({ length: 10 }, (_, i) => one(i)),
      { body: ndjson([prediction(30), prediction(30), prediction(30, { prediction: 7 }), prediction(31)]) },
      { body: JSON.stringify([prediction(32), prediction(33)], null, 2), encoding },
      { body: JSON.stringify({ records: [prediction(34)] }), encoding },
      { body: '[]', encoding },
    ]);
    expect(codes(answers)).toEqual(answers.map(() => 'accepted'));
    expect(new Set(answers.map(({ batch }) => batch)).size).toBe(1);
    const counts = answers.map(({ sent, accepted, duplicates, conflicts, rejected }) => [
      ...[sent, accepted, duplicates, conflicts, rejected],
    ]);
    expect(counts).toEqual([
      ...Array.from({ length: 10 }, () => [1, 1, 0, 0, 0]),
      [4, 2, 2, 1, 0],
      [2, 2, 0, 0, 0],
      [1, 1, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ]);
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ batches: 2, accepted: 16, duplicates: 2, conflicts: 1 });
  });

  test('many at once are prepared in a thread beside those at work, and each is answered for its own', async () => {
    const bad = { body: ndjson([prediction(7, { timestamp: 'yesterday' })]) };
    const sent = Array.from({ length: 60 }, (_, i) => (i === 40 ? bad : one(i % 50)));
    const answers = await together(sent);
    expect(codes(answers)).toEqual(sent.map((each) => (each === bad ? 'invalid-rows' : 'accepted')));
    expect(new Set(answers.flatMap(({ batch }) => batch ?? [])).size).toBe(2);
    expect(answers.reduce((sum, { accepted = 0 }) => sum + accepted, 0)).toBe(59);
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ settled: 50 });
  });

  test('a bad one is refused by itself, with the line of its own body', async () => {
    const answers = await together([
      one(1),
      { body: `${ndjson([prediction(2)])}{"prediction_id":` },
      one(3),
      { body: `{"prediction_id":\n${ndjson([prediction(4)])}`, partial: true },
      { body: '[{"prediction_id":"x"', encoding: 'json' },
      one(5, { timestamp: '2036-03-01T10:00:00Z' }),
      one(6),
    ]);
    const [refused, kept] = ['invalid-rows', 'accepted'];
    expect(codes(answers)).toEqual([kept, refused, kept, kept, 'invalid-body', refused, kept]);
    expect(answers[1]?.error?.issues).toEqual([expect.objectContaining({ line: 2, code: 'invalid-json' })]);
    expect(answers[3]).toMatchObject({ rows: 1, rejected: 1, issues: [{ line: 1 }] });
    expect(answers[5]?.error?.issues).toEqual([expect.objectContaining({ line: 1, code: 'in-the-future' })]);
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ accepted: 5, rejected: 1, batches: 3 });
  });

  test('a key gets its first answer, whether the first came before, together or beside', async () => {
    const keyed = (n: number, key: string): Sent => ({ ...one(n), idempotencyKey: `${model} ${key}` });
    const [before] = await together([keyed(1, 'a')]);
    const answers = await together([keyed(1, 'a'), keyed(2, 'a'), keyed(3, 'b'), keyed(3, 'b'), keyed(4, 'c')]);
    expect(codes(answers)).toEqual(['accepted', 'idempotency-key-reused', 'accepted', 'accepted', 'accepted']);
    expect(answers.map(({ replayed }) => replayed)).toEqual([true, undefined, false, true, false]);
    expect(answers[0]).toEqual({ ...before, replayed: true });
    expect(answers[3]?.batch).toBe(answers[2]?.batch);
    await ledger.settle(model);
    // The one that came before all others came twice.
    expect(await ledger.counts(model)).toMatchObject({ accepted: 4, duplicates: 1 });
  });

  test('a key that batches beside each other hold is answered once', async () => {
    const plain = (from: number) => Array.from({ length: 47 }, (_, i) => one(from + i));
    const keyed: Sent = { ...one(1), idempotencyKey: `${model} twice` };
    const answers = await together([...plain(10), keyed, ...plain(100), keyed]);
    expect(codes(answers)).toEqual(answers.map(() => 'accepted'));
    const same = [answers[47], answers[95]];
    expect(new Set(same.map((answer) => answer?.replayed))).toEqual(new Set([true, false]));
    expect(answers[47]?.batch).toBe(answers[95]?.batch);
    await ledger.settle(model);
    expect(await ledger.counts(model)).toMatchObject({ accepted: 96, duplicates: 0 });
  });

  test('labels too', async () => {
    const label = (id: string, value: number): Sent => ({ body: ndjson([{ prediction_id: id, label: value }]) });
    const answers = await together([label('a', 1), label('b', 0), label('a', 0)], 'labels');
    expect(answers.map(({ accepted }) => accepted)).toEqual([1, 1, 1]);
    await ledger.settle(model);
    expect((await ledger.counts(model)).labels).toMatchObject({ batches: 2, accepted: 4 });
  });

  test('evidence is told to those whose rows hold it', async () => {
    await ledger.request(`/v1/datasets/${model}/versions?path=t.csv`, {
      method: 'POST',
      body: 'age,prediction\n31,1\n22,0\n',
    });
    await ledger.profile();
    await ledger.post(`/v1/models/${model}/versions`, {
      dataset: model,
      ref: 'latest',
      roles: { prediction: 'prediction' },
    });
    const aged = (n: number, age: unknown): Sent => one(n, { features: { age } });
    const answers = await together([aged(1, 31), aged(2, 'old'), aged(3, 32)]);
    expect(answers.map(({ violations }) => violations)).toEqual([
      [],
      [{ column: 'feature.age', code: 'type', count: 1, examples: ['old'] }],
      [],
    ]);
  });

  test('when the batch cannot be made durable, nobody is told that it was', async () => {
    const put = vi.spyOn(ledger.ctx.remote, 'put').mockImplementation(async () => {
      throw new Error('the disk is gone');
    });
    const answers = await together([one(1), one(2)]);
    put.mockRestore();
    expect(answers.map(({ error }) => error?.message)).toEqual(['the disk is gone', 'the disk is gone']);
    expect(await ledger.counts(model)).toMatchObject({ batches: 0, sent: 0 });
    expect(codes(await together([one(1), one(2)]))).toEqual(['accepted', 'accepted']);
  });

  test('one of an unknown model is told so', async () => {
    model = 'nobody';
    expect(codes(await together([one(1)]))).toEqual(['not-found']);
  });
});
