import { describe, expect, it } from 'vitest';
import { isOwnAddress } from '../../../src/domain/webhook/own-address.ts';

const own = { publicUrl: 'https://data.example.com', host: '10.1.2.3', port: 8490 };

describe('the address of the service itself', () => {
  it.each([
    'https://data.example.com/v1/datasets/x/versions?path=a.csv',
    'http://127.0.0.1:8490/',
    'http://127.1.2.3:8490/',
    'http://2130706433:8490/',
    'http://localhost:8490/',
    'http://localhost.:8490/',
    'http://any.localhost:8490/',
    'http://[::1]:8490/',
    'http://[::ffff:127.0.0.1]:8490/',
    'http://0.0.0.0:8490/',
    'http://10.1.2.3:8490/',
  ])('is %s', (url) => {
    expect(isOwnAddress(url, own)).toBe(true);
  });

  it.each([
    'https://example.com/',
    'https://data.example.com:8443/',
    'http://127.0.0.1:9000/',
    'http://127.0.0.1/',
    'http://10.1.2.4:8490/',
    'https://localhost.example.com:8490/',
  ])('is not %s', (url) => {
    expect(isOwnAddress(url, own)).toBe(false);
  });
});
