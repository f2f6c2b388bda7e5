import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../src/dvc/hash.ts';
import { compareCodePoints } from '../../src/dvc/relpath.ts';
import { serialiseTree, type TreeEntry } from '../../src/dvc/tree.ts';
import { changeTree, type TreeChanges } from '../../src/dvc/tree-changes.ts';
import { isTidemarkError } from '../../src/errors.ts';

const md5 = (content: string): string => digestBytes(new TextEncoder().encode(content)).md5;
const entry = (relpath: string, content = relpath): TreeEntry => ({ relpath, md5: md5(content) });
const paths = fc.uniqueArray(fc.stringMatching(/^[a-e\u00e9\uff5e\u{1f600}./]{1,3}$/u), { maxLength: 12 });
const inOrder = (entries: readonly TreeEntry[]) => entries.toSorted((a, b) => compareCodePoints(a.relpath, b.relpath));

/** A tree and changes of it: of some of its paths, and of others. */
const changed = fc.tuple(paths, paths, fc.infiniteStream(fc.nat(2))).map(([before, others, dice]) => {
  const base = inOrder(before.map((path) => entry(path)));
  const fate = new Map(base.map(({ relpath }) => [relpath, dice.next().value]));
  const replaced = base.filter(({ relpath }) => fate.get(relpath) === 1);
  const put = [
    ...replaced.map(({ relpath }) => entry(relpath, `${relpath} anew`)),
    ...others.filter((path) => !fate.has(path)).map((path) => entry(path)),
  ];
  return { base, put, remove: before.filter((path) => fate.get(path) === 2) };
});

function whole(base: readonly TreeEntry[], { put, remove }: TreeChanges): TreeEntry[] {
  const all = new Map(base.map((each) => [each.relpath, each]));
  for (const path of remove) all.delete(path);
  for (const each of put) all.set(each.relpath, each);
  return inOrder([...all.values()]);
}

describe('a tree by its changes', () => {
  it('is the tree of all of its files', () => {
    fc.assert(
      fc.property(changed, ({ base, put, remove }) => {
        const tree = changeTree(base, { put, remove });
        expect(tree.entries).toEqual(whole(base, { put, remove }));
        expect(tree.added).toBe(put.filter(({ relpath }) => base.every((each) => each.relpath !== relpath)).length);
      }),
    );
  });

  it('says where each entry comes from', () => {
    fc.assert(
      fc.property(changed, ({ base, put, remove }) => {
        const { entries, origins, gone } = changeTree(base, { put, remove });
        for (const [i, each] of entries.entries()) {
          const origin = origins[i] ?? -1;
          if (origin === -1) expect(put).toContainEqual(each);
          else expect(base[origin]).toEqual(each);
        }
        const stayed = [...origins].filter((origin) => origin >= 0);
        expect([...stayed, ...gone].sort((a, b) => a - b)).toEqual([...base.keys()]);
      }),
    );
  });

  it('is the same of a list that is not in order', () => {
    fc.assert(
      fc.property(changed, ({ base, put, remove }) => {
        const turned = base.toReversed();
        const tree = changeTree(turned, { put, remove });
        expect(serialiseTree(tree.entries)).toEqual(serialiseTree(whole(base, { put, remove })));
        for (const [i, each] of tree.entries.entries()) {
          const origin = tree.origins[i] ?? -1;
          if (origin >= 0) expect(turned[origin]).toEqual(each);
        }
      }),
    );
  });

  it.each([
    ['a path that is removed and not there', { put: [], remove: ['c'] }],
    ['a path that is removed twice', { put: [], remove: ['a', 'a'] }],
    ['a path that is put twice', { put: [entry('c'), entry('b'), entry('c', 'other')], remove: [] }],
    ['a path that is put and removed', { put: [entry('a', 'other')], remove: ['a'] }],
  ])('refuses %s', (_, changes) => {
    const refused = (): unknown => changeTree([entry('a'), entry('b')], changes);
    expect(refused).toThrow(expect.toSatisfy((error) => isTidemarkError(error, 'invalid-body')));
  });
});
