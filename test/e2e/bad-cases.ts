import { BAD_BODIES, BAD_MONITORS } from './bad-bodies.ts';
import { type BadCase, get, line, log, md5, NDJSON_TYPE, post } from './bad-requests.ts';

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
  { name: 'a manifest that is no list', ...manifest('{}'), status: 422, code: 'invalid-manifest', says: /array/ },
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
    ...{ status: 422, code: 'invalid-manifest', says: /\.\./ },
  },
];

const paths: BadCase[] = [
  {
    name: 'a push to a path that leads out',
    ...{ method: 'POST', path: '/v1/datasets/d/versions?path=../../x.csv', body: 'a\n1\n' },
    ...{ status: 400, code: 'bad-path', says: /\.\./ },
  },
  ...(
    [
      ['".." escaped', '%2e%2e%2f%2e%2e%2fv1', 'bad-path', /\.\./],
      ['".." as it stands', '../../v1', 'bad-path', /"\.\."/],
      ['".." escaped as segments', '%2e%2e/.%2E/v1', 'bad-path', /"\.\."/],
      ['U+0000', 'rows.csv%00', 'bad-path', /NUL/],
      ['a backslash', '..%5cv1', 'bad-path', /backslash/],
      ['".." escaped twice', '%252e%252e%252fv1', 'not-found', /file/],
      ['".." overlong', '%c0%ae%c0%ae%c0%afv1', 'not-found', /file/],
      ['a broken escape', '%zz', 'not-found', /file/],
    ] as const
  ).map(([name, path, code, says]) => ({
    name: `a pull of ${name}`,
    ...get(`/v1/datasets/d/versions/v1/files/${path}`),
    ...{ status: code === 'bad-path' ? 400 : 404, code, says },
  })),
  {
    name: 'an unknown ref, naming those there are',
    ...get('/v1/datasets/d/versions/v99'),
    ...{ status: 404, code: 'not-found', says: /v99.*v1/s },
  },
  {
    name: 'a dataset name that is none',
    ...get('/v1/datasets/a%20b'),
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

/** Everything that is wrong with a request in itself. */
export const BAD_CASES: readonly BadCase[] = [
  ...objects,
  ...paths,
  ...BAD_BODIES,
  ...BAD_MONITORS,
  ...webhooks,
  ...queries,
];
