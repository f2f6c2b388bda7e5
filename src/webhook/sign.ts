import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';

/** The signatures of Standard Webhooks 1.0.0 (standardwebhooks.com). */

/** `v1`: HMAC-SHA256 with a shared secret. `v1a`: ed25519, whose receiver holds the public key alone. */
export type Scheme = 'v1' | 'v1a';

/** What a try is signed with: the shared secret, or the 32 bytes that an ed25519 private key is made from. */
export type SigningKey = { readonly scheme: Scheme; readonly bytes: Uint8Array };

const SECRET = 'whsec_';
const PUBLIC = 'whpk_';

/** Bytes of a new key; the specification takes 24 to 64 for a shared secret, ed25519 exactly these. */
export const SECRET_BYTES = 32;
const SHORTEST = 24;
const LONGEST = 64;

/** A shared secret as people and verifiers take it. */
export function writeSecret(bytes: Uint8Array): string {
  return SECRET + Buffer.from(bytes).toString('base64');
}

/** The bytes of a shared secret that somebody chose, or what is wrong with it. */
export function readSecret(text: string): Uint8Array | string {
  if (!text.startsWith(SECRET)) return `must begin with "${SECRET}"`;
  const encoded = text.slice(SECRET.length);
  const bytes = Buffer.from(encoded, 'base64');
  // Node skips what is not base64, so only the way back tells.
  if (bytes.toString('base64').replace(/=+$/, '') !== encoded.replace(/=+$/, '')) return 'must be base64';
  if (bytes.byteLength < SHORTEST || bytes.byteLength > LONGEST) {
    return `must hold ${SHORTEST} to ${LONGEST} bytes; it holds ${bytes.byteLength}`;
  }
  return bytes;
}

/** The public key that verifies what a private one signs. */
export function writePublicKey(seed: Uint8Array): string {
  // A raw public key is the last 32 bytes of its SubjectPublicKeyInfo (RFC 8410).
  const der = createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' });
  return PUBLIC + der.subarray(-32).toString('base64');
}

export type Signed = {
  /** The message's id, the same on every try. Holds no full stop. */
  readonly id: string;
  /** When this try is made: receivers refuse what is minutes old, so a retry is signed anew. */
  readonly at: Date;
  readonly body: string;
};

/**
 * The three headers of one try: a signature of `id.seconds.body` by each key.
 * @param keys all that are in force; during a rotation the receiver may verify with any of them.
 */
export function signatureHeaders(message: Signed, keys: readonly SigningKey[]): Record<string, string> {
  const seconds = Math.floor(message.at.getTime() / 1000);
  const signed = Buffer.from(`${message.id}.${seconds}.${message.body}`);
  return {
    'webhook-id': message.id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': keys.map((key) => `${key.scheme},${signature(key, signed)}`).join(' '),
  };
}

function signature({ scheme, bytes }: SigningKey, signed: Uint8Array): string {
  if (scheme === 'v1') return createHmac('sha256', bytes).update(signed).digest('base64');
  return sign(null, signed, privateKey(bytes)).toString('base64');
}

/** The head of an ed25519 private key in PKCS #8 (RFC 8410); the 32 bytes follow. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

const privateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
