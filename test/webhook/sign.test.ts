import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { readSecret, signatureHeaders, writePublicKey, writeSecret } from '../../src/webhook/sign.ts';

const v1 = (bytes: Uint8Array) => ({ scheme: 'v1' as const, bytes });
const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });

describe('signatureHeaders', () => {
  it('is taken by the verifier of the standardwebhooks package, whatever the text', () => {
    fc.assert(
      fc.property(bytes, fc.json(), (secret, body) => {
        const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body }, [v1(secret)]);
        expect(new Webhook(writeSecret(secret)).verify(body, headers)).toEqual(JSON.parse(body));
      }),
      { numRuns: 50 },
    );
  });

  it('signs what is sent: another body, id or time is refused', () => {
    const secret = new Uint8Array(32).fill(7);
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body: '{"a":1}' }, [v1(secret)]);
    const verifier = new Webhook(writeSecret(secret));
    expect(() => verifier.verify('{"a":2}', headers)).toThrow();
    expect(() => verifier.verify('{"a":1}', { ...headers, 'webhook-id': 'msg_2' })).toThrow();
    const shifted = String(Number(headers['webhook-timestamp']) + 1);
    expect(() => verifier.verify('{"a":1}', { ...headers, 'webhook-timestamp': shifted })).toThrow();
  });

  it('carries one signature for each secret in force, so that either verifies', () => {
    const secrets = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body: '{}' }, secrets.map(v1));
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of secrets) expect(new Webhook(writeSecret(secret)).verify('{}', headers)).toEqual({});
  });

  it('writes whole seconds, as the specification wants them', () => {
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(1_700_000_000_999), body: '{}' }, []);
    expect(headers['webhook-timestamp']).toBe('1700000000');
  });

  it('signs with ed25519 what the public key alone verifies (RFC 8032, test 1)', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const raw = Buffer.from('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', 'hex');
    expect(writePublicKey(seed)).toBe(`whpk_${raw.toString('base64')}`);
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(5000), body: '{"é":1}' }, [
      { scheme: 'v1a', bytes: seed },
    ]);
    const [scheme, signature = ''] = headers['webhook-signature']?.split(',') ?? [];
    expect(scheme).toBe('v1a');
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
      format: 'jwk',
    });
    const verifies = (text: string) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
    expect(verifies('msg_1.5.{"é":1}')).toBe(true);
    expect(verifies('msg_1.6.{"é":1}')).toBe(false);
  });
});

describe('readSecret', () => {
  it('takes back what it writes', () => {
    fc.assert(fc.property(bytes, (secret) => Buffer.from(secret).equals(asBytes(writeSecret(secret)))));
  });

  it.each([
    ['no prefix', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', /begin/],
    ['too short', writeSecret(new Uint8Array(23)), /24 to 64/],
    ['too long', writeSecret(new Uint8Array(65)), /24 to 64/],
    ['no base64', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!', /base64/],
    ['nothing', 'whsec_', /24 to 64/],
  ])('says what is wrong: %s', (_, text, problem) => {
    expect(readSecret(text)).toMatch(problem);
  });
});

function asBytes(text: string): Uint8Array {
  const read = readSecret(text);
  if (typeof read === 'string') throw new Error(read);
  return read;
}
