import { expect, it } from 'vitest';
import { acceptsGzip } from '../../src/http/content-coding.ts';

it.each([
  ['gzip, deflate', true],
  ['deflate;q=0.5, GZIP;q=0.8', true],
  ['*', true],
  ['br, *;q=0.1', true],
  [undefined, false],
  ['', false],
  ['identity', false],
  ['gzip;q=0', false],
  ['*, gzip;q=0', false],
  ['gzip;q=x', false],
  ['xgzip', false],
])('Accept-Encoding: %s takes gzip: %s', (header, takes) => {
  expect(acceptsGzip(header)).toBe(takes);
});
