import type { ColumnProfile } from '../../charts/column-bars.ts';
import { formatCount } from '../../format.ts';
import type { Visit } from '../../page.tsx';

/** So many are drawn at a time: a page of thousands takes seconds to make, and longer to look at. */
const MOST = 500;

/** Which columns of a table its page shows. */
export type ShownColumns = {
  readonly columns: readonly ColumnProfile[];
  /** How many come before these, of those that match. */
  readonly skipped: number;
  readonly matching: number;
  readonly all: number;
  /** What their names hold; empty for any. */
  readonly part: string;
};

/** Picks what the address asks for: `column`, a part of a name, and `skip`. */
export function pickColumns(visit: Pick<Visit, 'query'>, all: readonly ColumnProfile[]): ShownColumns {
  const part = visit.query('column')?.trim() ?? '';
  const found = part === '' ? all : all.filter(({ name }) => name.toLowerCase().includes(part.toLowerCase()));
  const asked = Math.trunc(Number(visit.query('skip') ?? '')) || 0;
  const skipped = Math.max(0, Math.min(asked, found.length));
  const columns = found.slice(skipped, skipped + MOST);
  return { columns, skipped, matching: found.length, all: all.length, part };
}

/** Leads to the columns that are not shown; nothing for a table of which all are. */
export function ColumnPages({ shown, path }: { readonly shown: ShownColumns; readonly path: string }) {
  const { columns, skipped, matching, all, part } = shown;
  if (all <= MOST) return null;
  const hrefOf = (skip: number): string => {
    const asked = new URLSearchParams({
      ...(part === '' ? {} : { column: part }),
      ...(skip > 0 ? { skip: `${skip}` } : {}),
    });
    return asked.size === 0 ? path : `${path}?${asked.toString()}`;
  };
  const end = skipped + columns.length;
  return (
    <form method="get" action={path} class="ask">
      <label>
        Column <input name="column" type="search" value={part} placeholder="part of a name" />
      </label>{' '}
      <button class="quiet" type="submit">
        Find
      </button>{' '}
      <span class="soft">
        {columns.length === 0 ? 'None' : `${formatCount(skipped + 1)} to ${formatCount(end)}`} of{' '}
        {formatCount(matching)}
      </span>{' '}
      {skipped > 0 && <a href={hrefOf(Math.max(0, skipped - MOST))}>← Before</a>}{' '}
      {end < matching && <a href={hrefOf(end)}>After →</a>}
    </form>
  );
}
