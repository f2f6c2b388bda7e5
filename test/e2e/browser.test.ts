import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { createApi } from './api.ts';
import { ROOT, type RunningService, removeFolder, startService, until } from './service.ts';

/** The demo as `tidemark demo` leaves it behind, looked at in a real browser by following its own links. */
const executablePath = process.env.CHROMIUM;

if (executablePath === undefined) console.warn('CHROMIUM is not set: the demo is not looked at in a browser.');

const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  ...['--disable-sync', '--no-first-run'],
];

/** Names as a stranger may choose them: a browser must show them and never obey them. */
const IMAGE = '<img src=x onerror=alert(1)>';
const SCRIPT = '"><script>alert(1)</script>';

/** Every kind of page there is, by its address below a project. */
const KINDS: Readonly<Record<string, RegExp>> = {
  overview: /^\/p\/[^/]+$/,
  datasets: /^\/p\/[^/]+\/datasets$/,
  dataset: /^\/p\/[^/]+\/datasets\/[^/]+$/,
  version: /^\/p\/[^/]+\/datasets\/[^/]+\/versions\/[^/]+$/,
  models: /^\/p\/[^/]+\/models$/,
  model: /^\/p\/[^/]+\/models\/[^/]+$/,
  window: /^\/p\/[^/]+\/models\/[^/]+\/monitors\/[^/]+\/windows\/[^/]+$/,
  column: /^\/p\/[^/]+\/models\/[^/]+\/monitors\/[^/]+\/columns\/[^/]+$/,
  alerts: /^\/p\/[^/]+\/alerts$/,
  alert: /^\/p\/[^/]+\/alerts\/[^/]+$/,
  runs: /^\/p\/[^/]+\/runs$/,
  run: /^\/p\/[^/]+\/runs\/[^/]+$/,
  webhooks: /^\/p\/[^/]+\/webhooks$/,
  message: /^\/p\/[^/]+\/webhooks\/messages\/[^/]+$/,
  projects: /^\/projects$/,
  reference: /^\/docs$/,
};
const PAGES_OF_A_KIND = 3;

const kindOf = (path: string): string | undefined => Object.keys(KINDS).find((kind) => KINDS[kind]?.test(path));

/** A page, and everything that the browser complains of on it. */
async function openPage(context: BrowserContext, origin: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:')) complaints.push(`asked another host: ${url}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} for ${response.url()}`);
  });
  return { page, complaints };
}

/** Addresses on this service that a page links to, those in drawings too. */
const LINKS = "[...document.querySelectorAll('a[href]')].map((a) => new URL(a.getAttribute('href'), location).href)";
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

