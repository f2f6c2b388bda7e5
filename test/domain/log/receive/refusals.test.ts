import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepStorage } from '../../../../src/domain/operations/sweep.ts';
import { type Ledger, ndjson, openLedger, prediction, type Row } from '../ledger.ts';

const MODEL = '/v1/models/churn';

type Refused = { rejected: string; kept: number; most_bytes: number };
type Listed = { items: { line: number; field: string; code: string; raw: string | null }[]; next: string | null };

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger();
  await ledger.model('churn');
});
afterAll(() => ledger.close());

/** Every third row has no time. */
const mixed = (rows: number, over: Row = {}): Row[] =>
  Array.from({ length: rows }, (_, i) => prediction(i, { ...over, ...(i % 3 === 0 && { timestamp: null }) }));

/** All pages of a list, asked for as people do. */
async function pages(path: string): Promise<Listed['items']> {
  const items: Listed['items'] = [];
  let cursor = '';
  do {
    const { body } = await ledger.request(`${path}?limit=700${cursor}`);
    const page = body as unknown as Listed;
    items.push(...page.items);
    cursor = page.next === null ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return items;
}

async function download(path: string): Promise<{ text: string; leftOut: number }> {
  let text = '';
  let leftOut = 0;
  let next: string | null = '';
  while (next !== null) {
    const page = await ledger.request(`${path}?format=ndjson&limit=700${next === '' ? '' : `&cursor=${next}`}`);
    text += page.text;
    leftOut += Number(page.headers.get('tidemark-left-out') ?? 0);
    next = page.headers.get('tidemark-next');
  }
  return { text, leftOut };
}

const refusedOf = (answer: { status: number; body: Record<string, unknown> }): Refused => {
  expect(answer).toMatchObject({ status: 422, body: { type: expect.stringMatching(/invalid-rows$/) } });
  return answer.body.refused as Refused;
};

// The service parses the first at once, the second in a thread, and the third through a file in a process of its own.
test.each([
  ['small', 400, {}],
  ['larger', 3000, {}],
  ['large', 12_000, { tags: { note: 'x'.repeat(150) } }],
])('all bad rows of a %s refused body are listed, downloaded and sent again', async (_, rows, over) => {
  const sent = mixed(rows, over);
  const bad = Math.ceil(rows / 3);
  const answer = await ledger.send(`${MODEL}/predictions`, ndjson(sent));
  expect(answer.body).toMatchObject({ errors_total: bad });
  expect(answer.body.errors).toHaveLength(100);
  const refused = refusedOf(answer);
  expect(refused).toMatchObject({ kept: bad, most_bytes: 4 * 1024 ** 2 });
  const listed = await pages(refused.rejected);
  expect(listed.map(({ line }) => line)).toEqual(Array.from({ length: bad }, (_, i) => 3 * i + 1));
  expect(listed.every(({ field, raw }) => field === 'timestamp' && raw !== null)).toBe(true);
  const { text, leftOut } = await download(refused.rejected);
  expect(leftOut).toBe(0);
  const mended = text.replaceAll('"timestamp":null', '"timestamp":"2026-03-01T10:00:00Z"');
  expect((await ledger.send(`${MODEL}/predictions`, mended)).body).toMatchObject({ sent: bad, rejected: 0 });
});

test('nothing else of a refused body is stored, and one whose refusal lists all of it is not kept', async () => {
  const before = (await ledger.request(`${MODEL}/counts`)).body;
  const few = await ledger.send(`${MODEL}/predictions`, ndjson(mixed(300).slice(0, 298)));
  expect(few.status).toBe(422);
  expect(few.body).not.toHaveProperty('refused');
  expect((await ledger.request(`${MODEL}/counts`)).body).toEqual(before);
});

test('past the bytes that are kept it is said how many are not, and what is kept of them', async () => {
  const long = ndjson(mixed(900, { tags: { note: 'y'.repeat(20_000) } }));
  const refused = refusedOf(await ledger.send(`${MODEL}/predictions`, long));
  expect(refused.kept).toBe(300);
  const listed = await pages(refused.rejected);
  const raw = listed.filter((row) => row.raw !== null).length;
  expect(raw).toBeGreaterThan(150);
  expect(raw).toBeLessThan(300);
  expect((await download(refused.rejected)).leftOut).toBe(300 - raw);
  const [newest] = (await ledger.request(`${MODEL}/refusals`)).body.items as object[];
  expect(newest).toMatchObject({
    kind: 'predictions',
    rejected: 300,
    kept: 300,
    kept_raw: raw,
    most_bytes: 4 * 1024 ** 2,
  });
});

test('the newest are kept, for some days, and are their model’s', async () => {
  for (let i = 0; i < 11; i++) await ledger.send(`${MODEL}/labels`, '{"label":1}\n'.repeat(101));
  const items = (await ledger.request(`${MODEL}/refusals`)).body.items as { refusal: number; kind: string }[];
  expect(items.map(({ kind }) => kind)).toEqual(Array.from({ length: 10 }, () => 'labels'));
  const path = `refusals/${items[0]?.refusal}/rejected`;
  await ledger.model('other');
  expect((await ledger.request(`/v1/models/other/${path}`)).status).toBe(404);
  expect((await ledger.request(`${MODEL}/refusals/abc/rejected`)).status).toBe(404);
  expect((await ledger.request(`${MODEL}/${path}`)).status).toBe(200);
  await ledger.ctx
    .sql`update refusals set received_at = now() - interval '8 days' where id = ${items[0]?.refusal ?? 0}`;
  await sweepStorage(ledger.ctx);
  const gone = await ledger.request(`${MODEL}/${path}`);
  expect(gone).toMatchObject({ status: 404, body: { detail: expect.stringContaining('for 7 days') } });
});
