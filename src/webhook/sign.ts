import { createHmac } from 'node:crypto';

/** The symmetric scheme of Standard Webhooks 1.0.0 (standardwebhooks.com), `v1`. */

const PREFIX = 'whsec_';

/** Bytes of a new secret; the specification takes 24 to 64. */
export const SECRET_BYTES = 32;

/** A secret as people and verifiers take it. */
export function writeSecret(bytes: Uint8Array): string {
  return PREFIX + Buffer.from(bytes).toString('base64');
}

export type Signed = {
  /** The message's id, the same on every try. Holds no full stop. */
  readonly id: string;
  /** When this try is made: receivers refuse what is minutes old, so a retry is signed anew. */
  readonly at: Date;
  readonly body: string;
};

/**
 * The three headers of one try: HMAC-SHA256 over `id.seconds.body`.
 * @param secrets all that are in force; during a rotation the receiver may verify with either.
 */
export function signatureHeaders(message: Signed, secrets: readonly Uint8Array[]): Record<string, string> {
  const seconds = Math.floor(message.at.getTime() / 1000);
  const signed = `${message.id}.${seconds}.${message.body}`;
  const signatures = secrets.map((secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}
