import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ByteRange, openObject } from '../../../src/domain/object/open-object.ts';
import { findObject } from '../../../src/store/inventory/objects.ts';
import { SUMMED_BYTES } from '../../../src/store/objects/block-sums.ts';
import { collect, md5, noise } from '../../support/bytes.ts';
import { type StorageService, startStorageService } from '../../support/storage.ts';

let service: StorageService;
beforeAll(async () => {
  service = await startStorageService();
});
afterAll(() => service.close());

const SIZE = 2 * SUMMED_BYTES + 999;
const RANGE = { start: SUMMED_BYTES + 3, end: SIZE - 1 };

async function held(seed: number, size = SIZE): Promise<{ oid: string; bytes: Uint8Array }> {
  const bytes = noise(size, seed);
  const oid = md5(bytes);
  const sent = await service.send('PUT', `/v1/objects/${oid}`, Buffer.from(bytes));
  if (sent.status !== 201) throw new Error(sent.text);
  return { oid, bytes };
}

async function part(oid: string, range: ByteRange): Promise<Buffer> {
  const object = await findObject(service.ctx.db, 1, oid);
  if (object === null) throw new Error(`${oid} is not held`);
  return collect(await openObject(service.ctx, { projectId: 1, object, range }));
}

const sumsOf = (oid: string) => service.ctx.sql`select sums from block_sums where oid = ${oid}`;
const forgetSums = (oid: string) => service.ctx.sql`delete from block_sums where oid = ${oid}`;
const isQuarantined = async (oid: string) => (await findObject(service.ctx.db, 1, oid))?.quarantinedAt !== null;

function spoil(oid: string, at: number): void {
  const bytes = Uint8Array.from(service.remote.objects.get(oid) ?? []);
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  service.remote.objects.set(oid, bytes);
}

describe('a part of an object', () => {
  it('is proved by sums that were made when it came', async () => {
    const { oid, bytes } = await held(1);
    expect(await sumsOf(oid)).toHaveLength(1);
    expect((await part(oid, RANGE)).equals(bytes.subarray(RANGE.start, RANGE.end))).toBe(true);
    spoil(oid, SUMMED_BYTES + 1);
    await expect(part(oid, RANGE)).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(await isQuarantined(oid)).toBe(true);
  });

  it('that was wrong does not set aside what was pushed anew while it was read', async () => {
    for (const size of [2000, SIZE]) {
      const { oid, bytes } = await held(size, size);
      spoil(oid, size - 500);
      const read = service.remote.read.bind(service.remote);
      service.remote.read = async (name, options) => {
        const wrong = await read(name, options);
        service.remote.read = read;
        await service.send('PUT', `/v1/objects/${oid}`, Buffer.from(bytes));
        return wrong;
      };
      await expect(part(oid, { start: 0, end: size - 1 })).rejects.toMatchObject({ code: 'object-corrupt' });
      expect(await isQuarantined(oid)).toBe(false);
    }
  });

  it('that does not touch what is wrong is given, since it is proved itself', async () => {
    const { oid, bytes } = await held(2);
    spoil(oid, 17);
    expect((await part(oid, RANGE)).equals(bytes.subarray(RANGE.start, RANGE.end))).toBe(true);
    expect(await isQuarantined(oid)).toBe(false);
  });

  it('of a small object is judged by the digest of the whole', async () => {
    const { oid } = await held(3, 2000);
    expect(await sumsOf(oid)).toHaveLength(0);
    spoil(oid, 1999);
    await expect(part(oid, { start: 0, end: 10 })).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(await isQuarantined(oid)).toBe(true);
  });

  it('of an object without sums waits until it was read through once, however many ask', async () => {
    const { oid, bytes } = await held(4);
    await forgetSums(oid);
    let readings = 0;
    const { remote } = service;
    const read = remote.read.bind(remote);
    remote.read = (name, options) => {
      if (options?.start === undefined) readings++;
      return read(name, options);
    };
    const parts = await Promise.all([0, 1, 2].map(() => part(oid, RANGE)));
    remote.read = read;
    expect(parts.every((one) => one.equals(bytes.subarray(RANGE.start, RANGE.end)))).toBe(true);
    expect(readings).toBe(1);
    expect(await sumsOf(oid)).toHaveLength(1);
  });

  it('of a corrupt object without sums is not given, wherever the damage lies', async () => {
    const { oid } = await held(5);
    await forgetSums(oid);
    spoil(oid, 0);
    await expect(part(oid, RANGE)).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(await isQuarantined(oid)).toBe(true);
    expect(await sumsOf(oid)).toHaveLength(0);
  });

  it('of a lost object quarantines it', async () => {
    const { oid } = await held(6);
    service.remote.objects.delete(oid);
    await expect(part(oid, RANGE)).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(await isQuarantined(oid)).toBe(true);
  });
});

