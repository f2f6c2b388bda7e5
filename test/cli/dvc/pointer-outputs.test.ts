import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOutputs } from '../../../src/cli/dvc/pointer-outputs.ts';

const MD5 = '8d777f385d3dfec8815d20f7496026dc';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-outputs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const lockOf = (...paths: string[]): string =>
  write(
    'dvc.lock',
    `schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n${paths
      .map((path) => `    - path: ${path}\n      hash: md5\n      md5: ${MD5}\n      size: 4\n`)
      .join('')}`,
  );
const stage = (...lines: string[]): string =>
  write('dvc.yaml', ['stages:', '  a:', '    cmd: x', ...lines.map((line) => `    ${line}`), ''].join('\n'));
const pathsOf = (file: string): string[] => readOutputs(file).map(({ path }) => path);

test('of a dvc.lock are those that its dvc.yaml does not leave to Git, in the folder of their stage', () => {
  stage('wdir: sub', 'outs:', '- data', 'metrics:', '- metrics.json:', '    cache: false');
  expect(pathsOf(lockOf('data', 'metrics.json'))).toEqual(['sub/data']);
  stage('outs:', '- data', '- metrics.json');
  expect(pathsOf(lockOf('data', 'metrics.json'))).toEqual(['data', 'metrics.json']);
});

test('of a .dvc file lie in the folder that it names', () => {
  const outs = `outs:\n- md5: ${MD5}\n  size: 4\n  hash: md5\n  path: data\n`;
  expect(pathsOf(write('data.dvc', outs))).toEqual(['data']);
  expect(pathsOf(write('data.dvc', `wdir: "sub/folder"\n${outs}`))).toEqual(['sub/folder/data']);
});

test.each(['../elsewhere', '/elsewhere', `\${item}`])('in another folder, %s, are left to dvc', (wdir) => {
  stage(`wdir: ${wdir}`, 'outs:', '- data');
  expect(() => readOutputs(lockOf('data'))).toThrow(`data of ${join(folder, 'dvc.lock')} lies in another folder`);
});

test('that were never downloaded are said to be such', () => {
  const file = write('data.dvc', 'frozen: true\ndeps:\n- path: http://x/y\nouts:\n- hash: md5\n  path: data\n');
  expect(() => readOutputs(file)).toThrow(/line 5: the output has no md5 yet: .*"dvc pull" brings them/);
});
