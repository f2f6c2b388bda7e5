import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { byItself } from '../../../src/domain/access/audit.ts';
import { proveObject } from '../../../src/domain/object/prove-object.ts';
import { findObject, type ObjectRow } from '../../../src/store/inventory/objects.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
let touchedAt: number | null = null;
let now = Date.now();
beforeAll(async () => {
  service = await startDatasetService();
  Object.assign(service.remote, { touchedAt: async () => touchedAt });
});
afterAll(() => service.close());
beforeEach(() => {
  touchedAt = null;
  now = Date.now();
});

const DAY = 86_400_000;

async function rowOf(text: string): Promise<ObjectRow> {
  const oid = await service.hold(text);
  const row = await findObject(service.ctx.db, 1, oid);
  if (row === null) throw new Error('not held');
  return row;
}

/** How often the bytes were read for a proof. */
async function readsFor(row: ObjectRow): Promise<number> {
  const read = vi.spyOn(service.remote, 'read');
  try {
    await proveObject(service.ctx, byItself(1), { object: row, now: new Date(now) });
    return read.mock.calls.length;
  } finally {
    read.mockRestore();
  }
}

describe('an object that is to be proved before it is sent', () => {
  it('is read when it was touched since it was read last, and once', async () => {
    const row = await rowOf('touched');
    touchedAt = row.verifiedAt.getTime() - 1;
    expect(await readsFor(row)).toBe(0);
    touchedAt = row.verifiedAt.getTime() + 1;
    now = touchedAt + 1;
    expect([await readsFor(row), await readsFor(row)]).toEqual([1, 0]);
    touchedAt = now + 1;
    now = touchedAt + 1;
    expect(await readsFor(row)).toBe(1);
  });

  it('is read again after a day, for bytes may rot untouched', async () => {
    const row = await rowOf('kept');
    touchedAt = row.verifiedAt.getTime() - 1;
    now = row.verifiedAt.getTime() + DAY;
    expect([await readsFor(row), await readsFor(row)]).toEqual([1, 0]);
    now += DAY;
    expect(await readsFor(row)).toBe(1);
  });

  it('is read whenever nobody knows when it was touched, and refused when it is wrong', async () => {
    const row = await rowOf('rotten');
    expect([await readsFor(row), await readsFor(row)]).toEqual([1, 1]);
    service.remote.objects.set(row.oid, Buffer.from('rotteN'));
    await expect(readsFor(row)).rejects.toMatchObject({ code: 'object-corrupt' });
  });

  it('is read where it is far only when it was touched since, by a clock that may differ a little', async () => {
    const row = await rowOf('far');
    Object.assign(service.remote, { near: false });
    onTestFinished(() => void Object.assign(service.remote, { near: true }));
    expect(await readsFor(row)).toBe(0);
    touchedAt = row.verifiedAt.getTime() + 4000;
    now += DAY;
    expect(await readsFor(row)).toBe(0);
    touchedAt = row.verifiedAt.getTime() + 6000;
    expect([await readsFor(row), await readsFor(row)]).toEqual([1, 0]);
  });
});