describe.skipIf(executablePath === undefined)('the demo in a browser (skipped without CHROMIUM)', () => {
  let service: RunningService;
  let browser: Browser;
  let told: string;

  beforeAll(async () => {
    const receiver = await freePort();
    service = await startService({ env: { TIDEMARK_WEBHOOK_ALLOW: `127.0.0.1:${receiver}` } });
    told = await playDemo(receiver);
    await pushHostile();
    await createApi(service.url).post('/v1/projects', { name: 'empty' });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ARGUMENTS });
  });
  afterAll(async () => {
    await browser?.close();
    await service.end();
    removeFolder(service.data);
  });

  async function playDemo(receiver: number): Promise<string> {
    const cli = join(ROOT, 'dist', 'src', 'cli.js');
    const args = ['--url', service.url, 'demo', '--receiver-port', String(receiver)];
    const child = spawn(process.execPath, [cli, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    if (code !== 0) throw new Error(`the demo ended with ${code}: ${said}`);
    return said;
  }

  /** A model of the project `default` whose columns have names that are markup. */
  async function pushHostile(): Promise<void> {
    const api = createApi(service.url);
    const values = Array.from({ length: 500 }, (_, i) => (i * 37) % 101);
    const csv = values.map((value, i) => `${value},${IMAGE}${i % 3},${i % 2}`).join('\n');
    const path = encodeURIComponent(`${SCRIPT}.csv`.replaceAll('/', '∕'));
    const message = encodeURIComponent(IMAGE);
    const header = `"${IMAGE}","${SCRIPT.replaceAll('"', '""')}",prediction`;
    await api.post(`/v1/datasets/hostile/versions?path=${path}&message=${message}`, `${header}\n${csv}\n`);
    await until('the profile', async () => {
      const { state } = await api.get('/v1/datasets/hostile/versions/v1/profile');
      return state === 'pending' ? null : state;
    });
    await api.post('/v1/models', { name: 'hostile', task: 'binary', positive_label: '1', description: SCRIPT });
    await api.post('/v1/models/hostile/versions', {
      dataset: 'hostile',
      ref: 'v1',
      roles: { prediction: 'prediction' },
    });
    await api.post('/v1/models/hostile/monitors', { name: 'daily', alert: { fire_after: 1 } });
    const lines = values.map((value, i) =>
      JSON.stringify({
        prediction_id: `${IMAGE}${i}`,
        timestamp: '2026-01-01T09:00:00Z',
        features: { [IMAGE]: value + 60, [SCRIPT]: `${SCRIPT}${i % 5}` },
        prediction: i % 2,
      }),
    );
    const type = { 'content-type': 'application/x-ndjson' };
    await api.post('/v1/models/hostile/predictions', lines.join('\n'), type);
    await api.post('/v1/models/hostile/watermark', { through: '2026-01-03T00:00:00Z' });
    await until('the alert', async () => {
      const { items } = await api.get<{ items: unknown[] }>('/v1/alerts?state=firing');
      return items.length === 1 ? items : null;
    });
  }

  /** Follows links from some addresses, a few pages of each kind; `look` sees every page once it is there. */
  async function follow(
    context: BrowserContext,
    from: readonly string[],
    look: (page: Page, kind: string) => Promise<void>,
  ) {
    const visited = new Map<string, string[]>();
    const { page, complaints } = await openPage(context, service.url);
    const waiting = from.map((path) => `${service.url}${path}`);
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      const { origin, pathname, search } = new URL(url);
      const kind = origin === service.url ? kindOf(pathname) : undefined;
      const seen = visited.get(kind ?? '') ?? [];
      if (kind === undefined || seen.includes(pathname + search) || seen.length >= PAGES_OF_A_KIND) continue;
      visited.set(kind, [...seen, pathname + search]);
      const answer = await page.goto(url);
      expect(answer?.status(), url).toBe(200);
      expect(await page.evaluate(OVERFLOW), `${url} is wider than the screen`).toBeLessThanOrEqual(0);
      await look(page, kind);
      // The browser gives back what the expression makes: a list of addresses.
      waiting.push(...((await page.evaluate(LINKS)) as string[]));
      expect(complaints, url).toEqual([]);
    }
    await page.close();
    return visited;
  }

  test('tells its story to its end', () => {
    expect(told).toMatch(/retrained as v2.*promoted/);
    expect(told).toMatch(/firing now: al_/);
  });

  test.each([
    { width: 1280, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
  ] as const)('every kind of page is whole, quiet and fits $width pixels', async ({ width, colorScheme }) => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const visited = await follow(context, ['/p/demo', '/p/empty', '/projects', '/docs'], async () => {});
    expect([...visited.keys()].toSorted()).toEqual(Object.keys(KINDS).toSorted());
    await context.close();
  });

  test('the pages show what has happened', async () => {
    const { page, complaints } = await openPage(await browser.newContext(), service.url);
    const read = async (path: string) => {
      await page.goto(`${service.url}${path}`);
      return page.locator('main').innerText();
    };
    expect(await read('/p/demo')).toMatch(/firing/i);
    const alerts = await read('/p/demo/alerts');
    expect(alerts).toMatch(/firing/i);
    expect(alerts).toMatch(/resolved/i);
    expect(await read('/p/demo/runs')).toMatch(/promoted/i);
    await read('/p/demo/models/employment');
    expect(await page.locator('svg.heat .cell').count()).toBeGreaterThan(50);
    expect(await read('/p/demo/webhooks')).toMatch(/delivered/i);
    expect(complaints).toEqual([]);
  });

  test('names that are markup are shown as text on every page that has them', async () => {
    const context = await browser.newContext();
    const shown = new Set<string>();
    const visited = await follow(context, ['/p/default'], async (page, kind) => {
      expect(await page.locator('img[src="x"]').count(), page.url()).toBe(0);
      const content = await page.locator('body').innerText();
      if (content.includes(IMAGE) || content.includes(SCRIPT)) shown.add(kind);
    });
    for (const kind of ['dataset', 'version', 'model', 'window', 'column', 'alert']) {
      expect(visited.has(kind), kind).toBe(true);
    }
    for (const kind of ['version', 'window', 'column']) expect(shown.has(kind), kind).toBe(true);
    await context.close();
  });
});
