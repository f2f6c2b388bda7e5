import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, MODEL, makeRows, predictions, type Story, setUp, startStory } from '../monitor/story.ts';

const BASE = `/v1/models/${MODEL}`;
type Page = {
  items: {
    row: number;
    prediction_id: string;
    first: { batch: number; row: number };
    differences: { pointer: string; first: unknown; sent: unknown }[] | null;
  }[];
  next: string | null;
};
type Sent = { prediction_id: string; timestamp: string; features: Record<string, unknown>; prediction: number };

let story: Story;
let rows: Sent[];
/** Batches in the order in which they came. */
let batches: number[];
const conflicts = async (batch: number | undefined, query = '') =>
  story.call<Page & { detail: string }>('GET', `${BASE}/batches/${batch}/conflicts${query}`);

beforeAll(async () => {
  story = await startStory();
  await setUp(story, makeRows(100, 1));
  await story.drain();
  rows = predictions(makeRows(10, 2), { id: 'p', from: day(0), to: day(1) }) as Sent[];
  const [first, second, third] = rows;
  if (first === undefined || second === undefined || third === undefined) throw new Error('ten rows');
  await story.log('predictions', rows);
  await story.log('predictions', [
    first,
    { ...second, prediction: 1 - second.prediction },
    { ...third, features: { ...third.features, income: 1 }, tags: { app: 'web' } },
    // One that differs from another of its own batch.
    ...[1, 2].map((income) => ({ ...third, prediction_id: 'new', features: { income } })),
  ]);
  await story.drain();
  const listed = await story.call<{ items: { batch: number }[] }>('GET', `${BASE}/batches`);
  batches = listed.body.items.map(({ batch }) => batch).toReversed();
});
afterAll(() => story.close());

describe('rows that repeat an id with other content', () => {
  it('are listed with what differs and what stands', async () => {
    const { body } = await conflicts(batches[1]);
    expect(body.next).toBeNull();
    expect(body.items).toEqual([
      {
        row: 1,
        prediction_id: 'p-1',
        first: { batch: batches[0], row: 1 },
        differences: [{ pointer: '/prediction', first: rows[1]?.prediction, sent: 1 - (rows[1]?.prediction ?? 0) }],
      },
      {
        row: 2,
        prediction_id: 'p-2',
        first: { batch: batches[0], row: 2 },
        differences: [
          { pointer: '/features/income', first: rows[2]?.features.income, sent: 1 },
          { pointer: '/tags/app', first: null, sent: 'web' },
        ],
      },
      {
        row: 4,
        prediction_id: 'new',
        first: { batch: batches[1], row: 3 },
        differences: [{ pointer: '/features/income', first: 1, sent: 2 }],
      },
    ]);
    const counted = await story.call<{ conflicts: number }>('GET', `${BASE}/batches/${batches[1]}`);
    expect(counted.body.conflicts).toBe(3);
  });

  it('come in pages', async () => {
    const first = await conflicts(batches[1], '?limit=2');
    expect(first.body.items.map(({ row }) => row)).toEqual([1, 2]);
    const rest = await conflicts(batches[1], `?limit=2&cursor=${first.body.next}`);
    expect(rest.body).toMatchObject({ items: [{ row: 4 }], next: null });
    expect((await conflicts(batches[1], '?limit=0')).status).toBe(400);
  });

  it('are none of a batch without any, and unknown of one that is not settled', async () => {
    expect((await conflicts(batches[0])).body).toEqual({ items: [], next: null });
    expect((await conflicts(99_999)).status).toBe(404);
    await story.log('predictions', rows.slice(0, 2));
    const [newest] = (await story.call<{ items: { batch: number }[] }>('GET', `${BASE}/batches`)).body.items;
    expect((await conflicts(newest?.batch)).status).toBe(503);
  });
});
