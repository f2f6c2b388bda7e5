import { describe, expect, it } from 'vitest';
import { isTidemarkError } from '../../src/errors.ts';
import { addressRule, plainAddress } from '../../src/webhook/address.ts';
import { readTarget } from '../../src/webhook/target.ts';

const strict = addressRule([]);

function codeOf(url: string, allow: readonly string[] = []): string {
  try {
    readTarget(url, addressRule(allow));
    return 'taken';
  } catch (error) {
    if (isTidemarkError(error)) return error.code;
    throw error;
  }
}

function messageOf(url: string): string {
  try {
    readTarget(url, strict);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

const BLOCKED_HOSTS = [
  '127.0.0.1',
  '127.255.255.254',
  '0x7f.1',
  '2130706433',
  '017700000001',
  '１２７.０.０.１',
  'localhost',
  'localhost.',
  'api.localhost',
  'LOCALHOST',
  '0.0.0.0',
  '0',
  '10.0.0.1',
  '100.64.0.1',
  '100.127.255.255',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '[::]',
  '[::1]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::1]',
  '[100::1]',
  '[2001::1]',
  '[2001:db8::1]',
  '[2002:7f00:1::]',
  '[3fff::1]',
  '[5f00::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
];

describe('readTarget', () => {
  it.each(BLOCKED_HOSTS)('refuses %s on either scheme', (host) => {
    expect(codeOf(`https://${host}/hook`)).toBe('blocked-address');
    expect(codeOf(`http://${host}/hook`)).toBe('blocked-address');
  });

  it.each([
    'https://93.184.215.14/hook',
    'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook',
    'https://[::ffff:93.184.215.14]/hook',
    'https://example.com',
    'https://example.com:8443/a/b?c=d',
    'https://100.128.0.1/',
    'https://172.32.0.1/',
    'https://bücher.example/',
  ])('takes %s', (url) => {
    expect(codeOf(url)).toBe('taken');
  });

  it.each([
    ['no URL', 'not a url'],
    ['a relative one', '/hook'],
    ['an empty host', 'https://./'],
    ['ftp', 'ftp://example.com/'],
    ['file', 'file:///etc/passwd'],
    ['gopher', 'gopher://example.com/'],
    ['javascript', 'javascript:alert(1)'],
    ['plain http to a public address', 'http://93.184.215.14/'],
    ['an odd port', 'https://93.184.215.14:22/'],
    ['a user name', 'https://user@example.com/'],
    ['a password', 'https://user:pass@example.com/'],
    ['a fragment', 'https://example.com/#top'],
    ['an empty fragment', 'https://example.com/#'],
    ['3,000 characters', `https://example.com/${'a'.repeat(3000)}`],
  ])('refuses the form: %s', (_, url) => {
    expect(codeOf(url)).toBe('invalid-body');
  });

  it('marks a name as exceptional where only the operator could admit it', () => {
    expect(readTarget('http://example.com/', strict).exceptional).toContain('https');
    expect(readTarget('https://example.com:9000/', strict).exceptional).toContain('port');
    expect(readTarget('https://example.com/', strict).exceptional).toBeNull();
  });
});

describe('the allow-list', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:9000/', 'taken'],
    ['127.0.0.1', 'http://localhost:9000/', 'taken'],
    ['127.0.0.1:9000', 'http://127.0.0.1:9000/', 'taken'],
    ['127.0.0.1:9000', 'http://127.0.0.1:9001/', 'blocked-address'],
    ['127.0.0.1:9000', 'http://127.0.0.1/', 'blocked-address'],
    ['127.0.0.1:443', 'https://127.0.0.1/', 'taken'],
    ['10.1.0.0/16', 'https://10.1.255.255/', 'taken'],
    ['10.1.0.0/16', 'https://10.2.0.1/', 'blocked-address'],
    ['10.1.0.0/16:8080', 'http://10.1.2.3:8080/', 'taken'],
    ['10.1.0.0/16', 'http://[::ffff:10.1.2.3]/', 'taken'],
    ['::1', 'http://[::1]:9000/', 'taken'],
    ['[::1]:9000', 'http://[::1]:9000/', 'taken'],
    ['[::1]:9000', 'http://[::1]:9001/', 'blocked-address'],
    ['fd00::/8', 'http://[fd12::1]/', 'taken'],
    ['[fd00::]/8:8080', 'http://[fd12::1]:8080/', 'taken'],
    ['93.184.215.14:80', 'http://93.184.215.14/', 'taken'],
  ])('%s: %s is %s', (entry, url, expected) => {
    expect(codeOf(url, [entry])).toBe(expected);
  });

  it.each(['http://127.0.0.1:9000/hook', 'https://10.1.2.3/', 'http://localhost:81/', 'http://[fd12::1]:8080/'])(
    'would take %s by the entry that its refusal names',
    (url) => {
      const [, entry] = /_ALLOW, this one as (.*)\.$/.exec(messageOf(url)) ?? [];
      expect(codeOf(url, [String(entry)])).toBe('taken');
      const elsewhere = new URL(url);
      elsewhere.port = '999';
      expect(codeOf(elsewhere.href, [String(entry)])).toBe('blocked-address');
    },
  );

  it.each(['localhost', '10.0.0.0/33', '10.0.0.0/8:70000', '10.0.0.1:0', '::/129', '1.2.3', '', '[::1', '10.0.0.1/'])(
    'refuses the entry "%s"',
    (entry) => {
      expect(() => addressRule([entry])).toThrow(expect.objectContaining({ code: 'invalid-configuration' }));
    },
  );
});

describe('plainAddress', () => {
  it.each([
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::ffff:7f00:1', '127.0.0.1'],
    ['0:0:0:0:0:ffff:10.0.0.1', '10.0.0.1'],
    ['[fe80::1%eth0]', 'fe80::1'],
    ['fe80::1%25eth0', 'fe80::1'],
    ['::ffff:255.255.255.255', '255.255.255.255'],
    ['8.8.8.8', '8.8.8.8'],
    ['example.com', null],
    ['', null],
  ])('%s → %s', (text, expected) => {
    expect(plainAddress(text)).toBe(expected);
  });

  it('judges what is no address as blocked', () => {
    expect(strict('', 443)).toBe('blocked');
    expect(strict('fe80::1%eth0', 443)).toBe('blocked');
  });
});
