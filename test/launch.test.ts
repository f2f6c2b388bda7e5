import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../src/root.ts';

test('npm start gives its Node what a newer Node that it starts is given', async () => {
  // Plain JavaScript, which has no types.
  const launch = (await import(pathToFileURL(join(PACKAGE_ROOT, 'src', 'launch.mjs')).href)) as {
    NODE_FLAGS: string[];
  };
  const { scripts } = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  expect(launch.NODE_FLAGS.length).toBeGreaterThan(0);
  expect(scripts.start.split(' ').filter((word) => word.startsWith('--'))).toEqual(launch.NODE_FLAGS);
});

test('a service begun by the command is the same process with the same flags; a short command is as it was', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-launch-'));
  const launch = JSON.stringify(pathToFileURL(join(PACKAGE_ROOT, 'src', 'launch.mjs')).href);
  const script = join(folder, 'command.mjs');
  writeFileSync(
    script,
    `import { takeServiceFlags } from ${launch};
     console.error(process.pid);
     takeServiceFlags(process.argv.slice(2));
     console.log(JSON.stringify([process.execArgv, process.argv.slice(2)]));`,
  );
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    return { status, said: JSON.parse(stdout) as unknown, pids: new Set(stderr.trim().split('\n')).size };
  };
  try {
    const flags = ['--max-semi-space-size=8', '--heap-growing-percent=50'];
    expect(run('serve', '--port', '1')).toEqual({ status: 0, said: [flags, ['serve', '--port', '1']], pids: 1 });
    expect(run('--json', 'worker')).toEqual({ status: 0, said: [flags, ['--json', 'worker']], pids: 1 });
    expect(run('push', 'serve')).toEqual({ status: 0, said: [[], ['push', 'serve']], pids: 1 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
