import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestBytes } from '../../src/dvc/hash.ts';
import {
  compareCodePoints,
  inCodePointOrder,
  isPlainPath,
  relpathProblem,
  relpathWarning,
} from '../../src/dvc/relpath.ts';
import { buildTree, checkTree, parseTree, serialiseTree, type TreeEntry } from '../../src/dvc/tree.ts';
import { isTidemarkError } from '../../src/errors.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const entries = (files: Record<string, string>): TreeEntry[] =>
  Object.entries(files).map(([relpath, content]) => ({ md5: digestBytes(encode(content)).md5, relpath }));
const M = 'acbd18db4cc2f85cedef654fccc4a4d8';
const at = (...paths: string[]): TreeEntry[] => paths.map((relpath) => ({ md5: M, relpath }));

/** Trees, and the names that DVC 3.67 gave them. */
const GOLDEN: { name: string; files: Record<string, string>; oid: string; size?: number; order?: string[] }[] = [
  { name: 'empty', files: {}, oid: 'd751713988987e9331980363e24189ce.dir', size: 2 },
  { name: 'one file', files: { foo: 'foo' }, oid: '84fe43362de8f1634c6fd2900440e9e2.dir', size: 63 },
  {
    name: 'a sub-directory and an empty file',
    files: { data: 'data', 'data_sub_dir/data_sub': 'data_sub', empty: '' },
    oid: '4a61fd8343f24438d036d9490cb23aaa.dir',
    size: 210,
  },
  {
    name: 'separators sort by code point, upper case first',
    files: { 'a/b': '1', 'a-b': '2', 'a.b': '3', a0: '4', B: '5' },
    oid: '5967831bb4a10d61ea8e7d3d95ebfa4d.dir',
    size: 312,
    order: ['B', 'a-b', 'a.b', 'a/b', 'a0'],
  },
  {
    name: "the constant of DVC's own tests",
    files: { file: 'file', 'subdir/subfile': 'subfile' },
    oid: 'b6dcab6ccd17ca0a8bf4a215a37d14cc.dir',
  },
  {
    name: 'everything that is escaped, and astral after U+FF5E',
    files: { 'é.txt': '1', '\u{1f600}.txt': '2', '\uff5e.txt': '3', 'q"\\t\t\x7f.txt': '4', 'a b.txt': '5' },
    oid: 'a6c44609986c9bb81e8cd94fa3b42073.dir',
    size: 361,
    order: ['a b.txt', 'q"\\t\t\x7f.txt', 'é.txt', '\uff5e.txt', '\u{1f600}.txt'],
  },
  {
    name: 'a file name that is no Unicode',
    files: { '\udcff.bin': '1' },
    oid: '448925473d845745d40914e876b97fc4.dir',
  },
];

test('a plain path has nothing wrong with it, and no part that begins with a dot', () => {
  const unit = fc.constantFrom('a', 'Z', '0', '_', '-', '.', '/', '\\', ':', ' ', '\n', 'é', '\0');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (path) => {
      const parts = path.split('/');
      const isFine = parts.every((part) => /^[-a-zA-Z0-9_]/.test(part)) && !/[^-a-zA-Z0-9_./]/.test(path);
      expect(isPlainPath(path)).toBe(isFine);
      if (isFine) expect(parts.some((part) => part.startsWith('.') || part === '')).toBe(false);
    }),
  );
  expect(isPlainPath(Array.from({ length: 255 }, () => 'a').join('/'))).toBe(true);
  const deep = Array.from({ length: 257 }, () => 'a').join('/');
  expect([isPlainPath(deep), relpathProblem(deep)?.code]).toEqual([false, 'path-too-deep']);
});

test('a list in the order of code points is sorted by them, and itself where it is in order', () => {
  const names = fc.array(
    fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uff5e', '\ue000', '\u{1f600}', '\ud83d') }),
  );
  fc.assert(
    fc.property(names, (list) => {
      const sorted = inCodePointOrder(list, (name) => name);
      expect(sorted).toEqual(list.toSorted(compareCodePoints));
      expect(inCodePointOrder(sorted, (name) => name)).toBe(sorted);
    }),
  );
});

describe('serialiseTree', () => {
  test.each(GOLDEN)('$name', ({ files, oid, size, order }) => {
    const bytes = serialiseTree(entries(files).toReversed());
    expect(`${digestBytes(bytes).md5}.dir`).toBe(oid);
    if (size !== undefined) expect(bytes.byteLength).toBe(size);
    if (order !== undefined) expect(parseTreeOrder(bytes)).toEqual(order);
  });

  test('the member names of the golden trees', () => {
    expect(entries({ data: 'data', b: 'data_sub', c: '' }).map((e) => e.md5)).toEqual([
      '8d777f385d3dfec8815d20f7496026dc',
      'c59e996a3eb7e6f1ad09caea0f93c225',
      'd41d8cd98f00b204e9800998ecf8427e',
    ]);
    expect(decode(serialiseTree(entries({ foo: 'foo' })))).toBe(`[{"md5": "${M}", "relpath": "foo"}]`);
  });

  test('a tree of 100,000 files has the size that DVC writes', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({
      md5: M,
      relpath: `img/${String(i).padStart(8, '0')}.jpg`,
    }));
    expect(serialiseTree(many).byteLength).toBe(100_000 * 76);
  });
});

