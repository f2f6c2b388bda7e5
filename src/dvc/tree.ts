/**
 * Directory manifests. A directory's object is the JSON array of its files as Python's
 * `json.dumps(entries, sort_keys=True)` writes it, and its name is the MD5 of those bytes and `.dir`: one
 * byte of difference is another name, so every rule of that writer is kept here.
 */
import { type ErrorIssue, TidemarkError } from '../errors.ts';
import { type Digests, digestBytes, isDirectoryOid, isMd5, type Oid, oidOfMd5 } from './hash.ts';
import { foldPath, inCodePointOrder, relpathProblem } from './relpath.ts';

/** One file of a directory. `relpath` is relative to the directory, divided by `/`, never normalised. */
export type TreeEntry = { readonly md5: string; readonly relpath: string };

export type Tree = Digests & { readonly oid: Oid; readonly bytes: Uint8Array };

export type TreeLimits = { readonly maxBytes: number; readonly maxEntries: number };

/** Decoding makes one string of the bytes, and V8 has none longer than 512 Mi characters. */
export const TREE_LIMITS: TreeLimits = { maxBytes: 256 * 1024 ** 2, maxEntries: 2_000_000 };

const ISSUES_KEPT = 100;

/**
 * The manifest's canonical bytes, in canonical order whatever order the entries have. Paths are not judged
 * (see `checkTree`); `md5` must be bare hex.
 */
export function serialiseTree(entries: readonly TreeEntry[]): Uint8Array {
  const items = inCodePointOrder(entries, ({ relpath }) => relpath).map(
    (e) => `{"md5": "${e.md5}", "relpath": ${pythonString(e.relpath)}}`,
  );
  return new TextEncoder().encode(`[${items.join(', ')}]`);
}

/**
 * Checked entries as the object that `dvc` would store.
 * @throws TidemarkError `invalid-manifest`, as `checkTree`.
 */
export function buildTree(entries: readonly TreeEntry[]): Tree {
  checkTree(entries);
  return treeOf(entries);
}

/** The same of entries that are known to be acceptable. */
export function treeOf(entries: readonly TreeEntry[]): Tree {
  const bytes = serialiseTree(entries);
  const digests = digestBytes(bytes);
  return { ...digests, oid: oidOfMd5(digests.md5, true), bytes };
}

/**
 * The entries of a manifest, in its own order. Further keys per entry (DVC 2 wrote some) are passed over,
 * and so is formatting: the digest rules, not the style.
 * @throws TidemarkError `invalid-manifest` with the first 100 issues, `too-large` beyond the limits.
 */
export function parseTree(bytes: Uint8Array, limits: TreeLimits = TREE_LIMITS): TreeEntry[] {
  const entries = readTree(bytes, limits);
  checkTree(entries);
  return entries;
}

/** The same of a manifest that was accepted: its entries are not judged. */
export function readTree(bytes: Uint8Array, limits: TreeLimits = TREE_LIMITS): TreeEntry[] {
  if (bytes.byteLength > limits.maxBytes) throw tooLarge(`${limits.maxBytes} bytes`);
  const list = parseJson(bytes);
  if (!Array.isArray(list)) throw new TidemarkError('invalid-manifest', 'A directory manifest must be a JSON array.');
  if (list.length > limits.maxEntries) throw tooLarge(`${limits.maxEntries} entries`);
  const issues = new Issues();
  const entries = list.map((item: unknown, i) => readEntry(item, i, issues));
  issues.throwIfAny();
  return entries;
}

/**
 * Refuses entries that could not all be checked out, each in its own file inside the folder: hostile paths,
 * names that are no bare MD5, paths that some file system takes for one, a file where a folder must be.
 * @throws TidemarkError `invalid-manifest` with the first 100 issues.
 */
