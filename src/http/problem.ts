import type { ErrorCode, TidemarkError } from '../errors.ts';

/** HTTP statuses exist here alone. Exhaustive by type: a new code does not compile until it has one. */
const STATUS: Record<ErrorCode, number> = {
  'bad-request': 400,
  'bad-path': 400,
  'invalid-body': 422,
  'unknown-field': 422,
  'unsupported-media-type': 415,
  'method-not-allowed': 405,
  'not-found': 404,
  gone: 410,
  conflict: 409,
  'precondition-failed': 412,
  'range-not-satisfiable': 416,
  'too-large': 413,
  'too-many-requests': 429,
  'idempotency-key-reused': 422,
  unauthenticated: 401,
  forbidden: 403,
  'token-used': 409,
  'digest-mismatch': 400,
  'digest-conflict': 409,
  'upload-aborted': 400,
  'upload-too-slow': 408,
  'missing-children': 409,
  'object-corrupt': 404,
  'invalid-manifest': 422,
  'unreadable-data': 422,
  'not-ready': 503,
  'invalid-rows': 422,
  'blocked-address': 422,
  'storage-full': 507,
  'quota-exceeded': 507,
  'store-unavailable': 503,
  'database-unavailable': 503,
  'already-running': 409,
  'invalid-configuration': 500,
  internal: 500,
};

/** The status that an error leaves with, on a page as in a problem document. */
export const statusOf = (error: TidemarkError): number => STATUS[error.code];

const SHOWN_ISSUES = 100;

export const PROBLEM_BASE = 'https://tidemark.dev/problems/';

/** The RFC 9457 document of an error. Nothing private goes in: no cause, no stack, no path. */
export function problemOf(error: TidemarkError, request: { path: string; id: string }) {
  const status = STATUS[error.code];
  const own = {
    type: `${PROBLEM_BASE}${error.code}`,
    title: error.code.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase()),
    status,
    detail: error.message,
    instance: request.path,
    request_id: request.id,
    ...(error.issues.length > 0
      ? { errors: error.issues.slice(0, SHOWN_ISSUES), errors_total: error.issuesTotal }
      : {}),
  };
  // First for the order in which people read them, last so that no detail can take the place of one.
  return { ...own, ...error.details, ...own };
}

/** Headers that go with an error: when to try again, how to say who one is. */
export function problemHeaders(error: TidemarkError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  const retryAfter = error.retryAfter ?? ([429, 503].includes(STATUS[error.code]) ? 1 : undefined);
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.ceil(retryAfter));
  if (error.code === 'range-not-satisfiable' && typeof error.details.size === 'number') {
    headers['content-range'] = `bytes */${error.details.size}`;
  }
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="tidemark", Basic realm="tidemark"';
  return headers;
}
