import { hash } from 'node:crypto';
import { TidemarkError } from '../../errors.ts';
import type { BatchRequest } from './accept-batch.ts';

export type IdempotencyKey = {
  readonly name: string;
  readonly route: string;
  /** SHA-256 over all that makes the request: another one with this name is refused. */
  readonly fingerprint: string;
};

/**
 * The key of a request, or null when it has none.
 * @throws TidemarkError `bad-request` for a key that is not 1 to 255 visible ASCII characters.
 */
export function idempotencyKey(request: BatchRequest, bodySha256: string): IdempotencyKey | null {
  if (request.idempotencyKey === null) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(request.idempotencyKey)) {
    throw new TidemarkError('bad-request', 'The Idempotency-Key must be 1 to 255 visible ASCII characters.');
  }
  const route = `POST /v1/models/${request.model}/${request.kind}`;
  const options = [request.encoding, request.epochUnit ?? '', String(request.partial)];
  return {
    name: request.idempotencyKey,
    route,
    fingerprint: hash('sha256', [route, ...options, bodySha256].join('\n')),
  };
}
