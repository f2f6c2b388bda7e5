import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namedVersions } from '../../../../src/domain/log/prepare/version-rows.ts';
import { isRepeat } from '../../../../src/domain/log/settle/repeats.ts';
import type { Column } from '../../../../src/stats/column.ts';
import { withoutOthers } from '../../../../src/store/log/version-rows.ts';

const columnOf = (names: readonly (string | null)[], dictionary: readonly string[]): Column => ({
  kind: 'category',
  type: 'text',
  length: names.length,
  codes: Int32Array.from(names, (name) => (name === null ? -1 : dictionary.indexOf(name))),
  dictionary: [...dictionary],
});

const NAMES = ['v1', 'v2', 'canary', 'unused'];
const anyRows = fc.array(fc.constantFrom('v1', 'v2', 'canary', null), { minLength: 1, maxLength: 40 });

test('the rows left of a batch are those that name the version and repeat no other', () => {
  fc.assert(
    fc.property(anyRows, fc.uint8Array({ minLength: 5, maxLength: 5 }), (names, bits) => {
      const repeats = bits.subarray(0, (names.length + 7) >> 3);
      const found = namedVersions(columnOf(names, NAMES));
      expect(found.map(({ name }) => name).sort()).toEqual([...new Set(names.filter((name) => name !== null))].sort());
      for (const { name, rows } of found) {
        const left = withoutOthers(repeats, rows, names.length);
        names.forEach((named, row) => {
          expect(!isRepeat(left, row)).toBe(named === name && !isRepeat(repeats, row));
        });
        expect(withoutOthers(null, rows, names.length) === null).toBe(rows === null);
      }
    }),
  );
});

test('a batch of one version keeps no bits, and one of a great many keeps those of the most frequent', () => {
  expect(namedVersions(columnOf(['v1', 'v1'], NAMES))).toEqual([{ name: 'v1', rows: null }]);
  expect(namedVersions(columnOf([null, null], NAMES))).toEqual([]);
  expect(namedVersions(null)).toEqual([]);
  const many = Array.from({ length: 500 }, (_, i) => `v${i % 100}`).concat('v77', 'v77');
  const found = namedVersions(columnOf(many, [...new Set(many)]));
  expect(found).toHaveLength(32);
  expect(found[0]?.name).toBe('v77');
});
