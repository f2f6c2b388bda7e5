import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWhole } from '../../../src/domain/object/read-whole.ts';
import { findObject, type ObjectRow } from '../../../src/store/inventory/objects.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

const rowOf = async (oid: string): Promise<ObjectRow> => {
  const row = await findObject(service.ctx.db, 1, oid);
  if (row === null) throw new Error(`${oid} is not held`);
  return row;
};

describe('small objects read at once', () => {
  it('come each with its own bytes, the empty one too', async () => {
    const texts = ['', ...Array.from({ length: 40 }, (_, i) => `text ${i}`)];
    const rows = await Promise.all(texts.map(async (text) => rowOf(await service.hold(text))));
    const read = await Promise.all(rows.map((row) => readWhole(service.ctx, row)));
    expect(read.map((bytes) => Buffer.from(bytes).toString())).toEqual(texts);
  });

  it('that are corrupt or lost are quarantined, and spoil no other', async () => {
    const [good, rotten, lost] = await Promise.all(['good', 'rotten', 'lost'].map((text) => service.hold(text)));
    const rows = await Promise.all([good, rotten, lost].map((oid) => rowOf(oid ?? '')));
    service.remote.objects.set(rotten ?? '', Buffer.from('rotteN'));
    service.remote.objects.delete(lost ?? '');
    const [whole, ...others] = await Promise.allSettled(rows.map((row) => readWhole(service.ctx, row)));
    expect(whole).toMatchObject({ status: 'fulfilled', value: new Uint8Array(Buffer.from('good')) });
    for (const each of others) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'object-corrupt' } });
    const after = await Promise.all([good, rotten, lost].map((oid) => rowOf(oid ?? '')));
    expect(after.map(({ quarantinedAt }) => quarantinedAt !== null)).toEqual([false, true, true]);
  });
});
