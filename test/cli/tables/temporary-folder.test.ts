import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withTemporaryFolder } from '../../../src/cli/tables/temporary-folder.ts';
import { runChildScript } from '../../support/child-script.ts';

const MODULE = new URL('../../../src/cli/tables/temporary-folder.ts', import.meta.url).href;

describe('a temporary folder', () => {
  it('is gone when the work is done, and when it fails', async () => {
    let folder = '';
    const leave = async (given: string): Promise<number> => {
      folder = given;
      await writeFile(join(given, 'left'), 'something');
      return 7;
    };
    expect(await withTemporaryFolder('tidemark-test-', leave)).toBe(7);
    expect(existsSync(folder)).toBe(false);
    const fail = (given: string) => leave(given).then(() => Promise.reject(new Error('no')));
    await expect(withTemporaryFolder('tidemark-test-', fail)).rejects.toThrow('no');
    expect(existsSync(folder)).toBe(false);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is gone when somebody ends the command by %s', async (signal, code) => {
    const script = `
      import { withTemporaryFolder } from ${JSON.stringify(MODULE)};
      await withTemporaryFolder('tidemark-test-', (folder) => {
        console.log(folder);
        return new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const { child, line: folder } = await runChildScript(script);
    expect(existsSync(folder)).toBe(true);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(existsSync(folder)).toBe(false);
  });
});
