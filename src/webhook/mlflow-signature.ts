import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * How MLflow signs what it sends: the text of Standard Webhooks 1.0.0, `id.seconds.body`, under headers of its own, and
 * keyed with the secret as it is written, `whsec_` and all.
 */
export type SignedDelivery = {
  readonly id: string;
  /** Unix seconds, as text. */
  readonly timestamp: string;
  readonly body: string;
};

/** A delivery that is further from now is a replay, or comes from a clock that is wrong. */
export const TOLERANCE_SECONDS = 300;

/** `v1,` and the signature in base64. */
export function mlflowSignature(secret: string, { id, timestamp, body }: SignedDelivery): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** @param signatures those of the header, between blanks; one good one is enough. */
export function isSignedBy(secret: string, delivery: SignedDelivery, signatures: string): boolean {
  const expected = Buffer.from(mlflowSignature(secret, delivery));
  return signatures.split(' ').some((given) => {
    const bytes = Buffer.from(given);
    return bytes.byteLength === expected.byteLength && timingSafeEqual(bytes, expected);
  });
}

/** True for a time near enough to now. */
export function isTimely(timestamp: string, now: Date): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Number(timestamp) - now.getTime() / 1000) <= TOLERANCE_SECONDS;
}
