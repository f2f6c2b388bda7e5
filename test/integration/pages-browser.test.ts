import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { type HttpServer, listen } from '../../src/http/server.ts';
import { type Act, day, MODEL, startAct } from '../domain/retraining/act.ts';

/** Debian's browser, or the one that the environment names. */
const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];

const HOSTILE = `"<img src=x onerror=alert(1)>","""><script>alert(1)</script>",\u202egnp.exe\u2066\n<svg onload=alert(1)>,1,2\n`;

/**
 * What of a page nobody sees or reaches: sections beyond the edge; cells lower than their label, which takes two lines
 * beside a value of one; wide parts that keys cannot step to; links that colour alone tells from a sentence.
 */
const LACKS = `(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const lists = [
    all('.bar nav a').filter((link) => link.getBoundingClientRect().right > innerWidth),
    all('.stack td').filter((cell) => cell.clientHeight < parseFloat(getComputedStyle(cell, '::before').height)),
    all('pre, .scroll, .run-steps').filter((part) => part.scrollWidth > part.clientWidth && part.tabIndex < 0),
    all('main p a:not([class])').filter((link) => getComputedStyle(link).textDecorationLine !== 'underline'),
  ];
  return lists.map((list) => list.map((part) => part.outerHTML.slice(0, 100)));
})()`;

describe.skipIf(!existsSync(BROWSER))('pages in a browser', () => {
  let act: Act;
  let server: HttpServer;
  let browser: Browser;
  beforeAll(async () => {
    act = await startAct();
    for (const n of [0, 1]) await act.logDay(n);
    for (const n of [2, 3, 4]) await act.logDay(n, { shift: 1 });
    await act.call('POST', '/v1/datasets/hostile/versions?path=%3Cimg%20onerror%3E.csv', HOSTILE, {
      'content-type': 'text/csv',
    });
    await act.call('POST', '/v1/datasets/hostile/versions?path=%3Cimg%20onerror%3E.csv', `${HOSTILE}x,y,z\n`, {
      'content-type': 'text/csv',
    });
    await act.drain();
    server = await listen(createApp(act.ctx), { host: '127.0.0.1', port: 0 });
    browser = await chromium.launch({ executablePath: BROWSER, args: QUIET });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close(0);
    await act?.close();
  });

  const start = encodeURIComponent(new Date(day(3)).toISOString());
  const monitor = `/p/default/models/${MODEL}/monitors/daily`;
  const PATHS = [
    '/p/default',
    '/p/default/datasets',
    '/p/default/datasets/hostile',
    '/p/default/datasets/hostile/versions/v1',
    '/p/default/datasets/hostile/diff/v1..v2',
    '/p/default/datasets/hostile/diff/v1..v2?rows=true&key=',
    '/p/default/datasets/credit/versions/v1',
    `/p/default/models/${MODEL}`,
    `${monitor}/windows/${start}`,
    `${monitor}/columns/income?window=${start}`,
    '/p/default/alerts',
    '/p/default/runs',
    '/p/default/webhooks',
    '/p/default/storage',
    '/projects',
    '/sign-in',
  ];

  it.each([
    { width: 1280, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ] as const)('report no breach of the policy and fit $width pixels, $colorScheme', async ({ width, colorScheme }) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) said.push(message.text());
    });
    page.on('pageerror', (error) => said.push(error.message));
    page.on('dialog', (dialog) => {
      said.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    for (const path of PATHS) {
      const answer = await page.goto(`http://127.0.0.1:${server.port}${path}`);
      expect(answer?.status(), path).toBe(200);
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(over, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
      expect(await page.locator('main h1').count(), path).toBe(1);
    }
    expect(said).toEqual([]);
    await context.close();
  });

  it('lead by clicks from the overview to the column that drifted', async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.port}/`);
    await page.locator('.alert-line.firing').click();
    await page.getByRole('link', { name: 'income' }).click();
    await page.locator('h1', { hasText: 'income' }).waitFor();
    // All of the page, and not what had come of it by then.
    await page.waitForLoadState();
    expect(await page.locator('.chart .ref').count()).toBeGreaterThan(10);
    await page.getByRole('link', { name: '← before' }).click();
    await page.locator('h1 .state', { hasText: /^drift$/ }).waitFor();
    await page.close();
  });

  it('show on a phone all of what they have, and lead to all of it by keys', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
    for (const path of PATHS) {
      await page.goto(`http://127.0.0.1:${server.port}${path}`);
      const found = await page.evaluate(LACKS);
      expect(found, path).toEqual([[], [], [], []]);
    }
    await page.close();
  });

  it('offer to copy commands once the script runs', async () => {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.port}/p/default/datasets/credit/versions/v1`);
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(2);
    await page.close();
  });
});
