import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forwardedAddress } from '../../src/http/client-address.ts';
import { type DatasetService, md5Of, startDatasetService } from '../support/datasets.ts';

describe('the address that a request comes from', () => {
  it.each([
    // Nobody is trusted: whoever asks could write anything.
    [0, '192.0.2.1', '10.0.0.1'],
    [1, undefined, '10.0.0.1'],
    [1, '192.0.2.1', '192.0.2.1'],
    // What stands before was said by the client itself.
    [1, '203.0.113.9, 192.0.2.1', '192.0.2.1'],
    [2, '203.0.113.9, 192.0.2.1, 10.0.0.2', '192.0.2.1'],
    // It came by fewer proxies than there may be.
    [3, '192.0.2.1', '192.0.2.1'],
    [1, '192.0.2.1:4711', '192.0.2.1'],
    [1, '2001:db8::1', '2001:db8::1'],
    [1, '[2001:db8::1]:4711', '2001:db8::1'],
    [1, '[2001:db8::1]', '2001:db8::1'],
    [1, 'unknown', '10.0.0.1'],
    [1, '', '10.0.0.1'],
    [1, '192.0.2.1,', '10.0.0.1'],
    [1, '<script>', '10.0.0.1'],
    [2, '192.0.2.7, nonsense', '10.0.0.1'],
    [2, 'nonsense, 192.0.2.1', '192.0.2.1'],
    [1, `${'1'.repeat(5000)}.1.1.1`, '10.0.0.1'],
  ])('behind %i proxies that say %j is %s', (proxies, header, address) => {
    expect(forwardedAddress('10.0.0.1', header, proxies)).toBe(address);
  });
});

describe('pushes that come by a proxy', () => {
  let service: DatasetService;
  beforeAll(async () => {
    service = await startDatasetService({ TIDEMARK_TRUSTED_PROXIES: '1' });
  });
  afterAll(() => service.close());

  it('of two machines with one key are two, each with its address', async () => {
    for (const [text, from] of [
      ['x\n1\n', '192.0.2.1'],
      ['x\n2\n', '192.0.2.2'],
      ['x\n3\n', '203.0.113.9, 192.0.2.1'],
    ] as const) {
      const oid = md5Of(text);
      const path = `/dvc/default/shared/files/md5/${oid.slice(0, 2)}/${oid.slice(2)}`;
      expect((await service.send('PUT', path, text, { 'x-forwarded-for': from })).status).toBe(201);
    }
    const { body } = await service.send('GET', '/v1/datasets/shared/pushes');
    const found = (body.items as { address: string; objects: { new: number } }[]).map(
      ({ address, objects }) => [address, objects.new] as const,
    );
    expect(new Map(found)).toEqual(
      new Map([
        ['192.0.2.1', 2],
        ['192.0.2.2', 1],
      ]),
    );
    expect(found).toHaveLength(2);
  });
});
