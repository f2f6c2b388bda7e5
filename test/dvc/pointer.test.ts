import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pointer, parsePointer, writePointer } from '../../src/dvc/pointer.ts';
import { relpathProblem } from '../../src/dvc/relpath.ts';
import { readScalar, writeScalar } from '../../src/dvc/yaml.ts';

const OID = 'acbd18db4cc2f85cedef654fccc4a4d8';
const DIR = '84fe43362de8f1634c6fd2900440e9e2.dir';

describe('writePointer', () => {
  test('a file', () => {
    expect(writePointer({ oid: OID, size: 3, hash: 'md5', path: 'foo' })).toBe(
      `outs:\n- md5: ${OID}\n  size: 3\n  hash: md5\n  path: foo\n`,
    );
  });

  test('a directory', () => {
    expect(writePointer({ oid: DIR, size: 3, nfiles: 1, hash: 'md5', path: 'data' })).toBe(
      `outs:\n- md5: ${DIR}\n  size: 3\n  nfiles: 1\n  hash: md5\n  path: data\n`,
    );
  });

  test('a file that can be executed, and only a file', () => {
    const text = `outs:\n- md5: ${OID}\n  size: 3\n  isexec: true\n  hash: md5\n  path: foo\n`;
    const pointer = { oid: OID, size: 3, isexec: true, hash: 'md5', path: 'foo' } as const;
    expect(writePointer(pointer)).toBe(text);
    expect(parsePointer(text)).toEqual([pointer]);
    expect(parsePointer(text.replace('true', 'false'))[0]).not.toHaveProperty('isexec');
    expect(writePointer({ ...pointer, oid: DIR })).not.toContain('isexec');
  });

  test('nfiles belongs to directories, hash to DVC 3', () => {
    expect(writePointer({ oid: OID, size: 3, nfiles: 1, hash: 'md5-dos2unix', path: 'foo' })).toBe(
      `outs:\n- md5: ${OID}\n  size: 3\n  path: foo\n`,
    );
  });
});

/** Left the text, right the scalar that ruamel.yaml 0.19 (DVC's writer) puts after `path: `. */
const SCALARS: [string, string][] = [
  ['data.csv', 'data.csv'],
  ['a b', 'a b'],
  ['2024-data.csv', '2024-data.csv'],
  ['a: b', "'a: b'"],
  ['a #b', "'a #b'"],
  ['a#b', 'a#b'],
  ['#x', "'#x'"],
  ['-', "'-'"],
  ['- x', "'- x'"],
  ['-x', '-x'],
  ['123', "'123'"],
  ['1_000', "'1_000'"],
  ['1e3', "'1e3'"],
  ['0x1f', "'0x1f'"],
  ['0o17', "'0o17'"],
  ['0b1', "'0b1'"],
  ['.5', "'.5'"],
  ['1.', "'1.'"],
  ['-1', "'-1'"],
  ['.inf', "'.inf'"],
  ['.nan', "'.nan'"],
  ['true', "'true'"],
  ['TRUE', "'TRUE'"],
  ['Null', "'Null'"],
  ['~', "'~'"],
  ['=', "'='"],
  ['<<', "'<<'"],
  ['2001-01-01', "'2001-01-01'"],
  ['yes', 'yes'],
  ['12:30:45', '12:30:45'],
  ['é.txt', 'é.txt'],
  ['\u{1f600}', '\u{1f600}'],
  ['tab\there', '"tab\\there"'],
  ['a\nb', '"a\\nb"'],
  ['x\x7f', '"x\\x7F"'],
  ['\x1b', '"\\e"'],
  ['\ufeffx', '"\\uFEFFx"'],
  ["it's", "it's"],
  ["'q'", "'''q'''"],
  ['say "x"', 'say "x"'],
  ['%a', "'%a'"],
  ['@a', "'@a'"],
  ['`a', "'`a'"],
  ['!a', "'!a'"],
  ['&a', "'&a'"],
  ['*a', "'*a'"],
  ['[a', "'[a'"],
  ['{a', "'{a'"],
  ['a,b', 'a,b'],
  ['a]', 'a]'],
  ['?', "'?'"],
  ['? a', "'? a'"],
  ['?a', '?a'],
  [':a', ':a'],
  ['a:', "'a:'"],
  ['|', "'|'"],
  ['> ', "'> '"],
  [' lead', "' lead'"],
  ['trail ', "'trail '"],
  ['', "''"],
  ['---', "'---'"],
  ['--- x', "'--- x'"],
  ['...', "'...'"],
  ['.', '.'],
  ['a\\b', 'a\\b'],
];

