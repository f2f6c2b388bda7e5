import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/root.ts';
import { createFileSystemSync } from '../../../src/store/objects/file-system-sync.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark sync '$x "));
});
afterEach(() => rm(folder, { recursive: true }));

describe.skipIf(process.platform !== 'linux')('syncing a file system (Linux only)', () => {
  it('says so once it is done, to everybody who asked', async () => {
    const sync = createFileSystemSync(folder);
    await writeFile(join(folder, 'a'), 'a');
    expect(await Promise.all([sync(), sync(), sync()])).toEqual([true, true, true]);
    expect(await sync()).toBe(true);
  });

  it('says that it could not, and goes on when it can', async () => {
    const later = join(folder, 'not yet');
    const sync = createFileSystemSync(later);
    expect(await Promise.all([sync(), sync()])).toEqual([false, false]);
    await writeFile(later, '');
    expect(await sync()).toBe(true);
  });

  it('keeps no process alive that has nothing else to do', () => {
    const module = join(PACKAGE_ROOT, 'src', 'store', 'objects', 'file-system-sync.ts');
    const script = `import { createFileSystemSync } from ${JSON.stringify(module)};
      const sync = createFileSystemSync('/tmp');
      await Promise.all([sync(), sync()]);
      console.log(await sync());`;
    const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(ran).toMatchObject({ status: 0, stdout: 'true\n' });
  });
});
