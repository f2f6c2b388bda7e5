import { TidemarkError } from '../errors.ts';

/** A cursor is the position of the last item of a page, opaque to clients so that it may change its form. */
export function writeCursor(position: string | number): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * The position in a cursor, or `first` where there is none.
 * @throws TidemarkError `bad-request` for one that we did not write.
 */
export function readCursor<T extends string | number>(cursor: string | undefined, first: T): T {
  if (cursor === undefined) return first;
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (typeof position === typeof first && fits(position)) {
      // Same type as `first`, by the line above; T is `string` or `number` and never a literal.
      return position as T;
    }
  } catch {
    // Answered below, as any other cursor that is not ours.
  }
  throw foreignCursor();
}

/** The cursor of a list that is ordered by ids. */
export const writeIdCursor = (next: string | null): string | null => (next === null ? null : writeCursor(next));

/**
 * The id in a cursor; undefined where there is none.
 * @param kind how the ids of the list begin: the cursor of another list is not one of this.
 * @throws TidemarkError `bad-request` for one that we did not write.
 */
export function readIdCursor(cursor: string | undefined, kind: string): string | undefined {
  if (cursor === undefined) return undefined;
  const id = readCursor(cursor, '');
  if (!id.startsWith(`${kind}_`)) throw foreignCursor();
  return id;
}

/** A cursor that no page of the list gave. */
export const foreignCursor = (): TidemarkError =>
  new TidemarkError('bad-request', 'This cursor is not one that a page gave; begin again without it.');

/** What a database column takes. */
function fits(position: unknown): boolean {
  if (typeof position === 'number') return Number.isSafeInteger(position) && Math.abs(position) < 2 ** 31;
  return typeof position === 'string' && !position.includes('\0') && position.isWellFormed();
}
