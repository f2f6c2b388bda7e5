import { createHash } from 'node:crypto';
import { TidemarkError } from '../errors.ts';

/**
 * Cursors belong to the list that gave them: a position or a name would be one in another list too, and under another
 * filter what lies before it was never shown. So each carries a mark of its list, which is no secret.
 */

/** What says which list it is. */
export type ListAsked = {
  /** The route's. */
  readonly id: string;
  readonly projectId: number;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
};

/** They change how much is shown, and in which form, and not what the list is. */
const ASIDE: ReadonlySet<string> = new Set(['cursor', 'limit', 'format', 'rows', 'key', 'samples']);
/** Of a page that is no JSON. */
const NEXT = 'tidemark-next';

/** The mark of a list: of all that makes it one, in any order. */
export function markOf({ id, projectId, params, query }: ListAsked): string {
  const filters = Object.entries(query).filter(([name]) => !ASIDE.has(name));
  const sorted = (entries: readonly (readonly [string, string])[]) => entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([id, projectId, sorted(Object.entries(params)), sorted(filters)]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 8);
}

/** The cursor that a page of this list gave. @throws TidemarkError `bad-request` for one of another list. */
export function unmarked(cursor: string, mark: string): string {
  const at = cursor.lastIndexOf('.');
  if (at >= 0 && cursor.slice(at + 1) === mark) return cursor.slice(0, at);
  throw new TidemarkError(
    'bad-request',
    'This cursor is not one that a page of this list gave, with the same filters; begin again without it.',
  );
}

const marked = (cursor: string, mark: string): string => `${cursor}.${mark}`;

/** An answer's body with the mark on its `next`, which may stand in one of its members. */
export function withMark(body: unknown, mark: string): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]: [string, unknown]) => {
      if (name === 'next' && typeof value === 'string') return [name, marked(value, mark)];
      return [name, name === 'files' ? withMark(value, mark) : value];
    }),
  );
}

/** The same of an answer that is no JSON. */
export function markNext(answer: Response, mark: string): Response {
  const next = answer.headers.get(NEXT);
  if (next !== null) answer.headers.set(NEXT, marked(next, mark));
  return answer;
}
