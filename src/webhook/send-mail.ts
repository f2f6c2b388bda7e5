import type { Socket } from 'node:net';
import { isTidemarkError } from '../errors.ts';
import type { Letter } from './adapters/adapter.ts';
import { type AddressRule, addressRule } from './address.ts';
import { openGuarded, type Resolve, systemResolve } from './connect.ts';
import { inspectPlace } from './inspect.ts';
import { judgeMail, type MailJudged } from './mail-answer.ts';
import { type MailTarget, type MailTls, readMailTarget } from './mail-target.ts';

type Mail = {
  /** `smtps://host[:port]` or `smtp://host[:port]`. */
  readonly url: string;
  readonly tls: MailTls;
  readonly login: MailLogin | null;
  readonly letter: Letter;
};

/** By a password, or by an access token (XOAUTH2). */
export type MailLogin = { readonly username: string } & ({ readonly password: string } | { readonly token: string });

type MailResult = MailJudged & { readonly milliseconds: number };

export type MailSender = {
  /** Makes one try. Whatever the server does is told in the result and never thrown. */
  readonly send: (mail: Mail) => Promise<MailResult>;
  /**
   * Judges the URL of a server before it is stored.
   * @throws TidemarkError `invalid-body` or `blocked-address`.
   */
  readonly inspect: (server: Pick<Mail, 'url' | 'tls'>) => Promise<void>;
};

export type MailOptions = {
  /** `address[/bits][:port]` of private servers that may be reached. */
  readonly allow: readonly string[];
  /** What it says that it is when it says hello. */
  readonly name: string;
  /** Whole time of a try. Default 30 s. */
  readonly deadlineMilliseconds?: number;
  readonly resolve?: Resolve;
  readonly ca?: string;
};

const DEADLINE = 30_000;

/** Opens the way out by mail, under the same rule for addresses. Each try has its own connection. */
export function createMailSender(options: MailOptions): MailSender {
  const rule = addressRule(options.allow);
  const way = { ...options, rule, resolve: options.resolve ?? systemResolve };
  return {
    send: async (mail) => {
      const started = performance.now();
      const result = await attempt(mail, way);
      return { ...result, milliseconds: Math.round(performance.now() - started) };
    },
    inspect: async ({ url, tls }) => inspectPlace(readMailTarget(url, tls, rule), way),
  };
}

type Way = MailOptions & { readonly rule: AddressRule; readonly resolve: Resolve };

async function attempt(mail: Mail, way: Way): Promise<MailJudged> {
  const signal = AbortSignal.timeout(way.deadlineMilliseconds ?? DEADLINE);
  let socket: Socket | undefined;
  try {
    const target = readMailTarget(mail.url, mail.tls, way.rule);
    socket = await openGuarded(target, { ...way, target, signal });
    return judgeMail(null, await hand(mail, { way, target, socket, signal }));
  } catch (error) {
    if (isTidemarkError(error)) return { outcome: 'blocked', status: null, error: error.message, response: null };
    return judgeMail({ error, late: signal.aborted }, null);
  } finally {
    socket?.destroy();
  }
}

type Connected = {
  readonly way: Way;
  readonly target: MailTarget;
  readonly socket: Socket;
  readonly signal: AbortSignal;
};

function authOf(login: MailLogin) {
  if ('password' in login) return { user: login.username, pass: login.password };
  // Without anything to renew it with, the driver fetches no token itself, past the rule for addresses.
  return { type: 'OAuth2' as const, user: login.username, accessToken: login.token };
}

/** Speaks SMTP over a connection that has been judged. @throws what keeps every recipient from getting it. */
async function hand({ tls, login, letter }: Mail, { way, target, socket, signal }: Connected) {
  // Most services never write a mail: what they do not need they do not load.
  const { createTransport } = await import('nodemailer');
  const { host, implicit } = target;
  const transport = createTransport({
    connection: socket,
    host,
    name: way.name,
    secure: implicit,
    requireTLS: !implicit && tls === 'required',
    ignoreTLS: tls === 'off',
    tls: { minVersion: 'TLSv1.2', ...(way.ca === undefined ? {} : { ca: way.ca }) },
    ...(login === null ? {} : { auth: authOf(login) }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const { replyTo, thread, to, ...plain } = letter;
  return transport.sendMail({
    ...plain,
    to: [...to],
    ...(replyTo === undefined ? {} : { replyTo }),
    references: thread,
    // No holiday notice is to answer a machine (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    signal,
  });
}
