import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { email } from '../../src/webhook/adapters/email.ts';
import { createMailSender } from '../../src/webhook/send-mail.ts';
import { eventOf } from '../support/events.ts';

/** Mails to a server that shares nothing with us, PyPI's `aiosmtpd`, read by the parser of Python. */
const python = process.env.PYTHON;

if (python === undefined) console.warn('PYTHON is not set: no mail is taken by aiosmtpd.');

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const CERT = pathOf('../fixtures/webhook/receiver.crt.pem');

const taken = z.object({
  from: z.string(),
  to: z.array(z.string()),
  tls: z.boolean(),
  host: z.string(),
  headers: z.record(z.string(), z.string()),
  type: z.string(),
  defects: z.array(z.string()),
  parts: z.record(z.string(), z.string()),
});

describe.skipIf(python === undefined)('mail to another server (skipped without PYTHON)', () => {
  let child: ChildProcess;
  let lines: AsyncIterator<string>;
  let port = '';

  beforeAll(async () => {
    const key = pathOf('../fixtures/webhook/receiver.key.pem');
    const running = spawn(python ?? '', [pathOf('smtp_receiver.py'), CERT, key], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = running;
    lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
    port = (await lines.next()).value ?? '';
  });
  afterAll(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  });

  const send = (to: string[], password = 'right-password') => {
    const sender = createMailSender({
      allow: ['127.0.0.1'],
      name: 'tidemark.test',
      ca: readFileSync(CERT, 'utf8'),
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });
    const options = { from: 'tidemark@shop.test', to, reply_to: 'ops@shop.test' };
    const target = { kind: 'email' as const, options, credentials: {} };
    const event = eventOf('alert.firing', { data: { model: 'Größe 漢字 '.repeat(20) } });
    const about = { event, body: '', messageId: 'msg_1', url: '', target, at: new Date(0), uncertain: false };
    const login = { username: 'tidemark', password };
    return sender.send({ url: `smtp://receiver.test:${port}`, tls: 'required', login, letter: email.compose(about) });
  };

  test('is taken after STARTTLS and a login, and read without a fault', async () => {
    expect(await send(['ann@shop.test', 'bob@shop.test'])).toMatchObject({ outcome: 'delivered', status: 250 });
    const mail = taken.parse(JSON.parse((await lines.next()).value ?? ''));
    expect(mail).toMatchObject({
      from: 'tidemark@shop.test',
      to: ['ann@shop.test', 'bob@shop.test'],
      tls: true,
      host: 'tidemark.test',
      type: 'multipart/alternative',
      defects: [],
      headers: {
        'message-id': '<msg_1@shop.test>',
        'reply-to': 'ops@shop.test',
        'auto-submitted': 'auto-generated',
        subject: expect.stringMatching(/^\[Tidemark\] Größe 漢字 Größe/),
      },
    });
    expect(mail.parts['text/plain']).toContain('age: psi 0.412, limit 0.2');
    expect(mail.parts['text/html']).toContain('<h1');
  });

  test('is refused with the right word for it', async () => {
    expect(await send(['ann@shop.test'], 'wrong-password')).toMatchObject({ outcome: 'retryable', status: 535 });
    expect(await send(['nobody@shop.test'])).toMatchObject({ outcome: 'rejected', status: 550 });
    expect(await send(['nobody@shop.test', 'ann@shop.test'])).toMatchObject({
      outcome: 'delivered',
      error: 'Not taken for nobody@shop.test (550 5.1.1 no such user).',
    });
  });
});
