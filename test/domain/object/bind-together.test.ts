import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindTogether } from '../../../src/domain/object/bind-together.ts';
import { type DatasetService, md5Of, sha256Of, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
beforeAll(async () => {
  service = await startDatasetService();
});
afterAll(() => service.close());

const PROJECT = 1;
const objectOf = (text: string) => ({ oid: md5Of(text), sha256: sha256Of(text), size: text.length });
const bind = (stored: ReturnType<typeof objectOf>, written: string[][] = []) =>
  bindTogether(service.ctx, PROJECT, {
    stored,
    alongside: { key: 'k', write: async (_, held) => void written.push(held.map(({ oid }) => oid)) },
  });

describe('objects that are bound together', () => {
  it('are all held, in few transactions, each of which tells of its own', async () => {
    const objects = Array.from({ length: 30 }, (_, i) => objectOf(`object ${i}`));
    const written: string[][] = [];
    const held = await Promise.all(objects.map((each) => bind(each, written)));
    expect(held).toEqual(objects.map((each) => ({ ...each, existed: false })));
    // The first one goes alone; those that came meanwhile go together.
    expect(written.flat().toSorted()).toEqual(objects.map(({ oid }) => oid).toSorted());
    expect(written.length).toBeLessThan(5);
    const again = await Promise.all(objects.map((each) => bind(each)));
    expect(again.every(({ existed }) => existed)).toBe(true);
  });

  it('are new once where the same one comes many times', async () => {
    const same = objectOf('the same');
    const held = await Promise.all(Array.from({ length: 16 }, () => bind(same)));
    expect(held.filter(({ existed }) => !existed)).toHaveLength(1);
    const rows = await service.ctx.db.execute(sql`select 1 from objects where oid = ${same.oid}`);
    expect(rows).toHaveLength(1);
  });

  it('are held although one among them is refused', async () => {
    await bind(objectOf('taken'));
    const other = { ...objectOf('taken'), sha256: sha256Of('other bytes') };
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 5 }, (_, i) => bind(objectOf(`before ${i}`))),
      bind(other),
      ...Array.from({ length: 5 }, (_, i) => bind(objectOf(`after ${i}`))),
    ]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toEqual([expect.objectContaining({ code: 'digest-conflict' })]);
    const [row] = await service.ctx.db.execute<{ count: number }>(
      sql`select count(*)::int as count from objects where oid in (${sql.join(
        Array.from({ length: 5 }, (_, i) => sql`${md5Of(`before ${i}`)}, ${md5Of(`after ${i}`)}`),
        sql`, `,
      )})`,
    );
    expect(row?.count).toBe(10);
  });
});
