/** What became of one try to send a mail. `rejected`: it will not be taken, however often it is sent. Pure. */
export type MailJudged = {
  readonly outcome: 'delivered' | 'retryable' | 'rejected' | 'blocked';
  /** The server's reply code (RFC 5321, 4.2). */
  readonly status: number | null;
  readonly error: string | null;
  /** What it said last. */
  readonly response: string | null;
};

/** A recipient, or everything, that was refused. */
type Refusal = {
  readonly code?: string | undefined;
  readonly originalCode?: string | undefined;
  readonly responseCode?: number | undefined;
  readonly response?: string | undefined;
  readonly recipient?: string | undefined;
  readonly rejectedErrors?: readonly Refusal[] | undefined;
  readonly message?: string | undefined;
};

/** What was taken, and what not. */
type Handed = { readonly response: string; readonly rejectedErrors?: readonly Refusal[] | undefined };

const MAX_TEXT = 1000;

/**
 * Reads how a mail ended. A temporary answer (4yz) and a lost connection are tried again; a permanent one (5yz) about the
 * sender, the recipients or the message is final. One about the login or about TLS is not about the message: somebody may
 * mend that. Where some recipients have it and others are to have it later, it is sent again to all of them: its
 * Message-ID tells it from a new one.
 */
export function judgeMail(failed: { error: unknown; late: boolean } | null, handed: Handed | null): MailJudged {
  if (handed !== null) return judgeHanded(handed);
  if (failed === null || failed.late) return retry('The mail server did not answer in time.', {});
  // Whatever is thrown is looked at member by member.
  const error = failed.error as Refusal;
  const refusals = error.rejectedErrors ?? [];
  if (refusals.length > 0) {
    const outcome = refusals.some(isTemporary) ? 'retryable' : 'rejected';
    return { ...tell(refusals[0] ?? {}), outcome, error: refusalText(refusals) };
  }
  if (error.code === 'EAUTH') return retry('The mail server did not take the login.', error);
  if (error.code === 'ETLS' || error.responseCode === undefined) return retry(connectionText(error), error);
  const text = `The mail server answered ${textOf(error.response ?? String(error.responseCode))}.`;
  const aboutMessage = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  return { ...tell(error), outcome: aboutMessage && !isTemporary(error) ? 'rejected' : 'retryable', error: text };
}

function judgeHanded({ response, rejectedErrors = [] }: Handed): MailJudged {
  const status = codeOf(response);
  const said = { status, response: textOf(response) };
  if (rejectedErrors.length === 0) return { ...said, outcome: 'delivered', error: null };
  const outcome = rejectedErrors.some(isTemporary) ? 'retryable' : 'delivered';
  return { ...said, outcome, error: refusalText(rejectedErrors) };
}

const isTemporary = ({ responseCode }: Refusal): boolean => responseCode === undefined || responseCode < 500;

const refusalText = (refusals: readonly Refusal[]): string =>
  textOf(
    `Not taken for ${refusals.map((one) => `${one.recipient ?? 'a recipient'} (${one.response ?? 'no reason'})`).join(', ')}.`,
  );

function connectionText({ code, originalCode, message }: Refusal): string {
  // Of TLS only its own words help; texts of other connection errors hold addresses of the inner network.
  if (code === 'ETLS') return textOf(`TLS could not be begun: ${message ?? ''}.`);
  return `The connection did not succeed (${originalCode ?? code ?? 'failed'}).`;
}

const retry = (error: string, said: Refusal): MailJudged => ({ ...tell(said), outcome: 'retryable', error });

const tell = ({ responseCode, response }: Refusal): Pick<MailJudged, 'status' | 'response'> => ({
  status: responseCode ?? null,
  response: response === undefined ? null : textOf(response),
});

function codeOf(response: string): number | null {
  const [, code] = /^(\d{3})/.exec(response) ?? [];
  return code === undefined ? null : Number(code);
}

/** PostgreSQL's text takes every character but NUL. */
const textOf = (text: string): string => text.slice(0, MAX_TEXT).replaceAll('\u0000', '\ufffd');
