import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDirectory } from '../../../src/store/postgres/data-lock.ts';
import { runChildScript } from '../../support/child-script.ts';

const SOURCE = new URL('../../../src/store/postgres/data-lock.ts', import.meta.url).href;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tidemark lock '));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Another process that locks the directory and stays. */
const holder = () =>
  runChildScript(
    `import { lockDataDirectory } from ${JSON.stringify(SOURCE)};
     await lockDataDirectory(${JSON.stringify(directory)});
     console.log(process.pid);
     setInterval(() => {}, 1000);`,
  );

test('a second service is refused with a sentence that names the first', async () => {
  const other = await holder();
  try {
    await expect(lockDataDirectory(directory)).rejects.toMatchObject({
      code: 'already-running',
      message: expect.stringMatching(new RegExp(`process ${other.line}, since .*TIDEMARK_DATA`)),
      details: { pid: Number(other.line) },
    });
  } finally {
    await other.kill();
  }
});

test('the lock of a killed service is free at once, whoever has its pid now', async () => {
  const other = await holder();
  await other.kill();
  const named = JSON.parse(readFileSync(join(directory, 'service.json'), 'utf8'));
  writeFileSync(join(directory, 'service.json'), JSON.stringify({ ...named, pid: process.pid }));
  const lock = await lockDataDirectory(directory);
  expect(JSON.parse(readFileSync(join(directory, 'service.json'), 'utf8'))).toMatchObject({ pid: process.pid });
  await lock.release();
});

test('one process cannot hold it twice, and can take it again after letting it go', async () => {
  const first = await lockDataDirectory(directory);
  await expect(lockDataDirectory(directory)).rejects.toMatchObject({ code: 'already-running' });
  await first.release();
  await first.release();
  const second = await lockDataDirectory(directory);
  await second.release();
});

test('of many that try at once, exactly one gets it', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataDirectory(directory)));
  const locks = tries.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  expect(locks).toHaveLength(1);
  await locks[0]?.release();
});

test('makes the directory, and says so when it cannot', async () => {
  const lock = await lockDataDirectory(join(directory, 'a', 'b'));
  await lock.release();
  writeFileSync(join(directory, 'file'), '');
  await expect(lockDataDirectory(join(directory, 'file', 'below'))).rejects.toMatchObject({
    code: 'invalid-configuration',
    message: expect.stringContaining('TIDEMARK_DATA'),
  });
});
