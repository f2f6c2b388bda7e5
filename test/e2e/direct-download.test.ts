import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { objectPath } from '../../src/dvc/path.ts';
import { md5, noise } from '../support/bytes.ts';
import { type BucketStage, openBucketStage, runTidemark } from './bucket-stage.ts';
import { makeFolder, type RunningService, removeFolder } from './service.ts';

/** A pull whose large files come from a bucket past the service, also where something is wrong there. */
const versitygw = process.env.VERSITYGW;

const BYTES = noise(30 * 1024 ** 2, 1);

describe.skipIf(versitygw === undefined)('a large file of a bucket (skipped without VERSITYGW)', () => {
  let stage: BucketStage;
  let service: RunningService;
  let folder: string;

  beforeAll(async () => {
    stage = await openBucketStage(versitygw ?? '');
    folder = makeFolder('direct-download');
    service = await stage.start();
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'data', 'large.bin'), BYTES);
    expect(await tidemark('push', 'data', '-d', 'large')).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    await service.end();
    await stage.close();
    removeFolder(service.data);
    removeFolder(folder);
  });
  beforeEach(() => {
    stage.proxy.fault = () => null;
    stage.proxy.seen.length = 0;
  });

  const tidemark = (...line: string[]) => runTidemark({ url: service.url, folder }, line);

  const pulled = (name: string) => readFileSync(join(folder, name, 'data', 'large.bin'));
  const reads = () =>
    stage.proxy.seen.filter((line) => line.startsWith('GET') && line.includes(objectPath(md5(BYTES))));
  const signed = () => reads().filter((line) => line.includes('X-Amz-Signature'));

  test('comes straight from there', async () => {
    expect(await tidemark('pull', 'large', '--to', 'straight')).toMatchObject({ code: 0 });
    expect(pulled('straight').equals(BYTES)).toBe(true);
    expect([reads().length, signed().length]).toEqual([1, 1]);
  });

  test('comes through the service where the bucket cannot be reached, or breaks off', async () => {
    stage.proxy.fault = (_, path) => (path.includes('X-Amz-Signature') ? { status: 403 } : null);
    expect(await tidemark('pull', 'large', '--to', 'refused')).toMatchObject({ code: 0 });
    stage.proxy.fault = (_, path) => (path.includes('X-Amz-Signature') ? { cutAfter: 10_000_000 } : null);
    expect(await tidemark('pull', 'large', '--to', 'cut')).toMatchObject({ code: 0 });
    expect([pulled('refused').equals(BYTES), pulled('cut').equals(BYTES)]).toEqual([true, true]);
    expect([reads().length, signed().length]).toEqual([4, 2]);
  });

  test('that is spoiled there is not taken, is found by it, and comes again once it is sent again', async () => {
    const stored = join(stage.folder, objectPath(md5(BYTES)));
    const spoiled = Buffer.from(BYTES);
    spoiled[20_000_000]! ^= 1;
    chmodSync(stored, 0o644);
    writeFileSync(stored, spoiled);
    const refused = await tidemark('pull', 'large', '--to', 'spoiled');
    expect(refused.code).not.toBe(0);
    expect(() => pulled('spoiled')).toThrow('ENOENT');
    const asked = await fetch(`${service.url}/v1/objects/${md5(BYTES)}?redirect=true`, { redirect: 'manual' });
    expect(asked.status).toBe(404);
    expect(await tidemark('push', 'data', '-d', 'large')).toMatchObject({ code: 0 });
    expect(await tidemark('pull', 'large', '--to', 'healed')).toMatchObject({ code: 0 });
    expect(pulled('healed').equals(BYTES)).toBe(true);
  });

  test('comes through the service where that is wanted', async () => {
    await service.end();
    service = await stage.start({ env: { TIDEMARK_DIRECT_TRANSFERS: 'off' } });
    expect(await tidemark('pull', 'large', '--to', 'through')).toMatchObject({ code: 0 });
    expect(pulled('through').equals(BYTES)).toBe(true);
    expect(signed()).toEqual([]);
  });
});
