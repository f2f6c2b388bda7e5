import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
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
const NDJSON_TYPE = { 'content-type': 'application/x-ndjson' };
const GZIP = { ...NDJSON_TYPE, 'content-encoding': 'gzip' };

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** One prediction as a line; `features` is JSON text, so that it may be what JSON.stringify would not write. */
export const line = (id: string, features = '{"age":30,"plan":"basic"}'): string =>
  `{"prediction_id":"${id}","timestamp":"2026-01-03T09:00:00Z","features":${features},"prediction":0,"scores":0.2}\n`;

const post = (path: string, body: unknown) => ({
  method: 'POST',
  path,
  headers: JSON_TYPE,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const log = (body: string | Uint8Array, headers: Record<string, string> = NDJSON_TYPE) => ({
  method: 'POST',
  path: '/v1/models/m/predictions',
  headers,
  body,
});
const get = (path: string) => ({ method: 'GET', path });
const manifest = (text: string) => ({ method: 'PUT', path: `/v1/objects/${md5(text)}.dir`, body: text });

const objects: BadCase[] = [
  {
    name: 'bytes that do not bear out their name',
    ...{ method: 'PUT', path: `/v1/objects/${md5('these')}`, body: 'those' },
    ...{ status: 400, code: 'digest-mismatch', says: new RegExp(md5('those')) },
  },
  {
    name: 'bytes that do not bear out the announced SHA-256',
    ...{ method: 'PUT', path: `/v1/objects/${md5('x')}?sha256=${'0'.repeat(64)}`, body: 'x' },
    ...{ status: 400, code: 'digest-mismatch', says: /SHA-256/i },
  },
  {
    name: 'a push that does not bear out its Content-MD5',
    ...{ method: 'POST', path: '/v1/datasets/d/versions?path=a.csv', body: 'a\n1\n' },
    headers: { 'content-md5': Buffer.alloc(16).toString('base64') },
    ...{ status: 400, code: 'digest-mismatch', says: /MD5/ },
  },
  {
    name: 'an object name that is none',
    ...{ method: 'PUT', path: `/v1/objects/${md5('x').toUpperCase()}`, body: 'x' },
    ...{ status: 400, code: 'bad-path', says: /MD5|name/i },
  },
  ...(
    [
      ['leads out of its folder', [{ md5: md5('held'), relpath: '../x' }], /\.\./],
      ['is absolute', [{ md5: md5('held'), relpath: '/etc/passwd' }], /\/etc\/passwd|absolute|begin/],
      ['holds U+0000', [{ md5: md5('held'), relpath: 'a\u0000b' }], /./],
      ['has a backslash', [{ md5: md5('held'), relpath: '..\\x' }], /./],
    ] as const
  ).map(([name, entries, says]) => ({
    name: `a manifest whose path ${name}`,
    ...manifest(JSON.stringify(entries)),
    ...{ status: 422, code: 'invalid-manifest', says },
  })),
  {
    name: 'a manifest that names a path twice',
    ...manifest(JSON.stringify([md5('held'), md5('held')].map((oid) => ({ md5: oid, relpath: 'a' })))),
    ...{ status: 422, code: 'invalid-manifest', says: /"a"/ },
  },
  {
    name: 'a manifest with a file that is also a folder',
    ...manifest(JSON.stringify(['a', 'a/b'].map((relpath) => ({ md5: md5('held'), relpath })))),
    ...{ status: 422, code: 'invalid-manifest', says: /a/ },
  },
  { name: 'a manifest that is no JSON', ...manifest('[{'), status: 422, code: 'invalid-manifest', says: /JSON/ },
  { name: 'a manifest that is no list', ...manifest('{}'), status: 422, code: 'invalid-manifest', says: /list/ },
  {
    name: 'a manifest nested 100,000 deep',
    ...manifest('['.repeat(100_000) + ']'.repeat(100_000)),
    ...{ status: 422, code: 'invalid-manifest', says: /./ },
  },
  {
    name: 'a manifest whose members are not held',
    ...manifest(JSON.stringify([{ md5: '0'.repeat(32), relpath: 'a' }])),
    ...{ status: 409, code: 'missing-children', says: /./ },
  },
  {
    name: 'a commit of files that are not held',
    ...post('/v1/datasets/d/versions', { files: [{ path: 'a', md5: '0'.repeat(32) }] }),
    ...{ status: 409, code: 'missing-children', says: /./ },
  },
  {
    name: 'a commit whose path leads out',
    ...post('/v1/datasets/d/versions', { files: [{ path: '../a', md5: md5('held') }] }),
    ...{ status: 400, code: 'bad-path', says: /\.\./ },
  },
];

const paths: BadCase[] = [
  {
    name: 'a push to a path that leads out',
    ...{ method: 'POST', path: '/v1/datasets/d/versions?path=../../x.csv', body: 'a\n1\n' },
    ...{ status: 400, code: 'bad-path', says: /\.\./ },
  },
  ...[
    ['encoded', '%2e%2e%2f%2e%2e%2fv1'],
    ['encoded twice', '%252e%252e%252fv1'],
    ['overlong', '%c0%ae%c0%ae%c0%afv1'],
    ['with U+0000', 'rows.csv%00'],
    ['with a backslash', '..%5cv1'],
    ['with a broken escape', '%zz'],
  ].map(([name, path]) => ({
    name: `a pull of ".." ${name}`,
    ...get(`/v1/datasets/d/versions/v1/files/${path}`),
    ...{ status: 404, code: 'not-found', says: /file/ },
  })),
  {
    name: 'a pull of ".." as it stands',
    ...get('/v1/datasets/d/versions/v1/files/../../v1'),
    ...{ status: 404, code: 'not-found', says: /./ },
  },
  {
    name: 'an unknown ref, naming those there are',
    ...get('/v1/datasets/d/versions/v99'),
    ...{ status: 404, code: 'not-found', says: /v99.*v1/s },
  },
  {
    name: 'a dataset name that is none',
    ...get('/v1/datasets/%2e%2e'),
    status: 400,
    code: 'bad-request',
    says: /dataset/,
  },
  {
    name: 'an unknown model, naming those there are',
    ...get('/v1/models/x'),
    status: 404,
    code: 'not-found',
    says: /"?m"?/,
  },
  { name: 'an unknown monitor', ...get('/v1/models/m/monitors/x'), status: 404, code: 'not-found', says: /daily/ },
  { name: 'an unknown alert', ...get('/v1/alerts/ep_x'), status: 404, code: 'not-found', says: /alert/i },
  { name: 'an unknown run', ...get('/v1/runs/run_x'), status: 404, code: 'not-found', says: /run/ },
  { name: 'an unknown report', ...get('/v1/reports/rep_x'), status: 404, code: 'not-found', says: /report/ },
  { name: 'an unknown address', ...get('/v1/nothing'), status: 404, code: 'not-found', says: /address/ },
  {
    name: 'a method that is not possible',
    ...{ method: 'DELETE', path: '/v1/datasets' },
    ...{ status: 405, code: 'method-not-allowed', says: /GET/, answers: { allow: /GET/ } },
  },
  ...['..%2fx', 'latest', 'v7', 'x'.repeat(300), '%F0%9F%98%80', 'a%0d%0ab', '-x', md5('tag')].map((tag) => ({
    name: `a tag named ${tag.slice(0, 40)}`,
    ...{ ...post(`/v1/datasets/d/tags/${tag}`, { ref: 'v1' }), method: 'PUT' },
    ...{ status: 422, code: 'invalid-body', says: /tag/i },
  })),
];

const bodies: BadCase[] = [
  {
    name: 'JSON as text',
    ...{ ...post('/v1/models', { name: 'x' }), headers: { 'content-type': 'text/plain' } },
    ...{ status: 415, code: 'unsupported-media-type', says: /application\/json/ },
  },
  {
    name: 'rows as CSV',
    ...log('a,b\n', { 'content-type': 'text/csv' }),
    ...{ status: 415, code: 'unsupported-media-type', says: /ndjson/ },
  },
  {
    name: 'an encoding that nobody knows',
    ...log(line('p'), { ...NDJSON_TYPE, 'content-encoding': 'rot13' }),
    ...{ status: 415, code: 'unsupported-media-type', says: /gzip/ },
  },
  {
    name: 'gzip that ends early',
    ...log(gzipSync(line('p')).subarray(0, 40), GZIP),
    status: 400,
    code: 'bad-request',
    says: /gzip/,
  },
  { name: 'gzip that is none', ...log(line('p'), GZIP), status: 400, code: 'bad-request', says: /gzip/ },
  {
    name: 'a gzip bomb',
    ...log(gzipSync(Buffer.alloc(256 * 1024 ** 2, 32)), GZIP),
    ...{ status: 413, code: 'too-large', says: /\d/ },
  },
  ...(
    [
      ['a broken line', `${line('p1')}{"prediction_id":\n`, /line 2/],
      ['1e999', line('p', '{"age":1e999}'), /line 1/],
      ['\\u0000', line('p', '{"plan":"\\u0000"}'), /line 1/],
      ['nesting 100,000 deep', line('p', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`), /line 1/],
      ['a key twice', line('p', '{"age":1,"age":2}'), /line 1/],
      ['__proto__', line('p', '{"__proto__":{"admin":true}}'), /line 1/],
      ['an unknown field', line('p').replace('"prediction"', '"foretold"'), /line 1/],
      ['no rows at all', '', /row/],
    ] as const
  ).map(([name, body, says]) => ({
    name: `predictions with ${name}`,
    ...log(body),
    ...{ status: 422, code: 'invalid-rows', says },
  })),
  ...(
    [
      ['1e999', '{"name":"x","description":"","task":1e999}', 'invalid-body', /1e999/],
      ['an integer that JSON.parse rounds', '{"name":"x","task":9007199254740993}', 'invalid-body', /9007199254740993/],
      ['\\u0000', '{"name":"x","description":"\\u0000"}', 'invalid-body', /u0000/],
      ['nesting 100,000 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'invalid-body', /64/],
      ['a key twice', '{"name":"x","name":"y"}', 'invalid-body', /name/],
      ['__proto__', '{"__proto__":{"admin":true},"name":"x"}', 'invalid-body', /__proto__/],
      ['an unknown field', '{"name":"x","colour":"red"}', 'unknown-field', /colour/],
      ['nothing', '', 'bad-request', /JSON/],
      ['half of a text', '{"name":', 'bad-request', /JSON/],
    ] as const
  ).map(([name, body, code, says]) => ({
    name: `a model with ${name}`,
    ...post('/v1/models', body),
    ...{ status: code === 'bad-request' ? 400 : 422, code, says },
  })),
  {
    name: 'JSON that is no UTF-8',
    ...{ ...post('/v1/models', ''), body: Buffer.from([0x7b, 0xff, 0x7d]) },
    ...{ status: 400, code: 'bad-request', says: /UTF-8/ },
  },
];

const monitors: BadCase[] = (
  [
    ['a window of 0 s', { window: { length: 0 } }, /window|second/],
    ['a window of PT0S', { window: { length: 'PT0S' } }, /window|second/],
    ['a window below zero', { window: { length: -5 } }, /window|second/],
    ['a window of a million years', { window: { length: 'P99999999W' } }, /window|year/],
    ['a window of a month', { window: { length: 'P1M' } }, /P1M|duration/],
    ['alpha as text', { alpha: 'NaN' }, /alpha/],
    ['alpha null, as NaN is written in JSON', { alpha: null }, /alpha/],
    ['an effect below zero', { effects: { psi: -1 } }, /psi/],
    ['an effect of nothing', { effects: { nonsense: 0.1 } }, /nonsense/],
    ['columns that the reference lacks', { columns: { include: ['nowhere'] } }, /nowhere/],
    ['a ref that is unknown', { dataset: 'd', ref: 'v99' }, /v99/],
    ['minimum rows of 1.5', { minimum_rows: 1.5 }, /minimum_rows/],
  ] as const
).map(([name, body, says]) => ({
  name: `a monitor with ${name}`,
  ...post('/v1/models/m/monitors', { name: 'bad', ...body }),
  ...('ref' in body ? { status: 404, code: 'not-found' } : { status: 422, code: 'invalid-body' }),
  says,
}));
monitors.push({
  name: 'a monitor whose alpha is NaN',
  ...post('/v1/models/m/monitors', '{"name":"bad","alpha":NaN}'),
  ...{ status: 400, code: 'bad-request', says: /JSON/ },
});

const webhooks: BadCase[] = (
  [
    ['http://2130706433/', 'blocked-address'],
    ['http://127.0.0.1/', 'blocked-address'],
    ['http://127.1/', 'blocked-address'],
    ['https://0x7f000001/', 'blocked-address'],
    ['http://[::ffff:127.0.0.1]/', 'blocked-address'],
    ['http://[::1]/', 'blocked-address'],
    ['http://localhost./', 'blocked-address'],
    ['http://169.254.169.254/latest/', 'blocked-address'],
    ['http://10.0.0.1/', 'blocked-address'],
    ['ftp://127.0.0.1/', 'invalid-body'],
    ['file:///etc/passwd', 'invalid-body'],
    ['javascript:alert(1)', 'invalid-body'],
    ['not an address', 'invalid-body'],
  ] as const
).map(([url, code]) => ({
  name: `a webhook to ${url}`,
  ...post('/v1/webhooks', { url }),
  ...{ status: 422, code, says: /./ },
}));

const queries: BadCase[] = [
  ...['nonsense', 'bnVsbA', 'eyJhIjoxfQ', '%00', 'MWU5OTk', 'OTk5OTk5OTk5OTk5'].map((cursor) => ({
    name: `the cursor ${cursor}`,
    ...get(`/v1/datasets/d/versions?cursor=${cursor}`),
    ...{ status: 400, code: 'bad-request', says: /cursor/ },
  })),
  ...['-1', '0', '1e3', '100000', '', 'ten'].map((limit) => ({
    name: `the limit "${limit}"`,
    ...get(`/v1/datasets/d/versions?limit=${limit}`),
    ...{ status: 400, code: 'bad-request', says: /limit/ },
  })),
  {
    name: 'a parameter twice',
    ...get('/v1/datasets?limit=1&limit=2'),
    ...{ status: 400, code: 'bad-request', says: /"limit" stands twice/ },
  },
  { name: 'an unknown parameter', ...get('/v1/datasets?colour=red'), status: 400, code: 'bad-request', says: /colour/ },
  {
    name: 'another project that is unknown',
    ...get('/v1/datasets?project=nobody'),
    ...{ status: 404, code: 'not-found', says: /project/ },
  },
  ...['bytes=9-1', 'bytes=999999999-', 'bytes=-', 'bytes=0-0,1-1', 'bytes=x', `bytes=${'0-0,'.repeat(1500)}0-0`].map(
    (range) => ({
      name: `the range ${range.slice(0, 30)}`,
      ...{ ...get('/v1/datasets/d/versions/v1/files/rows.csv'), headers: { range } },
      ...{ status: 416, code: 'range-not-satisfiable', says: /range/, answers: { 'content-range': /^bytes \*\/\d+$/ } },
    }),
  ),
  {
    name: 'an idempotency key with blanks',
    ...log(line('p'), { ...NDJSON_TYPE, 'idempotency-key': 'a b' }),
    ...{ status: 400, code: 'bad-request', says: /Idempotency-Key/ },
  },
];

export const BAD_CASES: readonly BadCase[] = [...objects, ...paths, ...bodies, ...monitors, ...webhooks, ...queries];
