import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { type Api, createApi } from './api.ts';
import { type RunningService, removeFolder, startService, until } from './service.ts';

/** Deliveries of the built service, verified by a library that shares nothing with it: PyPI's `standardwebhooks`. */
const python = process.env.PYTHON;

if (python === undefined) console.warn('PYTHON is not set: no delivery is verified by the library of PyPI.');

const VERIFY = `
import json, sys
from standardwebhooks.webhooks import Webhook
for line in sys.stdin:
    given = json.loads(line)
    try:
        Webhook(given["secret"]).verify(given["body"], given["headers"])
        print("verified")
    except Exception as error:
        print(type(error).__name__)
`;

let service: RunningService;
let receiver: Receiver;
let api: Api;

beforeAll(async () => {
  receiver = await startReceiver();
  const port = new URL(receiver.url).port;
  service = await startService({ env: { TIDEMARK_WEBHOOK_ALLOW: `127.0.0.1:${port}` } });
  api = createApi(service.url);
});
afterAll(async () => {
  await service.end();
  removeFolder(service.data);
  await receiver.close();
});

/** What became of each of the checks, in order. */
function verify(checks: readonly { secret: string; body: string; headers: unknown }[]): string[] {
  const input = checks.map((check) => JSON.stringify(check)).join('\n');
  const run = spawnSync(python ?? '', ['-c', VERIFY], { input, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout.trim().split('\n');
}

type Issued = { id: string; secret: string };

describe.skipIf(python === undefined)('webhooks to another language (skipped without PYTHON)', () => {
  test('are verified with either secret of a rotation, and refused with another one', async () => {
    const first = await api.post<Issued>('/v1/webhooks', { url: receiver.url });
    const second = await api.post<Issued>(`/v1/webhooks/${first.id}/rotate-secret`, {});
    const other = await api.post<Issued>('/v1/webhooks', { url: receiver.url, events: ['alert.firing'] });
    receiver.answers.push(500);
    await api.post(`/v1/webhooks/${first.id}/test`, {});
    // The first try fails: the second has the same id and a signature of its own.
    await until('both tries', async () => (receiver.requests.length === 2 ? true : null));
    const [before, after] = receiver.requests.map(({ body, headers }) => ({ body, headers }));
    if (before === undefined || after === undefined) throw new Error('nothing came');
    expect(after.headers['webhook-id']).toBe(before.headers['webhook-id']);
    expect(after.headers['webhook-timestamp']).not.toBe(before.headers['webhook-timestamp']);
    const checks = [before, after].flatMap((sent) => [first, second, other].map(({ secret }) => ({ secret, ...sent })));
    const stranger = 'WebhookVerificationError';
    expect(verify(checks)).toEqual(['verified', 'verified', stranger, 'verified', 'verified', stranger]);
    const changed = { ...after, body: after.body.replace('test', 'toast'), secret: first.secret };
    expect(verify([changed])).toEqual([stranger]);
  });
});