function parseTreeOrder(bytes: Uint8Array): string[] {
  const list: unknown = JSON.parse(decode(bytes));
  return Array.isArray(list) ? list.map((entry: TreeEntry) => entry.relpath) : [];
}

const md5 = fc.stringMatching(/^[0-9a-f]{32}$/);
const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
  .filter((s) => !/[/\\\0]/.test(s) && s !== '.' && s !== '..' && s.isWellFormed());
const relpath = fc.array(segment, { minLength: 1, maxLength: 3 }).map((s) => s.join('/'));

describe('parseTree', () => {
  test('gives back what was serialised, in code point order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ md5, relpath }), { maxLength: 20 }), (given) => {
        fc.pre(isAcceptable(given));
        const bytes = serialiseTree(given);
        const parsed = parseTree(bytes);
        expect(parsed).toEqual(given.toSorted((a, b) => compareCodePoints(a.relpath, b.relpath)));
        expect(serialiseTree(parsed.toReversed())).toEqual(bytes);
        const json: unknown = JSON.parse(decode(bytes));
        expect(json).toEqual(parsed);
      }),
    );
  });

  test('sorts any two strings as an array of their code points would', () => {
    const unit = fc.constantFrom('a', '/', '\u{1f600}', '\u{1f601}', '\ud83d', '\ude00', '\udcff', '\uff5e', '\ue000');
    const text = fc.array(unit, { maxLength: 5 }).map((u) => u.join(''));
    const points = (s: string) => Array.from(s, (c) => c.codePointAt(0) ?? 0);
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [p, q] = [points(a), points(b)];
        const i = p.findIndex((point, k) => point !== q[k]);
        const expected = i === -1 ? p.length - q.length : (p[i] ?? 0) - (q[i] ?? -1);
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected));
      }),
      { numRuns: 2000 },
    );
  });

  test('passes over further keys and foreign formatting', () => {
    const bytes = encode(`[\n {"relpath":"b","md5":"${M}","size":3,"__proto__":1},{"md5":"${M}","relpath":"a"}]`);
    const parsed = parseTree(bytes);
    expect(parsed).toEqual(at('b', 'a'));
    const spaced = encode(`[{"md5": "${M}",  "relpath": "a"}]`);
    expect(parseTree(spaced)).toEqual(at('a'));
  });

  test.each([
    ['no JSON', 'files'],
    ['a byte order mark', '\ufeff[]'],
    ['an object', '{}'],
    ['null', 'null'],
    ['a number', '1e999'],
    ['cut off', `[{"md5": "${M}"`],
    ['entries that are no objects', '[1, null, "x", []]'],
    ['an entry without md5', '[{"relpath": "a"}]'],
    ['an entry without relpath', `[{"md5": "${M}"}]`],
    ['wrong types', '[{"md5": 1, "relpath": ["a"]}]'],
    ['an inherited name', '[{"md5": "constructor", "relpath": "toString"}]'],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('refuses %s', (_, text) => {
    expect(() => parseTree(encode(text))).toThrow(expect.objectContaining({ code: 'invalid-manifest' }));
  });

  test('refuses bytes that are no UTF-8', () => {
    const bytes = Uint8Array.from([0x5b, 0xff, 0x5d]);
    expect(() => parseTree(bytes)).toThrow(expect.objectContaining({ code: 'invalid-manifest' }));
  });

  test('is bounded', () => {
    const bytes = serialiseTree(at('a', 'b', 'c'));
    const small = { maxBytes: bytes.byteLength - 1, maxEntries: 10 };
    expect(() => parseTree(bytes, small)).toThrow(expect.objectContaining({ code: 'too-large' }));
    const few = { maxBytes: bytes.byteLength, maxEntries: 2 };
    expect(() => parseTree(bytes, few)).toThrow(expect.objectContaining({ code: 'too-large' }));
    expect(parseTree(bytes, { maxBytes: bytes.byteLength, maxEntries: 3 })).toHaveLength(3);
  });
});

