import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparePartition } from '../../../src/domain/row-diff/compare-partition.ts';
import { diffRows, type RowDiff } from '../../../src/domain/row-diff/diff-rows-task.ts';
import { openPartitions } from '../../../src/domain/row-diff/partitions.ts';

let folder: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const table = (text: string, name = 'x.csv') => {
  const file = join(folder, String(files++));
  writeFileSync(file, text);
  return { file, name };
};
const compare = async (
  from: readonly string[],
  to: readonly string[],
  given: { key?: string; plainBytes?: number; samples?: number; name?: string } = {},
): Promise<RowDiff> => {
  const spill = join(folder, `spill-${files++}`);
  mkdirSync(spill);
  return diffRows({
    from: from.map((text) => table(text, given.name)),
    to: to.map((text) => table(text, given.name)),
    key: given.key ?? null,
    samples: given.samples ?? 20,
    spill,
    plainBytes: given.plainBytes ?? 1,
    memoryBytes: 2 ** 28,
  });
};

describe('the rows of two tables', () => {
  it('have what the names of folders say, and numbers as their versions say that they are written', async () => {
    const spill = join(folder, `spill-${files++}`);
    mkdirSync(spill);
    const key = (text: string) => ({ keys: [{ name: 'year', type: 'int64', text }] as const });
    const found = await diffRows({
      from: [{ ...table('id;x\n1;1,5\n2;2\n'), csv: { decimal: ',' }, ...key('2025') }],
      to: [{ ...table('id,x\n1,1.5\n2,2\n'), ...key('2026') }],
      ...{ key: 'id', samples: 1, spill, plainBytes: 1, memoryBytes: 2 ** 28 },
    });
    expect(found).toMatchObject({ changed: 2, columns: [{ name: 'year', changed: 2 }] });
  });

  it('are added, removed, changed and the rest, by key, and shown', async () => {
    const from = 'id,name,at,x\n1,a,2026-01-01,1\n2,b,2026-01-02,2\n3,c,,3\n4,d,2026-01-04,4\n';
    const to = 'at,id,name,y\n2026-01-02,2,B,2\n,3,c,3\n2026-01-05,4,,4\n2026-01-09,9,"i\tj\nk",9\n';
    expect(await compare([from], [to], { key: 'id' })).toEqual({
      key: ['id'],
      rows: { from: 4, to: 4 },
      added: 1,
      removed: 1,
      changed: 2,
      unchanged: 1,
      repeatedKeys: { from: 0, to: 0 },
      columns: [
        { name: 'at', changed: 1 },
        { name: 'name', changed: 2 },
      ],
      samples: {
        added: [{ id: 9, at: '2026-01-09T00:00:00.000Z', name: 'i\tj\nk' }],
        removed: [{ id: 1, at: '2026-01-01T00:00:00.000Z', name: 'a' }],
        changed: [
          { key: { id: 2 }, columns: [{ name: 'name', from: 'b', to: 'B' }] },
          {
            key: { id: 4 },
            columns: [
              { name: 'at', from: '2026-01-04T00:00:00.000Z', to: '2026-01-05T00:00:00.000Z' },
              { name: 'name', from: 'd', to: null },
            ],
          },
        ],
      },
    });
  });

  it('are compared by value: numbers as numbers with all their digits, texts as texts', async () => {
    const from = 'id,n,big,code\n1,1,9007199254740993,01\n2,-0.0,9007199254740992,1\n';
    const same = await compare([from], ['id,n,big,code\n1,1.0,9007199254740993,01\n2,0,9007199254740992,1\n'], {
      key: 'id',
    });
    expect([same.changed, same.unchanged]).toEqual([0, 2]);
    const digit = await compare([from], ['id,n,big,code\n1,1,9007199254740992,01\n2,0,9007199254740992,1\n'], {
      key: 'id',
    });
    expect(digit.samples.changed).toEqual([
      { key: { id: 1 }, columns: [{ name: 'big', from: '9007199254740993', to: '9007199254740992' }] },
    ]);
    const typed = await compare([from], ['id,n,big,code\n1,1,9007199254740993,1\n2,0,9007199254740992,1\n'], {
      key: 'id',
    });
    expect(typed.columns).toEqual([{ name: 'code', changed: 2 }]);
  });

  it('are whole rows without a key, each as often as it stands', async () => {
    const diff = await compare(['a,b\n1,x\n1,x\n2,y\n'], ['a,b\n1,x\n3,z\n2,y\n2,y\n']);
    expect(diff).toMatchObject({ key: null, added: 2, removed: 1, changed: 0, unchanged: 2 });
  });

  it('may come in several files, of which one lacks a column', async () => {
    const diff = await compare(['id,x\n1,a\n', 'id\n2\n'], ['id,x\n2,\n1,a\n'], { key: 'id' });
    expect(diff).toMatchObject({ rows: { from: 2, to: 2 }, unchanged: 2, changed: 0 });
  });

  it('take several columns as the key, and a name with a comma as one', async () => {
    const from = 'a,b,"c,d"\n1,1,x\n1,2,y\n';
    expect(await compare([from], ['a,b,"c,d"\n1,2,z\n'], { key: 'a,b' })).toMatchObject({
      key: ['a', 'b'],
      removed: 1,
      changed: 1,
    });
    expect(await compare([from], [from], { key: 'c,d' })).toMatchObject({ key: ['c,d'], unchanged: 2 });
  });

  it('need a key that both have, and tables', async () => {
    await expect(compare(['a\n1\n'], ['b\n1\n'], { key: 'a' })).rejects.toMatchObject({ code: 'bad-request' });
    await expect(compare(['a\n1\n'], [])).rejects.toMatchObject({ code: 'conflict' });
    await expect(compare(['{"a":'], ['a\n1\n'], { name: 'x.ndjson' })).rejects.toMatchObject({
      code: 'unreadable-data',
    });
  });

  it('are what a simple count over both says, however finely they are spread', async () => {
    const row = fc.tuple(
      fc.option(fc.integer({ min: 0, max: 6 }), { nil: '' as const }),
      fc.integer({ min: 0, max: 2 }),
      fc.constantFrom('p', 'q'),
    );
    const rows = fc.array(row, { minLength: 1, maxLength: 25 });
    const csv = (list: readonly (readonly unknown[])[]) =>
      `k,v,w\n${list.map((cells) => cells.join(',')).join('\n')}\n`;
    await fc.assert(
      fc.asyncProperty(rows, rows, fc.constantFrom(1, 10 ** 8), async (from, to, plainBytes) => {
        const diff = await compare([csv(from)], [csv(to)], { key: 'k', plainBytes, samples: 1000 });
        const expected = simple(from, to);
        expect({ ...diff, samples: null, columns: null, rows: null, key: null }).toMatchObject(expected);
        expect(diff.rows).toEqual({ from: from.length, to: to.length });
        expect(diff.unchanged + diff.changed + diff.removed).toBe(from.length);
        expect(diff.unchanged + diff.changed + diff.added).toBe(to.length);
        expect(diff.samples.changed).toHaveLength(diff.changed);
        const byColumn = diff.samples.changed.flatMap(({ columns }) => columns.map(({ name }) => name));
        for (const { name, changed } of diff.columns)
          expect(byColumn.filter((one) => one === name)).toHaveLength(changed);
      }),
      { numRuns: 60 },
    );
  });
});

