import type { WebhookSender } from './send.ts';

/** Where an access token is to be had. Without a refresh token the client asks for itself (`client_credentials`). */
export type TokenSource = {
  readonly token_url: string;
  readonly client_id: string;
  readonly client_secret: string;
  readonly refresh_token?: string | undefined;
  readonly scope?: string | undefined;
};

export type TokenAnswer =
  | { readonly token: string }
  | {
      readonly outcome: 'retryable' | 'blocked';
      readonly status: number | null;
      readonly error: string;
      readonly milliseconds: number;
    };

const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };

/** What a mail server may take as a token (RFC 6750, 2.1), at most as long as an answer is read. */
const TOKEN = /^[\w.~+/-]+=*$/;

/**
 * Asks an authorization server for an access token (RFC 6749, 4.4 and 6), under the same rule for addresses as every
 * call. A refusal is about the credentials, which somebody may mend: it is tried again.
 */
export async function requestAccessToken(
  send: Pick<WebhookSender, 'deliver'>,
  { token_url: url, client_id, client_secret, refresh_token, scope }: TokenSource,
): Promise<TokenAnswer> {
  const form = new URLSearchParams({ client_id, client_secret });
  form.set('grant_type', refresh_token === undefined ? 'client_credentials' : 'refresh_token');
  if (refresh_token !== undefined) form.set('refresh_token', refresh_token);
  if (scope !== undefined) form.set('scope', scope);
  const result = await send.deliver({ url, headers: FORM, body: form.toString() });
  const { status, milliseconds } = result;
  const answer = membersOf(result.truncated ? null : result.response);
  const token = answer.access_token;
  if (result.outcome === 'delivered' && typeof token === 'string' && TOKEN.test(token)) return { token };
  const outcome = result.outcome === 'blocked' ? 'blocked' : 'retryable';
  return { outcome, status, error: `No access token: ${reasonOf(result.error, answer.error)}`, milliseconds };
}

function reasonOf(error: string | null, code: unknown): string {
  // The codes of RFC 6749, 5.2; any other text may be anybody's.
  const named = typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? ` (${code})` : '';
  return `${error ?? 'the authorization server answered without one.'}${named}`;
}

function membersOf(text: string | null): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text ?? '');
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}
