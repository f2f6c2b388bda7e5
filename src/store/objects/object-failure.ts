import { isTidemarkError, TidemarkError } from '../../errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Seconds that a client should wait before it tries again where the ground was bad. */
const RETRY_AFTER = 5;

/** The `code` of a Node system error, else undefined. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What befell the store, as an error for the caller: `storage-full` or `store-unavailable`. A Tidemark error
 * passes unchanged. `doing` completes "The object store failed while …".
 */
export function storeFailure(cause: unknown, doing: string): TidemarkError {
  if (isTidemarkError(cause)) return cause;
  const code = systemCode(cause) ?? '';
  if (FULL.has(code)) {
    return new TidemarkError(
      'storage-full',
      `The object store is full: it failed while ${doing}. Nothing was stored.`,
      {
        cause,
      },
    );
  }
  const why = code === 'EROFS' ? 'is read-only' : code === 'EACCES' ? 'does not let Tidemark in' : 'is not available';
  return new TidemarkError('store-unavailable', `The object store ${why}: it failed while ${doing}. Try again.`, {
    cause,
    retryAfter: RETRY_AFTER,
  });
}

export function objectNotFound(oid: string): TidemarkError {
  return new TidemarkError('not-found', `There is no object ${oid}.`);
}

/** Other intact bytes bear the name: MD5 collides on purpose, so the first bytes keep it. */
export function digestConflict(oid: string): TidemarkError {
  return new TidemarkError(
    'digest-conflict',
    `Other bytes with the MD5 of ${oid} are stored already. The stored object was not changed; these bytes cannot be stored under this name.`,
  );
}

/** A member of a group whose bytes do not bear out its name. */
export function memberMismatch(oid: string, md5: string): TidemarkError {
  return new TidemarkError(
    'digest-mismatch',
    `The MD5 of what arrived is ${md5}, announced was ${oid}; nothing was stored.`,
    { details: { expected: { md5: oid }, actual: { md5 } } },
  );
}
