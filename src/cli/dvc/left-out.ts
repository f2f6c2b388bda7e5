import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type IgnoreRule, isLeftOut, parseIgnore } from '../../dvc/ignore.ts';
import type { DvcRepository } from './dvc-repository.ts';

const IGNORE_FILE = '.dvcignore';

/** What a folder's files are judged by: those that DVC would not see are not there for us either. */
export type Scope = {
  readonly inRepository: boolean;
  /** The folders from the root of the repository to this one. */
  readonly names: readonly string[];
  /** The rules that hold in this folder, with how many of its names lie above their file. */
  readonly files: readonly { readonly rules: readonly IgnoreRule[]; readonly above: number }[];
};

/** The scope of a folder before its own `.dvcignore` is read, or null where the folder itself is left out. */
export function scopeOf(folder: string, repository: DvcRepository | null): Scope | null {
  if (repository === null) return { inRepository: false, names: [], files: [] };
  let scope: Scope = { inRepository: true, names: [], files: [] };
  let at = repository.root;
  for (const name of relative(repository.root, folder).split(sep)) {
    if (name === '') break;
    scope = withRulesOf(scope, at);
    if (leavesOut(scope, name, true)) return null;
    scope = below(scope, name);
    at = join(at, name);
  }
  return scope;
}

/** Whether a file is left out of the folder that it lies in. */
export function isFileLeftOut(file: string, repository: DvcRepository | null): boolean {
  const folder = dirname(file);
  const scope = scopeOf(folder, repository);
  return scope === null || leavesOut(withRulesOf(scope, folder), basename(file), false);
}

/** The scope of a folder in another. */
export function below(scope: Scope, name: string): Scope {
  return scope.inRepository ? { ...scope, names: [...scope.names, name] } : scope;
}

/** With the folder's own rules, if it has any and they count. */
export function withRulesOf(scope: Scope, folder: string): Scope {
  if (!scope.inRepository || leavesOut(scope, IGNORE_FILE, false)) return scope;
  let text: string;
  try {
    text = readFileSync(join(folder, IGNORE_FILE), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return scope;
    throw error;
  }
  const rules = parseIgnore(text);
  return rules.length === 0 ? scope : { ...scope, files: [...scope.files, { rules, above: scope.names.length }] };
}

/** Whether an entry of the scope's folder is not to be seen. */
export function leavesOut(scope: Scope, name: string, isFolder: boolean): boolean {
  if (isOwnFolder(name, isFolder)) return true;
  // The nearest file has the last word.
  for (let i = scope.files.length - 1; i >= 0; i--) {
    const file = scope.files[i];
    const said = file === undefined ? null : isLeftOut(file.rules, [...scope.names.slice(file.above), name], isFolder);
    if (said !== null) return said;
  }
  return false;
}

/** What Git, Mercurial and DVC keep for themselves, passwords among it. A worktree of Git has a file of that name. */
export function isOwnFolder(name: string, isFolder: boolean): boolean {
  return name === '.git' || (isFolder && (name === '.hg' || name === '.dvc'));
}