describe('scalars', () => {
  test.each(SCALARS)('%j is written %s', (text, scalar) => {
    expect(writeScalar(text)).toBe(scalar);
    expect(readScalar(scalar)).toBe(text);
  });

  test('any text comes back, from one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        const scalar = writeScalar(text);
        expect(scalar).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
        expect(readScalar(scalar)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parsePointer', () => {
  test('gives back what was written', () => {
    const path = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((p) => relpathProblem(p) === null);
    fc.assert(
      fc.property(path, fc.nat(), fc.boolean(), (name, size, directory) => {
        const pointer: Pointer = directory
          ? { oid: DIR, size, nfiles: 1, hash: 'md5', path: name }
          : { oid: OID, size, hash: 'md5', path: name };
        expect(parsePointer(writePointer(pointer))).toEqual([pointer]);
      }),
    );
  });

  test('takes the forms in which people paste it', () => {
    const text = [
      '\ufeff---',
      'desc: the data # of last year',
      'md5: a304afb96060aad90176268345e10355',
      'deps:',
      '- path: data.xml',
      '  md5: not read',
      'outs:',
      '# a comment',
      '  - desc: |',
      '      md5: not this one',
      '    labels:',
      '    - a',
      '    - b',
      `    md5:   "${OID}"  # quoted`,
      '    size: 3',
      '    cloud:',
      '      s3:',
      '        md5: not this one either',
      '    hash: md5',
      "    path: 'it''s here'",
      '',
      `  - path: two`,
      `    md5: ${DIR}`,
      'meta:',
      '  md5: nor this',
      '...',
    ].join('\r\n');
    expect(parsePointer(text)).toEqual([
      { oid: OID, size: 3, hash: 'md5', path: "it's here" },
      { oid: DIR, hash: 'md5-dos2unix', path: 'two' },
    ]);
  });

  test("takes long paths in the folds of DVC's writer", () => {
    const word = 'x'.repeat(100);
    const words = 'word '.repeat(30).trim();
    const folded = `${'word '.repeat(15)}\n    ${'word '.repeat(15).trim()}`;
    const head = `outs:\n- md5: ${OID}\n  hash: md5\n  path:`;
    expect(parsePointer(`${head}\n    ${word}\n`)[0]?.path).toBe(word);
    expect(parsePointer(`${head} ${folded}\n`)[0]?.path).toBe(words);
    expect(parsePointer(`${head} '${folded}'\n`)[0]?.path).toBe(words);
    expect(parsePointer(`${head} "a\\tb\\\n    \\ c"\n`)[0]?.path).toBe('a\tb c');
  });

  const out = (...lines: string[]) => `outs:\n- ${lines.join('\n  ')}\n`;
  test.each([
    ['nothing', '', 1],
    ['other YAML', 'stages: {}\n', 1],
    ['an empty list', 'outs:\n', 1],
    ['a flow list', 'outs: [{md5: x}]\n', 1],
    ['a flow map', 'outs:\n- {md5: x}\n', 2],
    ['no md5', out('path: x'), 2],
    ['no path', out(`md5: ${OID}`), 2],
    ['an md5 that is none', out('md5: 123', 'path: x'), 2],
    ['a size that is none', out(`md5: ${OID}`, 'size: 1e3', 'path: x'), 3],
    ['a negative size', out(`md5: ${OID}`, 'size: -1', 'path: x'), 3],
    ['a size beyond exact integers', out(`md5: ${OID}`, 'size: 9007199254740993', 'path: x'), 3],
    ['another hash', out(`md5: ${OID}`, 'hash: sha256', 'path: x'), 3],
    ['a key twice', out(`md5: ${OID}`, `md5: ${OID}`, 'path: x'), 3],
    ['a block scalar', out(`md5: ${OID}`, 'path: |', '  x'), 3],
    ['an anchor', out(`md5: ${OID}`, 'path: &a x'), 3],
    ['an open quote', out(`md5: ${OID}`, 'path: "x'), 3],
    ['an unknown escape', out(`md5: ${OID}`, 'path: "\\q"'), 3],
    ['tabs', `outs:\n- md5: ${OID}\n\tpath: x\n`, 3],
    ['odd indentation', `outs:\n  - md5: ${OID}\n   path: x\n`, 3],
    ['JSON', '{"outs": []}', 1],
  ])('refuses %s and names the line', (_, text, line) => {
    expect(() => parsePointer(text)).toThrow(
      expect.objectContaining({ code: 'invalid-body', issues: [expect.objectContaining({ line })] }),
    );
  });

  test.each(['../x', '/etc/passwd', 'a\\b', 'c:x'])('refuses the path %j', (path) => {
    expect(() => parsePointer(out(`md5: ${OID}`, `path: ${path}`))).toThrow(
      expect.objectContaining({ code: 'bad-path' }),
    );
  });

  test('any text is answered, none hangs', () => {
    const piece = fc.constantFrom(
      'outs:',
      '\n',
      '- ',
      '  ',
      'md5: ',
      OID,
      'path: ',
      "'",
      '"',
      '\\',
      '#',
      ':',
      'x',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          expect(Array.isArray(parsePointer(pieces.join('')))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'TidemarkError' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('dvc.lock', () => {
  const LOCK = [
    "schema: '2.0'",
    'stages:',
    '  prepare:',
    '    cmd: python prepare.py',
    '    deps:',
    '    - path: raw.csv',
    '      hash: md5',
    '      md5: 00000000000000000000000000000001',
    '      size: 5',
    '    outs:',
    '    - path: data/train',
    '      hash: md5',
    '      md5: 00000000000000000000000000000002.dir',
    '      size: 10',
    '      nfiles: 2',
    "  'train: it':",
    '    cmd: "echo outs: and more"',
    '    params:',
    '      params.yaml:',
    '        outs: 3',
    '    outs:',
    '      - path: model.pkl',
    '        hash: md5',
    '        md5: 00000000000000000000000000000003',
    '        size: 7',
    '',
  ];

  test('gives the outputs of all its stages, and nothing else', () => {
    expect(parsePointer(LOCK.join('\n'))).toEqual([
      { oid: '00000000000000000000000000000002.dir', size: 10, nfiles: 2, hash: 'md5', path: 'data/train' },
      { oid: '00000000000000000000000000000003', size: 7, hash: 'md5', path: 'model.pkl' },
    ]);
  });

  test('says where it cannot be read', () => {
    expect(() => parsePointer('stages:\n  a:\n    cmd: x\n')).toThrow(
      expect.objectContaining({ code: 'invalid-body' }),
    );
    expect(() => parsePointer('stages:\n  a:\n    outs:\n    - path: x\n      md5: no\n')).toThrow(/line 5/);
  });
});
