import { hash } from 'node:crypto';
import { canonicalJson, toJson } from '../../canonical.ts';
import type { BatchRequest } from './batch-request.ts';

export type IdempotencyKey = {
  readonly name: string;
  readonly route: string;
  /** SHA-256 over all that makes the request: another one with this name is refused. */
  readonly fingerprint: string;
};

/** The key of a request, or null when it has none. */
export function idempotencyKey(request: Omit<BatchRequest, 'source'>, bodySha256: string): IdempotencyKey | null {
  if (request.idempotencyKey === null) return null;
  const route = `POST /v1/models/${request.model}/${request.kind}`;
  const csv = request.csv === null ? [] : [canonicalJson(toJson(request.csv))];
  const options = [request.encoding, request.epochUnit ?? '', String(request.partial), ...csv];
  return {
    name: request.idempotencyKey,
    route,
    fingerprint: hash('sha256', [route, ...options, bodySha256].join('\n')),
  };
}
