import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import { listen } from '../../../src/http/server.ts';
import { JOB_HANDLERS } from '../../../workers/jobs.ts';
import { startWorkerLoop, type WorkerLoop } from '../../../workers/loop.ts';
import { type Act, startAct } from '../../domain/retraining/act.ts';
import { type Ran, run } from '../tables/against.ts';

let act: Act;
let server: Awaited<ReturnType<typeof listen>>;
let worker: WorkerLoop;
beforeAll(async () => {
  act = await startAct({ policy: null });
  server = await listen(createApp(act.ctx), { host: '127.0.0.1', port: 0 });
  worker = await startWorkerLoop(act.ctx, JOB_HANDLERS, { concurrency: 2 });
});
afterAll(async () => {
  await worker.stop(10_000);
  await server.close(1000);
  await act.close();
});

const tidemark = (...line: string[]): Promise<Ran> => run(tmpdir(), `http://127.0.0.1:${server.port}`, line);

describe('tidemark webhooks', () => {
  it('registers a receiver, shows it, gives it another secret and takes it away', async () => {
    const added = await tidemark(
      'webhooks',
      'add',
      `${act.receiver.url}/more`,
      '-e',
      'alert.firing',
      '-e',
      'alert.resolved',
    );
    expect(added).toMatchObject({
      code: 0,
      out: expect.stringMatching(/secret {2}whsec_\S+ {2}\(it is shown this once\)/),
    });
    const [id = ''] = added.out.split('\n');
    const listed = await tidemark('webhooks');
    expect(listed.out).toMatch(/WEBHOOK +KIND +STATE +EVENTS +URL/);
    expect(listed.out).toContain('alert.firing, alert.resolved');
    expect(listed.out).not.toContain('whsec_');
    const rotated = await tidemark('webhooks', 'rotate', id);
    expect(rotated.out).toMatch(/secret {2}whsec_/);
    expect(rotated.out).toMatch(/the former one signs too until 20/);
    expect(await tidemark('webhooks', 'disable', id)).toMatchObject({ code: 0, out: `${id} is disabled.\n` });
    expect((await tidemark('webhooks')).out).toMatch(new RegExp(`${id} +standard +disabled`));
    expect(await tidemark('webhooks', 'enable', id)).toMatchObject({ code: 0, out: `${id} is enabled.\n` });
    expect(await tidemark('webhooks', 'remove', id)).toMatchObject({ code: 0, out: `${id} is removed.\n` });
    expect((await tidemark('webhooks')).out).not.toContain(id);
  });

  it('registers one that verifies by a public key', async () => {
    const added = await tidemark('--json', 'webhooks', 'add', act.receiver.url, '--ed25519', '-d', 'for all');
    const made = JSON.parse(added.out) as { id: string; secret: string | null; public_key: string };
    expect(made).toMatchObject({ secret: null, public_key: expect.stringMatching(/^whpk_/), description: 'for all' });
    expect(await tidemark('webhooks', 'remove', made.id)).toMatchObject({ code: 0 });
  });

  it('sends a test event, and says what became of it and of one that failed', async () => {
    const [id = ''] = (await tidemark('webhooks', 'add', act.receiver.url)).out.split('\n');
    const taken = await tidemark('webhooks', 'test', id);
    expect(taken).toMatchObject({ code: 0, out: expect.stringMatching(/try 1: delivered in \d+ ms: 20\d/) });
    const messages = await tidemark('webhooks', 'messages', id);
    const [message = ''] = /msg_\w+/.exec(messages.out) ?? [];
    expect(messages.out).toMatch(/delivered +1 +webhook\.test/);
    expect((await tidemark('webhooks', 'message', message)).out).toMatch(/try 1: delivered/);
    expect(await tidemark('webhooks', 'messages', id, '-s', 'failed')).toMatchObject({ out: 'No message.\n' });

    expect(await tidemark('webhooks', 'redeliver', message)).toMatchObject({ out: `${message} is sent again.\n` });
    expect(await tidemark('webhooks', 'redeliver', id)).toMatchObject({ out: '0 messages are sent again.\n' });

    await act.receiver.close();
    const lost = await tidemark('webhooks', 'test', id);
    expect(lost).toMatchObject({ code: 1, out: expect.stringMatching(/try 1: retryable in \d+ ms: /) });
    expect(lost.out).toMatch(/tried again at 20/);
  });

  it('says what is wrong with a name', async () => {
    expect(await tidemark('webhooks', 'test', 'ep_none')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no webhook/i),
    });
  });
});
