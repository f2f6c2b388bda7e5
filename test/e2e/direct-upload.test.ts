import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { md5, noise } from '../support/bytes.ts';
import { createApi } from './api.ts';
import { type BucketStage, openBucketStage } from './bucket-stage.ts';
import { type RunningService, removeFolder } from './service.ts';

/** Parts that go past the service into a bucket, and a service that is killed at each step of making them an object. */
const versitygw = process.env.VERSITYGW;

const MEBIBYTE = 1024 ** 2;

type Begun = {
  readonly id: string;
  readonly part_bytes: number;
  readonly direct: readonly {
    readonly number: number;
    readonly url: string;
    readonly headers: Record<string, string>;
  }[];
};

describe.skipIf(versitygw === undefined)('parts put into a bucket (skipped without VERSITYGW)', () => {
  let stage: BucketStage;
  let service: RunningService;

  beforeAll(async () => {
    stage = await openBucketStage(versitygw ?? '');
    service = await stage.start();
  });
  afterAll(async () => {
    await service.end();
    await stage.close();
    removeFolder(service.data);
  });

  /** Begins an upload and puts its parts at the addresses that it is given. */
  async function putParts(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const asked = { oid: md5(bytes), size: bytes.byteLength, direct: true };
    const begun = await createApi(service.url).post<Begun>('/v1/uploads', asked);
    for (const { number, url, headers } of begun.direct) {
      const body = bytes.subarray((number - 1) * begun.part_bytes, number * begun.part_bytes);
      expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(200);
    }
    return begun.id;
  }

  const complete = (id: string) => fetch(`${service.url}/v1/uploads/${id}/complete`, { method: 'POST' });
  const bytesOf = async (oid: string) =>
    Buffer.from(await (await fetch(`${service.url}/v1/objects/${oid}`)).arrayBuffer());

  test('become an object without passing through the service, which reads them once', async () => {
    const bytes = new Uint8Array(noise(70 * MEBIBYTE, 1));
    const id = await putParts(bytes);
    const before = stage.proxy.seen.length;
    expect((await complete(id)).status).toBe(200);
    const seen = stage.proxy.seen.slice(before);
    expect(seen.filter((line) => line.startsWith('GET') && line.includes('/uploads/upl_'))).toHaveLength(3);
    expect(seen.filter((line) => /^PUT .*partNumber=/.test(line))).toHaveLength(3);
    expect((await bytesOf(md5(bytes))).equals(bytes)).toBe(true);
  });

  test.each([
    ['reads a part', /^GET .*\/uploads\/upl_/, 2],
    ['begins the object', /^POST .*\?uploads/, 3],
    ['copies a part', /^PUT .*partNumber=2/, 4],
    ['ends the object', /^POST .*uploadId=/, 5],
    ['removes the parts', /^DELETE .*\/uploads\/upl_/, 6],
  ])('are an object once it is asked for again when the service was killed as it %s', async (_what, step, seed) => {
    const bytes = new Uint8Array(noise(33 * MEBIBYTE, seed));
    const id = await putParts(bytes);
    const ended: Promise<unknown>[] = [];
    stage.proxy.fault = (method, path) => {
      if (ended.length === 0 && step.test(`${method} ${path}`)) ended.push(service.end('SIGKILL'));
      return null;
    };
    await expect(complete(id)).rejects.toThrow();
    await Promise.all(ended);
    stage.proxy.fault = () => null;
    service = await stage.start({ data: service.data, port: service.port });
    expect((await complete(id)).status).toBe(200);
    expect((await bytesOf(md5(bytes))).equals(bytes)).toBe(true);
    // Nothing of any of them was ever on this disk.
    expect(existsSync(join(service.data, 'spool'))).toBe(false);
  });
});