describe('checkTree', () => {
  test.each([
    ['..', 'dot-segment'],
    ['../escaped.txt', 'dot-segment'],
    ['a/../../b', 'dot-segment'],
    ['.', 'dot-segment'],
    ['./a', 'dot-segment'],
    ['a/./b', 'dot-segment'],
    ['/etc/passwd', 'absolute-path'],
    ['C:/x', 'absolute-path'],
    ['c:x', 'absolute-path'],
    ['a\\b', 'backslash-in-path'],
    ['..\\b', 'backslash-in-path'],
    ['a\0b', 'nul-in-path'],
    ['', 'empty-path'],
    ['a/', 'trailing-slash'],
    ['a//b', 'empty-segment'],
    ['\udcff.bin', 'not-unicode'],
    ['x\ud83d', 'not-unicode'],
  ])('refuses the path %j', (path, code) => {
    expect(codesOf(at('fine', path))).toEqual([code]);
    const bytes = encode(JSON.stringify(at(path)));
    expect(() => parseTree(bytes)).toThrow(expect.objectContaining({ code: 'invalid-manifest' }));
  });

  test('refuses paths that are too long or too deep', () => {
    expect(codesOf(at('x'.repeat(4096), 'é'.repeat(2048), `${'a/'.repeat(255)}a`))).toEqual([]);
    expect(codesOf(at('x'.repeat(5000)))).toEqual(['path-too-long']);
    expect(codesOf(at('é'.repeat(2049)))).toEqual(['path-too-long']);
    expect(codesOf(at(`${'a/'.repeat(1000)}a`))).toEqual(['path-too-deep']);
  });

  test.each([
    [['a', 'a'], 'duplicate-path'],
    [['caf\u00e9', 'cafe\u0301'], 'ambiguous-path'],
    [['README', 'readme'], 'ambiguous-path'],
    [['stra\u00dfe', 'STRASSE'], 'ambiguous-path'],
    [['a', 'a/b'], 'file-and-folder'],
    [['a/b/c', 'A'], 'file-and-folder'],
    [['x/y/z/1', 'x/y/z/2', 'x/y'], 'file-and-folder'],
  ])('refuses %j together', (paths, code) => {
    expect(codesOf(at(...paths))).toEqual([code]);
  });

  test.each([
    ['d751713988987e9331980363e24189ce.dir', 'nested-manifest'],
    [M.toUpperCase(), 'not-md5'],
    ['', 'not-md5'],
  ])('refuses the member name %j', (name, code) => {
    expect(codesOf([{ md5: name, relpath: 'a' }])).toEqual([code]);
  });

  test('takes what is odd but harmless', () => {
    const odd = ['...', 'a..b', '.hidden', 'CON', 'aux.txt', 'dot.', ' ', 'ab:c', 'x\ty\n', '-', 'f/B', 'a.b/c'];
    expect(() => checkTree(at(...odd, '\u202egpj.exe', '\u{1f600}'))).not.toThrow();
    expect(parseTree(serialiseTree(at(...odd)))).toHaveLength(odd.length);
  });

  test.each([
    ['CON', /device/],
    ['a/aux.txt/b', /device/],
    ['x/nul', /device/],
    ['LPT1/y', /device/],
    ['y/a\x7fb', /characters/],
    ['com¹', /device/],
    ['a/dot.', /dot or blank/],
    ['blank /x', /dot or blank/],
    ['ab:c', /characters/],
    ['x\ty', /characters/],
    ['\u202egpj.exe', /direction/],
  ])('says of %j what befalls it elsewhere', (path, warning) => {
    expect(relpathWarning(path)).toMatch(warning);
  });

  test.each(['console', 'auxiliary.csv', 'a.b/c d/.hidden', 'com10', 'übung ü.txt', '😀'])(
    'has nothing against %j',
    (path) => {
      expect(relpathWarning(path)).toBeNull();
    },
  );

  test('keeps 100 issues, counts all, and points at the places', () => {
    try {
      checkTree(at(...Array.from({ length: 150 }, (_, i) => `../${i}`)));
      expect.unreachable();
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      expect(error.issues).toHaveLength(100);
      expect(error.issuesTotal).toBe(150);
      expect(error.issues[7]).toMatchObject({ pointer: '/7/relpath', field: 'relpath' });
      expect(error.message).toContain('and 149 more');
    }
  });
});

test('buildTree names the tree and gives its digests', () => {
  const tree = buildTree(entries({ foo: 'foo' }));
  expect(tree).toMatchObject({ oid: '84fe43362de8f1634c6fd2900440e9e2.dir', size: 63 });
  expect(tree.sha256).toBe(digestBytes(tree.bytes).sha256);
  expect(() => buildTree(at('../x'))).toThrow(expect.objectContaining({ code: 'invalid-manifest' }));
});

function isAcceptable(given: readonly TreeEntry[]): boolean {
  return codesOf(given).length === 0;
}

function codesOf(given: readonly TreeEntry[]): string[] {
  try {
    checkTree(given);
    return [];
  } catch (error) {
    if (!isTidemarkError(error, 'invalid-manifest')) throw error;
    return error.issues.map((issue) => issue.code);
  }
}