type Cells = readonly [unknown, unknown, unknown];

/** Pairs equal rows of a key first, then as many of the others as both sides have. */
function simple(from: readonly Cells[], to: readonly Cells[]) {
  const counts = { added: 0, removed: 0, changed: 0, unchanged: 0, repeatedKeys: { from: 0, to: 0 } };
  for (const key of new Set([...from, ...to].map(([k]) => k))) {
    const before = from.filter(([k]) => k === key).map(String);
    const after = to.filter(([k]) => k === key).map(String);
    if (before.length > 1) counts.repeatedKeys.from++;
    if (after.length > 1) counts.repeatedKeys.to++;
    let equal = 0;
    const left = [...after];
    for (const one of before) {
      const at = left.indexOf(one);
      if (at === -1) continue;
      left.splice(at, 1);
      equal++;
    }
    const [gone, come] = [before.length - equal, after.length - equal];
    counts.unchanged += equal;
    counts.changed += Math.min(gone, come);
    counts.removed += Math.max(0, gone - come);
    counts.added += Math.max(0, come - gone);
  }
  return counts;
}

describe('a partition that is too large to hold', () => {
  const partition = (name: string, lines: readonly (readonly [string, string])[]): string => {
    const partitions = openPartitions(join(folder, name), { count: 1, level: 0 });
    for (const [key, values] of lines) partitions.add(key, values);
    return partitions.close()[0] ?? '';
  };
  const count = async (pair: { from: string; to: string }, largest: number) => {
    const counts = { added: 0, removed: 0, changed: 0, unchanged: 0, repeated: 0 };
    await comparePartition(
      { ...pair, level: 0 },
      {
        added: () => counts.added++,
        removed: () => counts.removed++,
        changed: () => counts.changed++,
        unchanged: () => counts.unchanged++,
        repeated: () => counts.repeated++,
      },
      largest,
    );
    return counts;
  };

  it('is spread over smaller ones, and says the same', async () => {
    const lines = (shift: number) => Array.from({ length: 5000 }, (_, i) => [`n${i + shift}`, `n${i % 7}`] as const);
    const pair = (name: string) => ({
      from: partition(`${name}-from`, lines(0)),
      to: partition(`${name}-to`, lines(700)),
    });
    const whole = await count(pair('whole'), 2 ** 30);
    expect(whole).toEqual({ added: 700, removed: 700, changed: 0, unchanged: 4300, repeated: 0 });
    expect(await count(pair('spread'), 2000)).toEqual(whole);
    const left = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && entry.parentPath.includes('spread-'),
    );
    expect(left).toEqual([]);
  });

  it('is refused when one key has all the rows', async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => ['same', `n${i}`] as const);
    const pair = { from: partition('one-from', lines), to: partition('one-to', lines) };
    await expect(count(pair, 2000)).rejects.toMatchObject({ code: 'too-large' });
  });
});
