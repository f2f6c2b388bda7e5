import { afterAll, beforeAll, expect, test } from 'vitest';
import { rowsInFlight } from '../../../../src/domain/log/receive/bytes-in-flight.ts';
import { type Ledger, ndjson, openLedger, prediction, predictions } from '../ledger.ts';

let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger({ environment: { TIDEMARK_MAX_IN_FLIGHT_BYTES: '200000' } });
  await ledger.model('m');
});
afterAll(() => ledger.close());

const PATH = '/v1/models/m/predictions';

/** A body that goes on until it is told to end. */
function openBody(lines: string) {
  let end: () => void = () => {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.from(lines));
      end = () => controller.close();
    },
  });
  const init = { method: 'POST', body: stream, duplex: 'half', headers: { 'content-type': 'application/x-ndjson' } };
  return { answer: ledger.request(PATH, init as RequestInit), end: () => end() };
}

const bytes = (rows: number, from: number): string => ndjson(predictions(from, from + rows));
const announced = (body: string) => ({ 'content-length': String(Buffer.byteLength(body)) });

test('what does not fit beside the others is told to come again, and taken when it does', async () => {
  const large = openBody(bytes(1000, 0));
  const small = ndjson([prediction(5000)]);
  // Before it is there, the next one would be, and this one be refused.
  await expect.poll(() => rowsInFlight(ledger.ctx)).toBe(true);
  expect((await ledger.send(PATH, bytes(1000, 2000), announced(bytes(1000, 2000)))).status).toBe(429);
  const refused = await ledger.send(PATH, bytes(1000, 2000));
  expect([refused.status, refused.headers.get('retry-after'), refused.body]).toEqual([
    429,
    '1',
    expect.objectContaining({ type: 'https://tidemark.dev/problems/too-many-requests', limit: 200_000 }),
  ]);
  // There is room for little ones.
  expect((await ledger.send(PATH, small, announced(small))).status).toBe(200);
  large.end();
  expect((await large.answer).status).toBe(200);
  expect((await ledger.send(PATH, bytes(1000, 2000))).status).toBe(200);
});

test('a body that is larger than all that may be in flight is taken alone, and its room is given back', async () => {
  for (let round = 0; round < 2; round++) {
    const body = bytes(2500, 0);
    expect(body.length).toBeGreaterThan(200_000);
    expect((await ledger.send(PATH, body, announced(body))).status).toBe(200);
    expect((await ledger.send(PATH, 'no JSON\n')).status).toBe(422);
  }
});
