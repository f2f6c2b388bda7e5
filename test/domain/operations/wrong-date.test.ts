import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { type OpenContext, openContext } from '../../../src/context.ts';
import { systemActor } from '../../../src/domain/access/actor.ts';
import { authenticate } from '../../../src/domain/access/authenticate.ts';
import { issueKey } from '../../../src/domain/access/keys.ts';
import { deliverMessages } from '../../../src/domain/webhook/deliver-messages.ts';
import { createEndpoint } from '../../../src/domain/webhook/endpoints.ts';
import { shownSecret } from '../../../src/domain/webhook/keys.ts';
import { testEndpoint } from '../../../src/domain/webhook/test-endpoint.ts';
import { createApp } from '../../../src/http/app.ts';
import { createLog } from '../../../src/log.ts';
import { claimJob, enqueue } from '../../../src/store/jobs/jobs.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startReceiver } from '../../support/receiver.ts';

const actor = systemActor({ id: 1, name: 'default' });
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** The date of the machine that the tests run on, and of the database's. */
const date = () => performance.timeOrigin + performance.now();

let database: TestDatabase;
let data: string;
beforeAll(async () => {
  database = await createTestDatabase();
  data = await mkdtemp(join(tmpdir(), 'tidemark-context-'));
});
afterAll(async () => {
  await database.drop();
  await rm(data, { recursive: true });
});

/** A process whose machine's date is off by so much. */
async function withDateOff(by: number, work: (open: OpenContext) => Promise<void>): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: date() + by });
  const environment = { DATABASE_URL: database.url, TIDEMARK_DATA: data, TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' };
  const open = await openContext(readConfig(environment), createLog('silent'));
  try {
    await work(open);
  } finally {
    await open.close();
    vi.useRealTimers();
  }
}

describe.each([
  ['three days ahead', 3 * DAY],
  ['three days behind', -3 * DAY],
  ['ten minutes ahead', 10 * MINUTE],
])('a process whose date is %s', (_, by) => {
  test('has keys that live as long as they should, and no longer', async () => {
    await withDateOff(by, async ({ context }) => {
      const expiring = (after: number) =>
        issueKey(context, actor, { name: 'k', scopes: ['admin'], expiresAt: new Date(date() + after) });
      const { key } = await expiring(5 * MINUTE);
      expect(await authenticate(context, { key, project: null })).toMatchObject({ project: 'default' });
      await expect(expiring(-5 * MINUTE)).rejects.toMatchObject({ code: 'invalid-body' });
    });
  });

  test('takes the events of this moment, and none of the day after tomorrow', async () => {
    await withDateOff(by, async ({ context }) => {
      const { key } = await issueKey(context, actor, { name: 'k', scopes: ['admin'], expiresAt: null });
      const send = (path: string, json: object) =>
        createApp(context).request(path, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify(json),
        });
      await send('/v1/models', { name: 'm', task: 'binary' });
      const log = async (after: number) => {
        const row = { prediction_id: `p${by}`, timestamp: new Date(date() + after).toISOString(), prediction: 1 };
        return (await send('/v1/models/m/predictions', [row])).status;
      };
      expect([await log(0), await log(2 * DAY)]).toEqual([200, 422]);
    });
  });

  test('signs with the time that it is, and delivers at once', async () => {
    const receiver = await startReceiver();
    await withDateOff(by, async ({ context }) => {
      const { endpoint, key } = await createEndpoint(context, actor, { url: receiver.url });
      await testEndpoint(context, actor, endpoint.id);
      await deliverMessages(context, { endpointId: endpoint.id, projectId: 1 });
      const [got] = receiver.requests;
      const signed = Number(got?.headers['webhook-timestamp']) * 1000;
      expect(Math.abs(signed - date())).toBeLessThan(5 * MINUTE);
      vi.useRealTimers();
      // As a receiver whose date is right, which takes five minutes of difference.
      const verifier = new Webhook(shownSecret(endpoint, key) ?? '');
      verifier.verify(got?.body ?? '', got?.headers as Record<string, string>);
    });
    await receiver.close();
  });

  test('leaves to others what they have a lease of, and has no job early', async () => {
    await withDateOff(by, async ({ context: { db } }) => {
      const job = { name: 'settle-batches', key: `lease${by}`, payload: { modelId: 1 } } as const;
      await enqueue(db, job);
      for (let taken = await claimJob(db, ['settle-batches'], 300); taken !== null; ) {
        taken = await claimJob(db, ['settle-batches'], 300);
      }
      await enqueue(db, { ...job, key: `later${by}`, delaySeconds: 300 });
      expect(await claimJob(db, ['settle-batches'], 300)).toBeNull();
    });
  });
});
