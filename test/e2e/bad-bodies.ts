import { gzipSync } from 'node:zlib';
import { type BadCase, GZIP, line, log, NDJSON_TYPE, post } from './bad-requests.ts';

export const BAD_BODIES: BadCase[] = [
  {
    name: 'JSON as text',
    ...{ ...post('/v1/models', { name: 'x' }), headers: { 'content-type': 'text/plain' } },
    ...{ status: 415, code: 'unsupported-media-type', says: /application\/json/ },
  },
  {
    name: 'rows as XML',
    ...log('<rows/>', { 'content-type': 'text/xml' }),
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
      ['no rows at all', '', /empty/],
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
  ...(
    [
      [
        'columns of two lengths',
        'application/json',
        '{"columns":{"prediction_id":["a","b"],"prediction":[1]}}',
        /length/,
      ],
      ['columns that are no lists', 'application/json', '{"columns":{"prediction_id":"a"}}', /list/],
      ['CSV without a name for a column', 'text/csv', 'prediction_id,,prediction\np,1,2\n', /column_2/],
      ['labels as CSV with a foreign column', 'text/csv', 'prediction_id,label,colour\np,1,red\n', /colour/],
    ] as const
  ).map(([name, type, body, says]) => ({
    name,
    ...post(`/v1/models/m/${name.startsWith('labels') ? 'labels' : 'predictions'}`, body),
    headers: { 'content-type': type },
    ...{ status: 422, code: 'invalid-body', says },
  })),
  ...(
    [
      ['Parquet that is none', 'application/vnd.apache.parquet', 'PAR1 and nothing else', /Parquet/],
      [
        'Parquet with a footer beyond its bytes',
        'application/vnd.apache.parquet',
        'PAR1xxxx\xff\xff\xff\x7fPAR1',
        /footer/,
      ],
      [
        'Arrow with a negative length',
        'application/vnd.apache.arrow.stream',
        '\xff\xff\xff\xff\x00\x00\x00\x80',
        /Arrow/,
      ],
      [
        'Arrow that claims a gigabyte',
        'application/vnd.apache.arrow.stream',
        '\xff\xff\xff\xff\x00\x00\x00\x40',
        /Arrow/,
      ],
      ['CSV with an open quote', 'text/csv', 'prediction_id,prediction\np,"1\n', /never closed/],
    ] as const
  ).map(([name, type, body, says]) => ({
    name,
    ...post('/v1/models/m/predictions', ''),
    headers: { 'content-type': type },
    body: Buffer.from(body, 'latin1'),
    ...{ status: 422, code: 'unreadable-data', says },
  })),
  {
    name: 'JSON that is no UTF-8',
    ...{ ...post('/v1/models', ''), body: Buffer.from([0x7b, 0xff, 0x7d]) },
    ...{ status: 400, code: 'bad-request', says: /UTF-8/ },
  },
];

export const BAD_MONITORS: BadCase[] = (
  [
    ['a window of 0 s', { window: { length: 0 } }, /window|second/],
    ['a window of PT0S', { window: { length: 'PT0S' } }, /window|second/],
    ['a window below zero', { window: { length: -5 } }, /window|second/],
    ['a window of a million years', { window: { length: 'P99999999W' } }, /window|year/],
    ['a window of a month', { window: { length: 'P1M' } }, /month/],
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
BAD_MONITORS.push({
  name: 'a monitor whose alpha is NaN',
  ...post('/v1/models/m/monitors', '{"name":"bad","alpha":NaN}'),
  ...{ status: 400, code: 'bad-request', says: /JSON/ },
});
