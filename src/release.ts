import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './root.ts';

/** The version of this program, as `package.json` has it. @throws Error where that names none. */
export function readRelease(root: string = PACKAGE_ROOT): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: unknown };
  if (typeof version !== 'string') throw new Error(`${root}/package.json names no version`);
  return version;
}
