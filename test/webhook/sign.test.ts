import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signatureHeaders, writeSecret } from '../../src/webhook/sign.ts';

const bytes = fc.uint8Array({ minLength: 24, maxLength: 64 });

describe('signatureHeaders', () => {
  it('is taken by the verifier of the standardwebhooks package, whatever the text', () => {
    fc.assert(
      fc.property(bytes, fc.json(), (secret, body) => {
        const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body }, [secret]);
        expect(new Webhook(writeSecret(secret)).verify(body, headers)).toEqual(JSON.parse(body));
      }),
      { numRuns: 50 },
    );
  });

  it('signs what is sent: another body, id or time is refused', () => {
    const secret = new Uint8Array(32).fill(7);
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body: '{"a":1}' }, [secret]);
    const verifier = new Webhook(writeSecret(secret));
    expect(() => verifier.verify('{"a":2}', headers)).toThrow();
    expect(() => verifier.verify('{"a":1}', { ...headers, 'webhook-id': 'msg_2' })).toThrow();
    const shifted = String(Number(headers['webhook-timestamp']) + 1);
    expect(() => verifier.verify('{"a":1}', { ...headers, 'webhook-timestamp': shifted })).toThrow();
  });

  it('carries one signature for each secret in force, so that either verifies', () => {
    const secrets = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(), body: '{}' }, secrets);
    expect(headers['webhook-signature']?.split(' ')).toHaveLength(2);
    for (const secret of secrets) expect(new Webhook(writeSecret(secret)).verify('{}', headers)).toEqual({});
  });

  it('writes whole seconds, as the specification wants them', () => {
    const headers = signatureHeaders({ id: 'msg_1', at: new Date(1_700_000_000_999), body: '{}' }, []);
    expect(headers['webhook-timestamp']).toBe('1700000000');
  });
});
