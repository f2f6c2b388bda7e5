import { createHash } from 'node:crypto';
import type { RawRequest } from './raw-http.ts';

/** What is sent wrongly, and how it is to be answered. The state of the service is the one of `bad-stage.ts`. */
export type BadCase = RawRequest & {
  readonly name: string;
  readonly status: number;
  /** The last segment of the problem's type. */
  readonly code: string;
  /** What the detail has to name, so that it helps. */
  readonly says: RegExp;
  /** Headers that have to come with it. */
  readonly answers?: Readonly<Record<string, RegExp>>;
};

const JSON_TYPE = { 'content-type': 'application/json' };
export const NDJSON_TYPE = { 'content-type': 'application/x-ndjson' };
export const GZIP = { ...NDJSON_TYPE, 'content-encoding': 'gzip' };

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** One prediction as a line; `features` is JSON text, so that it may be what JSON.stringify would not write. */
export const line = (id: string, features = '{"age":30,"plan":"basic"}'): string =>
  `{"prediction_id":"${id}","timestamp":"2026-01-03T09:00:00Z","features":${features},"prediction":0,"scores":0.2}\n`;

export const post = (path: string, body: unknown) => ({
  method: 'POST',
  path,
  headers: JSON_TYPE,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
export const log = (body: string | Uint8Array, headers: Record<string, string> = NDJSON_TYPE) => ({
  method: 'POST',
  path: '/v1/models/m/predictions',
  headers,
  body,
});
export const get = (path: string) => ({ method: 'GET', path });
