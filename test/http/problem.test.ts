import { describe, expect, it } from 'vitest';
import { ERROR_CODES, TidemarkError } from '../../src/errors.ts';
import { PROBLEM_BASE, problemHeaders, problemOf, statusOf } from '../../src/http/problem.ts';

const AT = { path: '/v1/models', id: 'req_1' };

/** Written out a second time: a status is a promise to clients. */
const STATUSES: Readonly<Record<number, readonly string[]>> = {
  400: ['bad-request', 'bad-path', 'digest-mismatch', 'upload-aborted'],
  401: ['unauthenticated'],
  403: ['forbidden'],
  404: ['not-found', 'object-corrupt'],
  405: ['method-not-allowed'],
  408: ['upload-too-slow'],
  409: [...['conflict', 'token-used', 'digest-conflict', 'missing-children', 'already-running']],
  410: ['gone'],
  412: ['precondition-failed'],
  413: ['too-large'],
  415: ['unsupported-media-type'],
  416: ['range-not-satisfiable'],
  422: [
    ...['invalid-body', 'unknown-field', 'idempotency-key-reused', 'invalid-manifest', 'unreadable-data'],
    ...['invalid-rows', 'blocked-address'],
  ],
  429: ['too-many-requests'],
  500: ['invalid-configuration', 'internal'],
  503: ['not-ready', 'store-unavailable', 'database-unavailable'],
  507: ['storage-full', 'quota-exceeded'],
};

describe('a problem document', () => {
  it.each(ERROR_CODES)('of %s has its type, title, status and nothing private', (code) => {
    const cause = new Error('password=hunter2 at /srv/secret');
    const error = new TidemarkError(code, 'What is wrong.', { cause });
    const problem = problemOf(error, AT);
    expect(problem).toEqual({
      type: `${PROBLEM_BASE}${code}`,
      title: expect.stringMatching(/^[A-Z][a-z ]+$/),
      status: statusOf(error),
      detail: 'What is wrong.',
      instance: '/v1/models',
      request_id: 'req_1',
    });
    expect(STATUSES[problem.status]).toContain(code);
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    expect(problemHeaders(error)['content-type']).toBe('application/problem+json');
  });

  it('has a status for each code and a code for each status', () => {
    expect(Object.values(STATUSES).flat().sort()).toEqual([...ERROR_CODES].sort());
  });

  it('shows the first hundred issues and says how many there were', () => {
    const issues = Array.from({ length: 150 }, (_, line) => ({ code: 'wrong', detail: 'is wrong', line }));
    const counted = problemOf(new TidemarkError('invalid-rows', 'x', { issues, issuesTotal: 9000 }), AT);
    expect(counted).toMatchObject({ errors: issues.slice(0, 100), errors_total: 9000 });
    expect(problemOf(new TidemarkError('invalid-rows', 'x', { issues }), AT)).toMatchObject({ errors_total: 150 });
  });

  it('keeps its own members whatever the details are called', () => {
    const details = { status: 200, type: 'about:blank', detail: 'other', request_id: 'other', limit: 7 };
    expect(problemOf(new TidemarkError('too-large', 'What is wrong.', { details }), AT)).toMatchObject({
      type: `${PROBLEM_BASE}too-large`,
      status: 413,
      detail: 'What is wrong.',
      request_id: 'req_1',
      limit: 7,
    });
  });
});

describe('the headers of a problem', () => {
  it('say when to try again, in whole seconds, wherever that makes sense', () => {
    expect(problemHeaders(new TidemarkError('not-ready', 'x'))['retry-after']).toBe('1');
    expect(problemHeaders(new TidemarkError('too-many-requests', 'x', { retryAfter: 1.2 }))['retry-after']).toBe('2');
    expect(problemHeaders(new TidemarkError('conflict', 'x'))).not.toHaveProperty('retry-after');
  });

  it('say how to sign in and how large the thing is', () => {
    const challenge = problemHeaders(new TidemarkError('unauthenticated', 'x'))['www-authenticate'];
    expect(challenge).toBe('Bearer realm="tidemark", Basic realm="tidemark"');
    const range = new TidemarkError('range-not-satisfiable', 'x', { details: { size: 12 } });
    expect(problemHeaders(range)['content-range']).toBe('bytes */12');
  });
});
