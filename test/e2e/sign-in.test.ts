import { chromium } from 'playwright-core';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { createApi } from './api.ts';
import { type RunningService, removeFolder, startService } from './service.ts';

/** Only a browser knows what it sends along with a form: its origin, by the policy of the page that holds it. */
const executablePath = process.env.CHROMIUM;

if (executablePath === undefined) console.warn('CHROMIUM is not set: nobody signs in with a browser.');

describe.skipIf(executablePath === undefined)('signing in with a browser (skipped without CHROMIUM)', () => {
  let service: RunningService | undefined;
  afterEach(async () => {
    await service?.end();
    if (service !== undefined) removeFolder(service.data);
  });

  test.each(['', '/tidemark'])('opens the pages, and ends with signing out, below "%s"', async (base) => {
    const port = await freePort();
    const home = `http://127.0.0.1:${port}${base}`;
    service = await startService({ port, env: { TIDEMARK_PUBLIC_URL: home } });
    const { key } = await createApi(service.url).post<{ key: string }>('/v1/keys', { name: 'ada', scopes: ['admin'] });
    const browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-gpu'],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`${home}/p/default/models`);
      await page.fill('input[name=key]', key);
      await page.click(`form[action="${base}/sign-in"] button`);
      await page.waitForURL(`${home}/p/default/models`);
      expect(await page.title()).toContain('Models');
      await page.click('nav >> text=Datasets');
      await page.waitForURL(`${home}/p/default/datasets`);
      await page.click(`form[action="${base}/sign-out"] button`);
      await page.waitForURL(`${home}/sign-in`);
      expect((await page.goto(`${home}/p/default`))?.status()).toBe(401);
    } finally {
      await browser.close();
    }
  });
});
