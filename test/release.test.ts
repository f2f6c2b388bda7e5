import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readRelease } from '../src/release.ts';

it('is the version of the package, and refuses a package without one', () => {
  expect(readFileSync('package.json', 'utf8')).toContain(`"version": "${readRelease()}"`);
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"name":"x"}');
    expect(() => readRelease(folder)).toThrow(/names no version/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
