import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { email } from '../../src/webhook/adapters/email.ts';
import { createMailSender, type MailLogin, type MailOptions } from '../../src/webhook/send-mail.ts';
import { eventOf } from '../support/events.ts';
import { type MailServer, type MailServerOptions, startMailServer } from '../support/mail-server.ts';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/webhook/${name}.pem`, import.meta.url), 'utf8');
const CERT = fixture('receiver.crt');
const LOGIN = { username: 'tidemark', password: 'right-password' };
const letter = email.compose({
  event: eventOf('alert.firing'),
  body: '',
  messageId: 'msg_1',
  url: '',
  target: {
    kind: 'email',
    options: { from: 'tidemark@shop.test', to: ['ann@shop.test', 'bob@shop.test'] },
    credentials: {},
  },
  at: new Date(0),
  uncertain: false,
});

const servers: MailServer[] = [];
afterEach(async () => {
  for (const one of servers.splice(0)) await one.close();
});

async function start(options: Partial<MailServerOptions> = {}): Promise<MailServer> {
  const server = await startMailServer({ tls: 'starttls', key: fixture('receiver.key'), cert: CERT, ...options });
  servers.push(server);
  return server;
}

const WAY: MailOptions = {
  allow: ['127.0.0.1'],
  name: 'tidemark.test',
  ca: CERT,
  resolve: async () => [{ address: '127.0.0.1', family: 4 }],
};

function send(
  { port }: Pick<MailServer, 'port'>,
  given: {
    scheme?: 'smtp' | 'smtps';
    host?: string;
    tls?: 'off';
    login?: MailLogin;
    way?: Partial<MailOptions>;
  } = {},
) {
  const { scheme = 'smtp', host = 'receiver.test', tls = 'required', login = null, way } = given;
  return createMailSender({ ...WAY, ...way }).send({ url: `${scheme}://${host}:${port}`, tls, login, letter });
}

describe('a mail', () => {
  it.each([
    ['starttls', 'smtp'],
    ['implicit', 'smtps'],
  ] as const)('is handed over under TLS (%s) with a login', async (tls, scheme) => {
    const server = await start({ tls, login: LOGIN });
    const result = await send(server, { scheme, login: LOGIN });
    expect(result).toMatchObject({ outcome: 'delivered', status: 250, error: null, response: '250 2.0.0 taken as 1' });
    expect(server.mails).toMatchObject([
      { from: 'tidemark@shop.test', to: ['ann@shop.test', 'bob@shop.test'], tls: true },
    ]);
    expect(server.heard.filter((line) => line.startsWith('EHLO'))).toContain('EHLO tidemark.test');
  });

  it('is one that people and programs can read, and known again when it is sent again', async () => {
    const server = await start();
    await send(server);
    await send(server);
    const [first = '', second = ''] = server.mails.map(({ data }) =>
      data.replaceAll(/--_NmP-\S+|boundary="[^"]+"/g, ''),
    );
    expect(first).toBe(second);
    const unfolded = first.replaceAll(/\r\n[ \t]+/g, ' ');
    for (const line of [
      'From: tidemark@shop.test',
      'To: ann@shop.test, bob@shop.test',
      'Subject: [Tidemark] churn drifts in 7 of 12 columns',
      'Message-ID: <msg_1@shop.test>',
      'References: <al_1.thread@shop.test>',
      'Date: Mon, 02 Mar 2026 01:00:00 +0000',
      'Auto-Submitted: auto-generated',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Type: text/html; charset=utf-8',
    ]) {
      expect(unfolded).toContain(`${line}\r\n`);
    }
    expect(first.split('\r\n').every((line) => line.length <= 998 && !/[\r\n]/.test(line))).toBe(true);
  });

  it('logs in with an access token, and a refused one may be mended', async () => {
    const server = await start({ login: { username: 'tidemark', token: 'good.token' } });
    const by = (token: string) => send(server, { login: { username: 'tidemark', token } });
    expect(await by('good.token')).toMatchObject({ outcome: 'delivered', status: 250 });
    expect(await by('bad.token')).toMatchObject({ outcome: 'retryable', status: 535 });
    expect(server.mails).toHaveLength(1);
  });

  it('goes to a server that the authority of the operator vouches for', async () => {
    const server = await start();
    const source = `
      import { createMailSender } from ${JSON.stringify(new URL('../../src/webhook/send-mail.ts', import.meta.url))};
      const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
      const sender = createMailSender({ allow: ['127.0.0.1'], name: 'tidemark.test', resolve });
      const letter = ${JSON.stringify(letter)};
      const given = { url: 'smtp://receiver.test:${server.port}', tls: 'required', login: null, letter };
      console.log(JSON.stringify(await sender.send({ ...given, letter: { ...letter, date: new Date(letter.date) } })));`;
    const tell = async (env: NodeJS.ProcessEnv): Promise<unknown> => {
      const run = promisify(execFile);
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', source], { env });
      return JSON.parse(stdout);
    };
    const authority = fileURLToPath(new URL('../fixtures/webhook/receiver.crt.pem', import.meta.url));
    expect(await tell({ NODE_EXTRA_CA_CERTS: authority })).toMatchObject({ outcome: 'delivered' });
    expect(await tell({})).toMatchObject({ outcome: 'retryable', error: expect.stringMatching(/SELF_SIGNED/) });
  });

  it('goes without TLS only where the operator and the endpoint say so', async () => {
    const server = await start({ tls: 'none' });
    expect(await send(server)).toMatchObject({ outcome: 'retryable', error: expect.stringMatching(/^TLS could not/) });
    expect(server.heard.some((line) => line.startsWith('MAIL'))).toBe(false);
    expect(await send(server, { tls: 'off' })).toMatchObject({ outcome: 'delivered' });
    expect(server.mails).toMatchObject([{ tls: false }]);
  });
});

