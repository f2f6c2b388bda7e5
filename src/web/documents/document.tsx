import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html, raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { PACKAGE_ROOT } from '../../root.ts';
import { formatCount } from '../format.ts';

/** A page that is one file: it asks nobody for anything, so it can be mailed, kept and opened anywhere. */
export async function standalone(title: string, body: Child): Promise<string> {
  const css = readFileSync(join(PACKAGE_ROOT, 'src', 'web', 'assets', 'tidemark.css'), 'utf8');
  const document = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>{`${title} · Tidemark`}</title>
        <style>{raw(css)}</style>
      </head>
      <body>
        <main id="content">{body}</main>
      </body>
    </html>
  );
  const text = await html`<!doctype html>${document}`;
  return text.toString();
}

/** So many columns have a section each, the worst first: with thousands of them a page would no longer open. */
const MOST_SECTIONS = 300;

/** The columns that have a section of their own, of all in the order in which they are shown. */
export const withSection = <Column,>(columns: readonly Column[]): readonly Column[] => columns.slice(0, MOST_SECTIONS);

/** Says of the others where they are. */
export function WithoutSection({ columns }: { readonly columns: number }) {
  if (columns <= MOST_SECTIONS) return null;
  return (
    <p class="small soft">
      The {formatCount(MOST_SECTIONS)} worst columns are shown with their pictures and numbers; the other{' '}
      {formatCount(columns - MOST_SECTIONS)} stand in the table above, and <code>--columns</code> shows those it names.
    </p>
  );
}
