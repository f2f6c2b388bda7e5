import type { KnownEvent } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import type { MessageRow } from '../../store/webhook/messages.ts';
import { requestAccessToken, type TokenAnswer } from '../../webhook/access-token.ts';
import type { MailAdapter } from '../../webhook/adapters/adapter.ts';
import type { MailLogin } from '../../webhook/send-mail.ts';
import type { Made } from './converse.ts';
import { hide, secretsOf } from './redact.ts';
import type { OpenTarget } from './target.ts';

/** Makes one try to tell people of an event by mail. */
export async function writeTo(
  ctx: Pick<Context, 'mail' | 'now' | 'send'>,
  given: {
    readonly adapter: MailAdapter;
    readonly opened: OpenTarget;
    readonly event: KnownEvent;
    readonly message: Pick<MessageRow, 'id' | 'body'>;
  },
): Promise<Made> {
  const { event, message } = given;
  const { target, url } = given.opened;
  if (target.kind !== 'email') throw new Error(`a mail to an endpoint of the kind ${target.kind}`);
  const { id: messageId, body } = message;
  const letter = given.adapter.compose({ event, body, messageId, url, target, at: ctx.now(), uncertain: false });
  const { options, credentials } = target;
  const { from, to, subject } = letter;
  const login = await loginOf(ctx, credentials);
  const result =
    login !== null && 'outcome' in login
      ? { ...login, response: null }
      : await ctx.mail.send({ url, tls: options.tls ?? 'required', login, letter });
  const token = login !== null && 'token' in login ? login.token : null;
  const secrets = secretsOf({ credentials: { ...credentials, token }, event });
  return {
    ...result,
    error: result.error === null ? null : hide(result.error, secrets),
    response: result.response === null ? null : hide(result.response, secrets),
    retryAfter: null,
    request: { method: 'MAIL', url, headers: { from, to: to.join(', '), subject, 'message-id': letter.messageId } },
    external: null,
    renewAfter: null,
    uncertain: false,
  };
}

type Credentials = Extract<OpenTarget['target'], { kind: 'email' }>['credentials'];

/** What the mail server is shown, null for nothing; or why there is no token to show. */
async function loginOf(
  ctx: Pick<Context, 'send'>,
  credentials: Credentials,
): Promise<MailLogin | null | Exclude<TokenAnswer, { token: string }>> {
  if (!('username' in credentials)) return null;
  const { username } = credentials;
  if ('password' in credentials) return { username, password: credentials.password };
  const answer = await requestAccessToken(ctx.send, credentials.oauth);
  return 'token' in answer ? { username, token: answer.token } : answer;
}
