import type { KnownEvent } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import type { MessageRow } from '../../store/messages.ts';
import type { MailAdapter } from '../../webhook/adapters/adapter.ts';
import type { Made } from './converse.ts';
import { hide, secretsOf } from './redact.ts';
import type { OpenTarget } from './target.ts';

/** Makes one try to tell people of an event by mail. */
export async function writeTo(
  ctx: Pick<Context, 'mail' | 'now'>,
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
  const login = 'password' in credentials ? { username: credentials.username, password: credentials.password } : null;
  const result = await ctx.mail.send({ url, tls: options.tls ?? 'required', login, letter });
  const secrets = secretsOf({ credentials, event });
  const { from, to, subject } = letter;
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
