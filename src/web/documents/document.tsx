import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html, raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { PACKAGE_ROOT } from '../../root.ts';

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