export function checkTree(entries: readonly TreeEntry[]): void {
  const issues = new Issues();
  const seen = new Map<string, number>();
  entries.forEach((entry, i) => {
    checkMd5(entry.md5, i, issues);
    const problem = relpathProblem(entry.relpath);
    if (problem !== null) issues.add(i, 'relpath', problem.code, `${shown(entry.relpath)} ${problem.detail}`);
    const folded = foldPath(entry.relpath);
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, i);
    else checkTwin(entry.relpath, entries[first]?.relpath ?? '', { i, issues });
  });
  checkFolders(seen, entries, issues);
  issues.throwIfAny();
}

function checkMd5(md5: string, i: number, issues: Issues): void {
  if (isMd5(md5)) return;
  if (isDirectoryOid(md5))
    issues.add(i, 'md5', 'nested-manifest', 'is a directory manifest; manifests list files only');
  else issues.add(i, 'md5', 'not-md5', `${shown(md5)} is not an MD5 of 32 lower-case hex digits`);
}

function checkTwin(path: string, other: string, at: { i: number; issues: Issues }): void {
  if (path === other) at.issues.add(at.i, 'relpath', 'duplicate-path', `${shown(path)} is listed twice`);
  else {
    const detail = `${shown(path)} and ${shown(other)} are one file where case or Unicode form do not count`;
    at.issues.add(at.i, 'relpath', 'ambiguous-path', detail);
  }
}

function checkFolders(seen: ReadonlyMap<string, number>, entries: readonly TreeEntry[], issues: Issues): void {
  const checked = new Set<string>();
  for (const [folded, i] of seen) {
    for (let end = folded.lastIndexOf('/'); end > 0; end = folded.lastIndexOf('/', end - 1)) {
      const folder = folded.slice(0, end);
      if (checked.has(folder)) break;
      checked.add(folder);
      if (!seen.has(folder)) continue;
      const detail = `${shown(entries[i]?.relpath ?? '')} lies in a folder that is listed as a file`;
      issues.add(i, 'relpath', 'file-and-folder', detail);
    }
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new TidemarkError('invalid-manifest', 'A directory manifest must be JSON in UTF-8.', { cause });
  }
}

function readEntry(item: unknown, i: number, issues: Issues): TreeEntry {
  const md5 = member(item, 'md5');
  const relpath = member(item, 'relpath');
  if (typeof md5 === 'string' && typeof relpath === 'string') return { md5, relpath };
  if (typeof md5 !== 'string') issues.add(i, 'md5', 'missing-member', 'must be a string');
  if (typeof relpath !== 'string') issues.add(i, 'relpath', 'missing-member', 'must be a string');
  return { md5: '', relpath: '' };
}

function member(item: unknown, key: string): unknown {
  return typeof item === 'object' && item !== null && Object.hasOwn(item, key) ? Reflect.get(item, key) : undefined;
}

class Issues {
  readonly #kept: ErrorIssue[] = [];
  #total = 0;

  add(index: number, field: keyof TreeEntry, code: string, detail: string): void {
    this.#total++;
    if (this.#kept.length < ISSUES_KEPT) this.#kept.push({ code, detail, field, pointer: `/${index}/${field}` });
  }

  throwIfAny(): void {
    const first = this.#kept[0];
    if (first === undefined) return;
    const more = this.#total > 1 ? ` (and ${this.#total - 1} more)` : '';
    const message = `The directory manifest is not acceptable: entry ${first.pointer}: ${first.detail}${more}.`;
    throw new TidemarkError('invalid-manifest', message, { issues: this.#kept, issuesTotal: this.#total });
  }
}

function tooLarge(limit: string): TidemarkError {
  return new TidemarkError('too-large', `The directory manifest has more than ${limit}; divide the directory.`);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

/** As Python's `ensure_ascii`: all but U+0020-U+007E escaped, by UTF-16 unit; U+007F too, which JSON.stringify keeps. */
function pythonString(text: string): string {
  // As nearly all names are.
  if (!/[^ !#-[\]-~]/.test(text)) return `"${text}"`;
  const escaped = text.replace(/[^ !#-[\]-~]/g, (unit) => {
    return SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}...` : text);
}
