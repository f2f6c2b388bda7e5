import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findRepository } from './dvc-repository.ts';

/**
 * Has Git ignore data that a `.dvc` file tracks, by the line that `dvc add` would write, so that the next `git add`
 * does not take them in. Nothing happens outside of a work tree of Git, and where Git ignores the path already.
 */
export function ignoreInGit(path: string): void {
  const folder = dirname(path);
  if (!isInWorkTree(folder) || findRepository(path)?.usesGit === false) return;
  // Exit code 0: some pattern ignores it.
  if (spawnSync('git', ['check-ignore', '-q', '--', path], { cwd: folder, stdio: 'ignore' }).status === 0) return;
  const line = `/${basename(path).replace(/[\\[\]!*#?]/g, '\\$&')}`;
  const file = join(folder, '.gitignore');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text.split(/\r?\n/).includes(line)) return;
  appendFileSync(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
}

function isInWorkTree(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return true;
    if (dirname(folder) === folder) return false;
  }
}