describe('an object of many blocks, read whole', () => {
  const WHOLE = { start: 0, end: SIZE };

  it('is proved block by block, and nothing that is wrong is given', async () => {
    const { oid, bytes } = await held(11);
    expect((await part(oid, WHOLE)).equals(bytes)).toBe(true);
    spoil(oid, SUMMED_BYTES + 1);
    const object = await findObject(service.ctx.db, 1, oid);
    if (object === null) throw new Error(`${oid} is not held`);
    const given: Uint8Array[] = [];
    const reading = (async () => {
      for await (const chunk of await openObject(service.ctx, { projectId: 1, object })) given.push(chunk.slice());
    })();
    await expect(reading).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(Buffer.concat(given).equals(bytes.subarray(0, SUMMED_BYTES))).toBe(true);
    expect(await isQuarantined(oid)).toBe(true);
  });

  it('has sums afterwards where it had none, unless it is corrupt', async () => {
    const [old, bad] = [await held(12), await held(13)];
    await Promise.all([old, bad].map(({ oid }) => forgetSums(oid)));
    expect((await part(old.oid, WHOLE)).equals(old.bytes)).toBe(true);
    expect(await sumsOf(old.oid)).toHaveLength(1);
    spoil(bad.oid, SIZE - 1);
    await expect(part(bad.oid, WHOLE)).rejects.toMatchObject({ code: 'object-corrupt' });
    expect(await sumsOf(bad.oid)).toHaveLength(0);
  });

  it('is corrupt when the store has more of it, or less', async () => {
    for (const [seed, size] of [
      [14, SIZE + 1],
      [15, SIZE - 1],
      [16, 2 * SUMMED_BYTES],
    ] as const) {
      const { oid, bytes } = await held(seed);
      service.remote.objects.set(oid, Buffer.concat([bytes, Buffer.from('x')]).subarray(0, size));
      await expect(part(oid, WHOLE)).rejects.toMatchObject({ code: 'object-corrupt' });
      expect(await isQuarantined(oid)).toBe(true);
    }
  });
});

describe('the sums of an object', () => {
  it('are made by the scrub where there are none, and anew where they made a good object suspect', async () => {
    const [old, suspect] = [await held(7), await held(8)];
    await forgetSums(old.oid);
    await service.ctx.sql`update block_sums set sums = '\\x00' where oid = ${suspect.oid}`;
    await expect(part(suspect.oid, RANGE)).rejects.toMatchObject({ code: 'object-corrupt' });
    await service.work('/v1/remote/scrub');
    for (const { oid, bytes } of [old, suspect]) {
      expect(await sumsOf(oid)).toHaveLength(1);
      expect(await isQuarantined(oid)).toBe(false);
      expect((await part(oid, RANGE)).equals(bytes.subarray(RANGE.start, RANGE.end))).toBe(true);
    }
  });

  it('come with an object that a scan finds', async () => {
    const bytes = noise(SIZE, 9);
    const oid = md5(bytes);
    service.remote.objects.set(oid, bytes);
    expect((await service.work('/v1/remote/scan')).progress).toMatchObject({ registered: 1 });
    expect(await sumsOf(oid)).toHaveLength(1);
  });

  it('outlive the trash and go with the object', async () => {
    const { oid } = await held(10);
    await service.ctx.sql`update objects set received_at = now() - interval '30 days' where oid = ${oid}`;
    const states = async () => {
      const rows = await service.ctx.sql`select state from object_tombstones where oid = ${oid}`;
      return [rows[0]?.state, (await sumsOf(oid)).length];
    };
    await service.work('/v1/gc');
    expect(await states()).toEqual(['trashed', 1]);
    await service.ctx.sql`update object_tombstones set trashed_at = now() - interval '90 days'`;
    await service.work('/v1/gc');
    expect(await states()).toEqual(['removed', 0]);
  });
});
