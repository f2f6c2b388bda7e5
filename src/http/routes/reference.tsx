import { html } from 'hono/html';
import { basePathOf } from '../base-path.ts';
import { documentOf, referenceOf } from '../reference/document.ts';
import { ReferencePage } from '../reference/page.tsx';
import type { App } from '../route.ts';

const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/** The OpenAPI document and a page that reads it out, without scripts. */
export function referenceRoutes(app: App): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  app.get('/openapi.json', (c) => {
    const document = documentOf(app, basePathOf(c.get('ctx').publicUrl()));
    c.header('content-type', 'application/json');
    return c.body(JSON.stringify(document, withoutEmptyDefaults));
  });
  app.get('/docs', (c) => {
    c.header('content-security-policy', POLICY);
    const page = <ReferencePage {...referenceOf(app)} address={c.get('ctx').publicUrl()} />;
    return c.html(html`<!doctype html>${page}`);
  });
}

/**
 * An object that may be left out is empty then; that it may be is said already, and some readers of the document drop
 * a shape whose default is an object.
 */
function withoutEmptyDefaults(name: string, value: unknown): unknown {
  const empty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return name === 'default' && empty && !Array.isArray(value) ? undefined : value;
}