describe('nothing is written', () => {
  it('to an address that is not public, whatever its name says', async () => {
    const server = await start();
    for (const host of ['receiver.test', '127.0.0.1', '2130706433', '0x7f.1', 'localhost', '[::ffff:127.0.0.1]']) {
      const result = await send(server, { host, way: { allow: [] } });
      expect(result, host).toMatchObject({ outcome: 'blocked', status: null });
    }
    expect(server.heard).toEqual([]);
  });

  it.each([
    ['of another host', 'other.test', CERT, 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['that nobody vouches for', 'receiver.test', undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('but TLS to a certificate %s', async (_, host, ca, code) => {
    for (const [tls, scheme] of [
      ['starttls', 'smtp'],
      ['implicit', 'smtps'],
    ] as const) {
      const server = await start({ tls, login: LOGIN });
      const { ca: __, ...rest } = WAY;
      const sender = createMailSender({ ...rest, ...(ca === undefined ? {} : { ca }) });
      const result = await sender.send({
        url: `${scheme}://${host}:${server.port}`,
        tls: 'required',
        login: LOGIN,
        letter,
      });
      expect(result).toMatchObject({ outcome: 'retryable', status: null });
      expect(result.error).toBe(`The connection did not succeed (${code}).`);
      expect(server.heard.filter((line) => !/^(EHLO|STARTTLS)/.test(line))).toEqual([]);
    }
  });
});

describe('an answer of the server', () => {
  const answering = (to: string, answer: string) => (command: string) => (command === to ? answer : null);

  it.each([
    ['', '421 4.3.2 too busy', 'retryable', 421],
    ['', '554 5.7.1 go away', 'retryable', 554],
    ['MAIL', '451 4.3.0 later', 'retryable', 451],
    ['MAIL', '550 5.7.1 not you', 'rejected', 550],
    ['RCPT', '450 4.2.0 greylisted', 'retryable', 450],
    ['RCPT', '550 5.1.1 no such user', 'rejected', 550],
    ['DATA', '452 4.3.1 full', 'retryable', 452],
    ['DATA', '554 5.5.1 no', 'rejected', 554],
    ['.', '451 4.7.1 try again', 'retryable', 451],
    ['.', '552 5.3.4 too big', 'rejected', 552],
  ])('to %j of %j is %s', async (to, answer, outcome, status) => {
    const result = await send(await start({ answer: answering(to, answer) }));
    expect(result).toMatchObject({ outcome, status, error: expect.stringContaining(answer) });
  });

  it('that refuses the login may be mended', async () => {
    const server = await start({ login: LOGIN });
    const result = await send(server, { login: { ...LOGIN, password: 'wrong-password' } });
    expect(result).toMatchObject({ outcome: 'retryable', status: 535, error: expect.stringMatching(/login/) });
    expect(await send(server)).toMatchObject({ outcome: 'rejected', status: 530 });
  });

  it.each([
    ['550 5.1.1 no such user', 'delivered'],
    ['450 4.2.0 greylisted', 'retryable'],
  ])('to one recipient of several, %j, is told', async (answer, outcome) => {
    const server = await start({
      answer: (command, rest) => (command === 'RCPT' && rest.includes('bob') ? answer : null),
    });
    expect(await send(server)).toMatchObject({ outcome, error: `Not taken for bob@shop.test (${answer}).` });
    expect(server.mails).toMatchObject([{ to: ['ann@shop.test'] }]);
  });

  it.each(['', 'EHLO', 'DATA', '.'])('that never comes after %j leaves it to be tried again', async (to) => {
    const result = await send(await start({ answer: answering(to, 'drop') }));
    expect(result).toMatchObject({
      outcome: 'retryable',
      status: null,
      error: expect.stringMatching(/did not succeed/),
    });
  });

  it('is not waited for without end', async () => {
    const silent = createServer();
    const sockets: Socket[] = [];
    silent.on('connection', (socket) => sockets.push(socket));
    await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const result = await send({ port }, { way: { deadlineMilliseconds: 200 } });
    expect(result).toMatchObject({ outcome: 'retryable', error: 'The mail server did not answer in time.' });
    for (const socket of sockets) socket.destroy();
    silent.close();
    expect(await send({ port })).toMatchObject({ error: 'The connection did not succeed (ECONNREFUSED).' });
  });
});

describe('the URL of a mail server', () => {
  const inspect = (url: string, given: { addresses?: string[]; allow?: string[]; tls?: 'off' } = {}) => {
    const { addresses = ['93.184.215.14'], allow = [], tls = 'required' } = given;
    const resolve = async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    return createMailSender({ allow, name: 'x', resolve }).inspect({ url, tls });
  };

  it.each([
    'smtp://mail.test',
    'smtps://mail.test',
    'SMTP://mail.test:25/',
    'smtps://mail.test:465',
    'smtp://mail.test:2525',
  ])('may be %s', async (url) => {
    await expect(inspect(url)).resolves.toBeUndefined();
  });

  it.each([
    ['https://mail.test', 'invalid-body'],
    ['smtp://', 'invalid-body'],
    ['smtp:///mail.test', 'invalid-body'],
    ['smtp://a:b@mail.test', 'invalid-body'],
    ['smtp://mail.test/x', 'invalid-body'],
    ['smtp://mail.test?x', 'invalid-body'],
    ['smtp://mail.test:80', 'invalid-body'],
    ['smtp://mail.test:22', 'invalid-body'],
    ['smtp://127.0.0.1', 'blocked-address'],
    ['smtp://2130706433', 'blocked-address'],
    ['smtps://[::1]', 'blocked-address'],
    ['smtp://169.254.169.254:25', 'blocked-address'],
  ])('may not be %s', async (url, code) => {
    await expect(inspect(url)).rejects.toMatchObject({ code });
  });

  it('needs the operator for plain text and for what is not public', async () => {
    await expect(inspect('smtp://mail.test', { tls: 'off' })).rejects.toMatchObject({ code: 'invalid-body' });
    await expect(inspect('smtp://mail.test', { addresses: ['10.0.0.1'] })).rejects.toMatchObject({
      code: 'blocked-address',
    });
    const allowed = { addresses: ['10.0.0.1'], allow: ['10.0.0.0/8:25'], tls: 'off' as const };
    await expect(inspect('smtp://mail.test:25', allowed)).resolves.toBeUndefined();
  });
});
