import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDirectoryOid } from '../../src/dvc/hash.ts';
import { planUploads } from '../../src/dvc/plan.ts';

test('files keep their order, manifests come last, nothing twice, nothing that is present', () => {
  const wanted = ['d1.dir', 'b', 'a', 'b', 'c', 'd2.dir', 'e'].map((oid, n) => ({ oid, n }));
  expect(planUploads(wanted, new Set(['c'])).map((o) => o.oid)).toEqual(['b', 'a', 'e', 'd1.dir', 'd2.dir']);
  expect(planUploads(wanted, new Set()).find((o) => o.oid === 'b')).toEqual({ oid: 'b', n: 1 });
});

test('the plan and what is present cover what is wanted, exactly', () => {
  const oid = fc.tuple(fc.integer({ min: 0, max: 30 }), fc.boolean()).map(([n, dir]) => `${n}${dir ? '.dir' : ''}`);
  fc.assert(
    fc.property(fc.array(oid), fc.array(oid), (wanted, held) => {
      const present = new Set(held);
      const plan = planUploads(
        wanted.map((name) => ({ oid: name })),
        present,
      ).map((o) => o.oid);
      expect(new Set(plan)).toEqual(new Set(wanted.filter((name) => !present.has(name))));
      expect(plan.length).toBe(new Set(plan).size);
      const ranks = plan.map((name) => (isDirectoryOid(name) ? 1 : 0));
      expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    }),
  );
});
