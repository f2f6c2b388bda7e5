import { describe, expect, it } from 'vitest';
import { isSignedBy, isTimely, mlflowSignature } from '../../src/webhook/mlflow-signature.ts';

/** Made by `mlflow.webhooks.delivery._generate_hmac_signature` of MLflow 3.17.2. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const delivery = { id: '5f0d7a1c', timestamp: '1770000000', body: '{"entity": "model_version_alias"}' };
const SIGNED = 'v1,1LfgKEsn6+0vNfM5gU0iZNO60G+P4hhP5lsctKuT9EM=';

describe('the signature of MLflow', () => {
  it('is the one that MLflow makes', () => {
    expect(mlflowSignature(SECRET, delivery)).toBe(SIGNED);
    expect(isSignedBy(SECRET, delivery, SIGNED)).toBe(true);
  });

  it('is one of several', () => {
    expect(isSignedBy(SECRET, delivery, `v1,AAAA v2,x ${SIGNED}`)).toBe(true);
  });

  it.each([
    ['another secret', { secret: `${SECRET}x` }],
    ['another id', { id: '5f0d7a1d' }],
    ['another time', { timestamp: '1770000001' }],
    ['another body', { body: '{"entity":"model_version_alias"}' }],
    ['a part of it', { signatures: SIGNED.slice(0, -2) }],
    ['none', { signatures: '' }],
  ])('is wrong for %s', (_, { secret = SECRET, signatures = SIGNED, ...other }: Record<string, string>) => {
    expect(isSignedBy(secret, { ...delivery, ...other }, signatures)).toBe(false);
  });
});

describe('the time of a delivery', () => {
  it.each([
    ['1770000000', true],
    ['1769999700', true],
    ['1770000300', true],
    ['1769999699', false],
    ['1770000301', false],
    ['-1', false],
    ['1.77e9', false],
    ['', false],
    ['NaN', false],
  ])('%s is near enough: %s', (timestamp, timely) => {
    expect(isTimely(timestamp, new Date(1_770_000_000_000))).toBe(timely);
  });
});
