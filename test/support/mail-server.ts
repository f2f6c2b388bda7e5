import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createSecureContext, createServer as createTlsServer, TLSSocket } from 'node:tls';

/**
 * A small mail server (RFC 5321) that holds its client to the letter: commands out of their order, lines that end in
 * anything but CRLF, a login without TLS and whatever else it does not know are refused.
 */
export type MailServer = {
  readonly port: number;
  readonly mails: {
    readonly from: string;
    readonly to: readonly string[];
    readonly data: string;
    readonly tls: boolean;
  }[];
  /** Every command, without what it holds of secrets. */
  readonly heard: string[];
  readonly close: () => Promise<void>;
};

export type MailServerOptions = {
  /** From the first byte, after STARTTLS, or never. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly key?: string;
  readonly cert?: string;
  /** Who may log in; nobody has to where it is absent. */
  readonly login?:
    | { readonly username: string; readonly password: string }
    | { readonly username: string; readonly token: string };
  /** Answers of its own: to a command with what follows it, or null for the usual one. `drop` ends the connection. */
  readonly answer?: (command: string, rest: string) => string | null;
};

type Session = {
  said: 'nothing' | 'hello';
  user: boolean;
  challenged: boolean;
  from: string | null;
  to: string[];
  tls: boolean;
};

export async function startMailServer(options: MailServerOptions): Promise<MailServer> {
  const mails: MailServer['mails'] = [];
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const begin = (socket: Socket, tls: boolean, greet: boolean): void => {
    const session: Session = { said: 'nothing', user: false, challenged: false, from: null, to: [], tls };
    const speak = (line: string): void => void socket.write(`${line}\r\n`);
    let waiting = '';
    let reading = false;
    socket.on('error', () => socket.destroy());
    const take = (text: string): void => {
      waiting += text;
      for (;;) {
        const end = reading ? '\r\n.\r\n' : '\r\n';
        const at = waiting.indexOf(end);
        if (at < 0) return;
        const part = waiting.slice(0, at);
        waiting = waiting.slice(at + end.length);
        if (reading) {
          reading = false;
          const own = options.answer?.('.', '') ?? null;
          if (own === 'drop') return void socket.destroy();
          if (own === null)
            mails.push({ from: session.from ?? '', to: [...session.to], data: `${part}\r\n`, tls: session.tls });
          speak(own ?? '250 2.0.0 taken as 1');
          Object.assign(session, { from: null, to: [] });
          continue;
        }
        const answer = obey(part, session, { options, heard });
        if (answer === 'drop') return void socket.destroy();
        speak(answer);
        if (answer.startsWith('354')) reading = true;
        if (answer.startsWith('221')) return void socket.end();
        if (part.toUpperCase() === 'STARTTLS' && answer.startsWith('220')) {
          socket.removeAllListeners('data');
          const { key = '', cert = '' } = options;
          const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ key, cert }) });
          begin(secure, true, false);
          return;
        }
      }
    };
    socket.on('data', (chunk: Buffer) => take(chunk.toString('utf8')));
    const greeting = options.answer?.('', '') ?? '220 mail.test ESMTP';
    if (greet && greeting === 'drop') socket.destroy();
    else if (greet) speak(greeting);
  };
  const { key = '', cert = '' } = options;
  const server =
    options.tls === 'implicit'
      ? createTlsServer({ key, cert }, (socket) => begin(socket, true, true))
      : createServer((socket) => begin(socket, false, true));
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // A listening TCP server has an address of this kind.
    port: (server.address() as AddressInfo).port,
    mails,
    heard,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function obey(
  line: string,
  session: Session,
  { options, heard }: { options: MailServerOptions; heard: string[] },
): string {
  const [, verb = '', rest = ''] = /^(\S*) ?(.*)$/.exec(line) ?? [];
  const command = verb.toUpperCase();
  heard.push(command === 'AUTH' ? 'AUTH' : line);
  const own = options.answer?.(command, rest) ?? null;
  if (own !== null) return own;
  if (/[\r\n]/.test(line)) return '500 5.5.2 bare CR or LF';
  // The reason of a refused token is a challenge, which is answered with an empty line.
  if (session.challenged) {
    session.challenged = false;
    return line === '' ? '535 5.7.8 authentication failed' : '501 5.5.2 an empty line was expected';
  }
  switch (command) {
    case 'EHLO':
      session.said = 'hello';
      return hello(session, options);
    case 'STARTTLS':
      return options.tls === 'starttls' && !session.tls ? '220 2.0.0 go ahead' : '502 5.5.1 not implemented';
    case 'AUTH':
      return authorize(rest, session, options);
    case 'MAIL':
      if (session.said !== 'hello' || session.from !== null) return '503 5.5.1 bad sequence of commands';
      if (options.login !== undefined && !session.user) return '530 5.7.0 authentication required';
      session.from = addressIn(/^FROM:<([^<>\s]+)>/i, rest);
      return session.from === null ? '501 5.1.7 bad sender' : '250 2.1.0 ok';
    case 'RCPT': {
      const to = addressIn(/^TO:<([^<>\s]+)>/i, rest);
      if (session.from === null) return '503 5.5.1 bad sequence of commands';
      if (to === null) return '501 5.1.3 bad recipient';
      session.to.push(to);
      return '250 2.1.5 ok';
    }
    case 'DATA':
      return session.to.length === 0 ? '503 5.5.1 no recipients' : '354 end with <CRLF>.<CRLF>';
    case 'QUIT':
      return '221 2.0.0 bye';
    default:
      return '502 5.5.2 command not recognized';
  }
}

function hello(session: Session, options: MailServerOptions): string {
  const offers = [
    ...(options.tls === 'starttls' && !session.tls ? ['STARTTLS'] : []),
    ...(options.login !== undefined && session.tls ? ['token' in options.login ? 'AUTH XOAUTH2' : 'AUTH PLAIN'] : []),
    '8BITMIME',
  ];
  return ['mail.test', ...offers].map((text, i) => `250${i === offers.length ? ' ' : '-'}${text}`).join('\r\n');
}

function authorize(rest: string, session: Session, { login }: MailServerOptions): string {
  if (!session.tls) return '538 5.7.11 encryption required';
  if (login !== undefined && 'token' in login) return authorizeByToken(rest, session, login);
  const [, encoded = ''] = /^PLAIN (\S+)$/.exec(rest) ?? [];
  const [, user, password] = Buffer.from(encoded, 'base64').toString().split('\0');
  session.user = login !== undefined && user === login.username && password === login.password;
  return session.user ? '235 2.7.0 welcome' : '535 5.7.8 authentication failed';
}

function authorizeByToken(rest: string, session: Session, login: { username: string; token: string }): string {
  const [, encoded = ''] = /^XOAUTH2 (\S+)$/.exec(rest) ?? [];
  const right = `user=${login.username}\u0001auth=Bearer ${login.token}\u0001\u0001`;
  session.user = Buffer.from(encoded, 'base64').toString() === right;
  session.challenged = !session.user;
  if (session.user) return '235 2.7.0 welcome';
  return `334 ${Buffer.from('{"status":"401","schemes":"bearer"}').toString('base64')}`;
}

const addressIn = (form: RegExp, text: string): string | null => form.exec(text)?.[1] ?? null;
