import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PART_SUFFIX, partBeside, partName, sweepParts } from '../../../src/cli/transfer/part-file.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-parts-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const A = 'a'.repeat(32);
const NOW = Date.now();
/** A process that ran, and is no more. */
const gone = spawnSync(process.execPath, ['--version']).pid;
const nameOf = (label: string, { pid = gone, elsewhere = false } = {}) => {
  const name = partName(label).replace(`-${process.pid}.`, `-${pid}.`);
  return elsewhere ? name.replace(/\.[0-9a-f]{8}-/, '.00000000-') : name;
};
const sweep = (everything = false, ...wanted: string[]) =>
  [...sweepParts([root, join(root, 'none')], { wanted: new Set(wanted), everything, now: NOW })].map(
    ([md5, file]) => [md5, basename(file)] as const,
  );

describe('parts of files', () => {
  test('lie beside them, under a name of this process', () => {
    expect(partBeside(join(root, 'x.csv'), A)).toBe(join(root, partName(A)));
    expect(partBeside(join(root, 'x'))).not.toBe(partBeside(join(root, 'x')));
    expect(basename(partBeside(join(root, 'x')))).toMatch(/^\.[0-9a-f]+\./);
  });

  test('of a process that ended are taken away, but for what can be gone on with', async () => {
    for (const name of [nameOf(A), nameOf('b'.repeat(32)), nameOf('0f-1'), 'mine.txt'])
      await writeFile(join(root, name), 'x');
    await mkdir(join(root, `folder${PART_SUFFIX}`));
    expect(sweep(false, A)).toEqual([[A, nameOf(A)]]);
    expect((await readdir(root)).sort()).toEqual([nameOf(A), `folder${PART_SUFFIX}`, 'mine.txt'].sort());
    expect(sweep()).toEqual([]);
    expect(await readdir(root)).toHaveLength(2);
  });

  test('of a process that runs stay, and those of another machine until they are silent for long', async () => {
    const [own, theirs, old] = [partName(A), nameOf(A, { elsewhere: true }), `.b3f0${PART_SUFFIX}`];
    for (const name of [own, theirs, old]) await writeFile(join(root, name), 'x');
    expect(sweep(false, A)).toEqual([]);
    expect(await readdir(root)).toHaveLength(3);
    await utimes(join(root, theirs), NOW / 1000 - 4000, NOW / 1000 - 4000);
    expect(sweep(false, A)).toEqual([[A, theirs]]);
    // A folder that is to be a version and nothing besides.
    expect(sweep(true)).toEqual([]);
    expect(await readdir(root)).toEqual([own]);
  });
});
