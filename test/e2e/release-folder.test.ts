import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { startTyped, strangersEnvironment } from './clone.ts';
import { makeFolder, ROOT, removeFolder } from './service.ts';

let stage: string;
let released: string;

const release = (folder: string) =>
  spawnSync(process.execPath, ['src/bootstrap.mjs', 'release', folder], { cwd: ROOT, encoding: 'utf8' });

beforeAll(() => {
  stage = makeFolder('release');
  chmodSync(stage, 0o755);
  const made = release(join(stage, 'made'));
  expect(made.stderr).toContain('is whole');
  // What was made here has to run there.
  mkdirSync(join(stage, 'an other place'));
  released = join(stage, 'an other place', 'tidemark-1');
  renameSync(join(stage, 'made'), released);
  symlinkSync(join(released, 'bin', 'tidemark'), join(stage, 'tidemark'));
});
afterAll(() => removeFolder(stage));

/** Every file with its time, by which a start that writes into its own folder is seen; what Node compiled is its own, where it may. */
const listing = (): string[] =>
  readdirSync(released, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('dist/.compiled') && statSync(join(released, path)).isFile())
    .map((path) => `${path} ${statSync(join(released, path)).mtimeMs}`);

describe('a release', () => {
  test('is served, by a link, where there is neither Node nor npm, and leaves its folder as it is', async () => {
    const before = listing();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { PATH: '/usr/bin:/bin', TIDEMARK_DATA: join(stage, 'data'), TIDEMARK_PORT: String(port) };
    const tidemark = join(stage, 'tidemark');
    const service = startTyped([tidemark, 'serve'], stage, { env: { ...env, TIDEMARK_DEMO: 'off' } });
    await service.says('serving on');
    writeFileSync(
      join(stage, 'table.csv'),
      `a,b\n${Array.from({ length: 200 }, (_, i) => `${i},x${i % 3}\n`).join('')}`,
    );
    const type = (...args: string[]) => {
      const given = { cwd: stage, encoding: 'utf8' as const, env: { ...strangersEnvironment(), ...env, HOME: stage } };
      return spawnSync(tidemark, ['--url', url, ...args], given);
    };
    expect(type('push', 'table.csv', '-d', 'tables').stdout).toContain('tables@v1');
    expect(type('profile', 'table.csv').stdout).toMatch(/^b +text/m);
    expect(type('compare', 'tables@v1', 'table.csv').stdout).toMatch(/none drifted/);
    expect(await (await fetch(`${url}/p/default`)).text()).toContain('tables');
    expect((await fetch(`${url}/assets/tidemark.css`)).status).toBe(200);
    process.kill(service.child.pid ?? 0, 'SIGTERM');
    expect(await service.ended).toBe(0);
    expect(listing()).toEqual(before);
  });

  test('has neither sources nor what develops them', () => {
    const packages = readdirSync(join(released, 'node_modules'));
    expect(packages).toContain('hono');
    for (const name of ['typescript', 'vitest', 'esbuild', '@biomejs']) expect(packages).not.toContain(name);
    expect(
      readdirSync(join(released, 'src'), { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path)),
    ).toEqual([]);
  });

  test('is never written over another', () => {
    const again = release(released);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/is not empty; name a new folder/);
    expect(existsSync(`${released}.part`)).toBe(false);
    expect(release('').status).toBe(1);
  });
});
