/**
 * Every failure that Tidemark names. The code is a promise to clients: it is the last segment of the
 * problem document's `type`, so a code may be added but never renamed or reused.
 *
 * Inside the house there are codes only; HTTP statuses exist in `http/problem.ts` alone.
 */
export const ERROR_CODES = [
  // what was asked
  'bad-request',
  'bad-path',
  'invalid-body',
  'unknown-field',
  'unsupported-media-type',
  'method-not-allowed',
  'not-found',
  'gone',
  'conflict',
  'precondition-failed',
  'range-not-satisfiable',
  'too-large',
  'too-many-requests',
  'idempotency-key-reused',
  // who asked
  'unauthenticated',
  'forbidden',
  'token-used',
  // objects and versions
  'digest-mismatch',
  'digest-conflict',
  'upload-aborted',
  'upload-too-slow',
  'missing-children',
  'object-corrupt',
  'invalid-manifest',
  'unreadable-data',
  'not-ready',
  // logs
  'invalid-rows',
  // webhooks
  'blocked-address',
  // the ground under us
  'storage-full',
  'quota-exceeded',
  'store-unavailable',
  'database-unavailable',
  'already-running',
  'invalid-configuration',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** One place in the input that is wrong. `pointer` is a JSON pointer, `line` is 1-based. */
export type ErrorIssue = {
  readonly code: string;
  readonly detail: string;
  readonly pointer?: string;
  readonly line?: number;
  readonly field?: string;
};

export type ErrorOptions = {
  /** The places that are wrong, for people to mend; the problem document shows the first 100. */
  readonly issues?: readonly ErrorIssue[];
  /** How many issues there were in all, when `issues` holds only the first of them. */
  readonly issuesTotal?: number;
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number;
  /** Further members of the problem document. Public: never a secret, a path or another tenant's name. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What really happened. Private: logged, never sent. */
  readonly cause?: unknown;
};

/**
 * The only error that crosses a layer on purpose. `message` is public and says what is wrong, where, and
 * what to do; `cause` is private.
 */
export class TidemarkError extends Error {
  override readonly name = 'TidemarkError';
  readonly code: ErrorCode;
  readonly issues: readonly ErrorIssue[];
  readonly issuesTotal: number;
  readonly retryAfter: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.issuesTotal = options.issuesTotal ?? this.issues.length;
    this.retryAfter = options.retryAfter;
    this.details = options.details ?? {};
  }
}

/** True for a Tidemark error, and for one with that code when a code is given. */
export function isTidemarkError(error: unknown, code?: ErrorCode): error is TidemarkError {
  return error instanceof TidemarkError && (code === undefined || error.code === code);
}

/** The ground was bad, not what was to be done: trying again may end otherwise. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'not-ready',
  'store-unavailable',
  'database-unavailable',
  'storage-full',
]);

/** True for an error that says nothing of what was asked, only of what it was to be done with. */
export function isPassing(error: unknown): boolean {
  return error instanceof TidemarkError && PASSING.has(error.code);
}
