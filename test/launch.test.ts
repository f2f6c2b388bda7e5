import { readFileSync } from 'node:fs';
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
