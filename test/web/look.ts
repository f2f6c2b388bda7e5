import { expect } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { TestContext } from '../support/context.ts';

/** Looks at pages through the routes, as a browser would ask for them. */
export type Look = (path: string, init?: RequestInit) => Promise<Seen>;
export type Seen = { readonly status: number; readonly headers: Headers; readonly text: string };

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

export function lookAt(ctx: TestContext): Look {
  const app = createApp(ctx);
  return async (path, init) => {
    const response = await app.request(path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

/** What holds for every page: a document, under the policy, with nothing inline that the policy would refuse. */
export function expectPage(seen: Seen, status = 200): void {
  expect(seen.status).toBe(status);
  expect(seen.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(seen.headers.get('content-security-policy')).toBe(POLICY);
  expect(seen.headers.get('x-content-type-options')).toBe('nosniff');
  expect(seen.headers.get('referrer-policy')).toBe('same-origin');
  expect(seen.headers.get('cache-control')).toBe('no-store');
  expect(seen.text).toMatch(/^<!doctype html>\s*<html lang="en">/i);
  // Texts are escaped, so what looks like a tag is one; what its attributes say in quotes is text again.
  const tags = seen.text.replaceAll(/="[^"]*"/g, '=""');
  expect(tags).not.toMatch(/<[a-z][^>]*\s(?:style|on[a-z]+)=|<style/i);
  expect(seen.text).not.toMatch(/="\s*javascript:/i);
  expect(seen.text.match(/<script/g)).toEqual(['<script']);
  expect(seen.text).toContain('<script src="/assets/page.js" defer');
  expect(seen.text).not.toMatch(/="[^"]*(?:NaN|undefined|Infinity)|>(?:NaN|undefined|null)<|\[object /);
}

/** Addresses of the same service that a page leads to. */
export function linksIn(seen: Seen): string[] {
  const found = [...seen.text.matchAll(/href="(\/p\/[^"]*)"/g)].map((match) => match[1] ?? '');
  return [...new Set(found)].map((href) => href.replaceAll('&amp;', '&'));
}
