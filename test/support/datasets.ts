import { createHash } from 'node:crypto';
import { createApp } from '../../src/http/app.ts';
import type { App } from '../../src/http/route.ts';
import { createMemoryRemote, type MemoryRemote } from '../../src/store/remotes/remote-memory.ts';
import { createTestContext, type TestContext } from './context.ts';
import { createTestDatabase } from './database.ts';

/** The service's routes on a database of their own, with objects in memory that a test may spoil. */
export type DatasetService = {
  readonly app: App;
  readonly ctx: TestContext;
  readonly remote: MemoryRemote;
  /** Sends a request; a JSON body unless `body` is bytes. */
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** Pushes an object and returns its MD5. */
  readonly hold: (bytes: string | Uint8Array) => Promise<string>;
  readonly close: () => Promise<void>;
};

type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
};

export async function startDatasetService(environment: Record<string, string> = {}): Promise<DatasetService> {
  const database = await createTestDatabase();
  const remote = createMemoryRemote();
  const ctx = await createTestContext(database.url, { remote, environment });
  const app = createApp(ctx);
  const send: DatasetService['send'] = async (method, path, body, headers = {}) => {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const type: Record<string, string> = raw ? {} : { 'content-type': 'application/json' };
    const init: RequestInit = { method, headers: { ...type, ...headers } };
    if (body !== undefined) init.body = raw ? (body as string) : JSON.stringify(body);
    const response = await app.request(path, init);
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : {}, text };
  };
  const hold: DatasetService['hold'] = async (bytes) => {
    const md5 = md5Of(bytes);
    await send('PUT', `/v1/objects/${md5}`, bytes);
    return md5;
  };
  const close = async (): Promise<void> => {
    await ctx.close();
    await database.drop();
  };
  return { app, ctx, remote, send, hold, close };
}

export const md5Of = (bytes: string | Uint8Array): string => createHash('md5').update(bytes).digest('hex');
export const sha256Of = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
