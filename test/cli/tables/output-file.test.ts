import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeOutput } from '../../../src/cli/tables/output-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-output-'));
});
afterEach(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

describe('a file that a command writes', () => {
  it('is there whole, with nothing beside it, and keeps its mode', async () => {
    await writeOutput(at('new.html'), 'new');
    await writeFile(at('old.html'), 'a long text that was there before');
    await chmod(at('old.html'), 0o640);
    await writeOutput(at('old.html'), Buffer.from('short'));
    expect(await readFile(at('old.html'), 'utf8')).toBe('short');
    expect((await stat(at('old.html'))).mode & 0o777).toBe(0o640);
    expect(await readFile(at('new.html'), 'utf8')).toBe('new');
    expect((await readdir(folder)).toSorted()).toEqual(['new.html', 'old.html']);
  });

  it('is at every moment what it was before, or all of it: whoever kills the command finds no half', async () => {
    await writeFile(at('report.html'), 'before');
    const large = Buffer.alloc(64 * 1024 ** 2, 'x');
    const seen = new Set<number>();
    let done = false;
    const written = writeOutput(at('report.html'), large).finally(() => {
      done = true;
    });
    while (!done) seen.add((await stat(at('report.html'))).size);
    await written;
    seen.delete(large.byteLength);
    expect([...seen]).toEqual(['before'.length]);
  });

  it('is the one that a link leads to, and a device is written as it is', async () => {
    await writeFile(at('real.html'), 'before');
    await symlink(at('real.html'), at('link.html'));
    await writeOutput(at('link.html'), 'after');
    expect(await readFile(at('real.html'), 'utf8')).toBe('after');
    expect((await readdir(folder)).toSorted()).toEqual(['link.html', 'real.html']);
    await writeOutput('/dev/null', 'nothing');
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  it('says why it cannot be written', async () => {
    await expect(writeOutput(join(folder, 'none', 'x.html'), 'x')).rejects.toMatchObject({ code: 'bad-path' });
    await expect(writeOutput(folder, 'x')).rejects.toMatchObject({ code: 'bad-path' });
    await expect(writeOutput('/dev/full', 'x')).rejects.toMatchObject({ code: 'storage-full' });
    expect(await readdir(folder)).toEqual([]);
  });
});
