import { describe, expect, test } from 'vitest';
import type { Pointer } from '../../src/dvc/pointer.ts';
import { repoint } from '../../src/dvc/repoint.ts';

const OLD = 'acbd18db4cc2f85cedef654fccc4a4d8';
const NEW = 'b026324c6904b2a9cb4b88d6d61c81d1';
const DIR = '84fe43362de8f1634c6fd2900440e9e2.dir';
const pointer: Pointer = { oid: NEW, size: 9, hash: 'md5', path: 'a.csv' };
const text = (...lines: string[]) => `${lines.join('\n')}\n`;
const FRESH = [`- md5: ${NEW}`, '  size: 9', '  hash: md5', '  path: a.csv'];

describe('repoint', () => {
  test.each([
    ['as dvc writes it', ['outs:', `- md5: ${OLD}`, '  size: 3', '  hash: md5', '  path: a.csv']],
    ['of DVC 2, which names no hash', ['outs:', `- md5: ${OLD}`, '  size: 3', '  path: a.csv']],
    ['with its fields in another order', ['outs:', '- path: a.csv', '  isexec: true', `  md5: ${OLD}`]],
    ['with a path in folds', ['outs:', `- md5: ${OLD}`, '  path:', '    a.csv', '  size: 3']],
    ['of DVC 0, with a checksum of its own', [`md5: ${NEW}`, 'outs:', `- md5: ${OLD}`, '  path: a.csv']],
  ])('replaces what is said of the bytes: %s', (_, lines) => {
    expect(repoint(text(...lines), pointer)).toBe(text('outs:', ...FRESH));
  });

  test('keeps all else that people wrote, also fields of the same names elsewhere', () => {
    const before = text(
      '# ours',
      'desc: of last year',
      'outs:',
      `  - desc: first`,
      `    md5: ${OLD}`,
      '    # its size',
      '    size: 3',
      '    path: a.csv',
      '    meta:',
      '      path: /archive',
      '      md5: none',
      '    cache: false',
      'meta:',
      '  path: elsewhere',
      '  size: 12',
      `  hash: sha`,
    );
    expect(repoint(before, pointer)).toBe(
      text(
        '# ours',
        'desc: of last year',
        'outs:',
        `  - md5: ${NEW}`,
        '    size: 9',
        '    hash: md5',
        '    path: a.csv',
        '    desc: first',
        '    # its size',
        '    meta:',
        '      path: /archive',
        '      md5: none',
        '    cache: false',
        'meta:',
        '  path: elsewhere',
        '  size: 12',
        '  hash: sha',
      ),
    );
  });

  test('changes one of several outputs', () => {
    const other = [`- md5: ${DIR}`, '  nfiles: 2', '  hash: md5', '  path: b'];
    const before = text('outs:', ...other, `- md5: ${OLD}`, '  path: a.csv');
    expect(repoint(before, pointer)).toBe(text('outs:', ...other, ...FRESH));
    expect(repoint(text('outs:', `- md5: ${OLD}`, '  path: a.csv', ...other), pointer)).toBe(
      text('outs:', ...FRESH, ...other),
    );
  });

  test('keeps the line ends', () => {
    expect(repoint(`outs:\r\n- md5: ${OLD}\r\n  path: a.csv\r\n`, pointer)).toBe(`outs:\r\n${FRESH.join('\r\n')}\r\n`);
  });

  const url = [
    `md5: ${OLD}`,
    'frozen: true',
    'deps:',
    `- md5: ${OLD}`,
    '  size: 4',
    '  hash: md5',
    '  path: /x/src.csv',
  ];
  const repo = [
    'deps:',
    '- path: f',
    '  repo:',
    '    url: ../src',
    '    rev_lock: 23632ee0e46c4e1c36017767f4655d97dc57ace5',
  ];
  const outs = ['outs:', `- md5: ${OLD}`, '  size: 4', '  hash: md5', '  path: a.csv'];
  test.each([
    ['from an address', [...url, ...outs]],
    ['from a repository', [...repo, ...outs]],
    ['whose source is named last', [...outs, ...url]],
  ])('refuses an import %s', (_, lines) => {
    expect(() => repoint(text(...lines), pointer)).toThrow(
      expect.objectContaining({ code: 'conflict', message: expect.stringContaining('dvc update') }),
    );
  });

  test.each([
    ['a dvc.lock', ['stages:', '  a:', '    outs:', `    - path: a.csv`, `      md5: ${OLD}`], 'dvc repro'],
    ['what a command makes', ['cmd: make', ...outs], 'command'],
    ['another folder', ['wdir: ../data', ...outs], 'another folder'],
    ['another path', [...outs.slice(0, -1), '  path: b.csv'], 'none of its outputs'],
    ['files that a cloud names', [...outs, '  files:', '  - relpath: x', `    md5: ${OLD}`], 'cloud'],
  ])('refuses %s', (_, lines, why) => {
    expect(() => repoint(text(...lines), pointer)).toThrow(
      expect.objectContaining({ code: 'invalid-body', message: expect.stringContaining(why) }),
    );
  });

  test('takes the folder that a file says it lies in', () => {
    expect(repoint(text('wdir: .', ...outs), pointer)).toBe(text('wdir: .', 'outs:', ...FRESH));
  });
});
