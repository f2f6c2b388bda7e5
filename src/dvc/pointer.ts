/** `.dvc` files and `dvc.lock`: the few lines of YAML that stand in a Git repository for data in a remote. */
import { TidemarkError } from '../errors.ts';
import { isDirectoryOid, isOid, type Oid } from './hash.ts';
import { relpathProblem } from './relpath.ts';
import { readScalar, writeScalar } from './yaml.ts';

/** What a pointer says of one output. */
export type Pointer = {
  readonly oid: Oid;
  /** Bytes; for a directory the sum over its files. */
  readonly size?: number;
  /** Number of files; directories only. */
  readonly nfiles?: number;
  /** The file may be executed by its owner; files only, for a manifest does not say it. */
  readonly isexec?: boolean;
  /** DVC 3 writes `md5`. Without it DVC takes the name for its older `md5-dos2unix`, in the legacy layout. */
  readonly hash: 'md5' | 'md5-dos2unix';
  /** The file's or folder's name, relative to the `.dvc` file. */
  readonly path: string;
};

/** The text of a `.dvc` file with one output, fields in the order in which DVC writes them. */
export function writePointer(pointer: Pointer): string {
  const fields = [`md5: ${pointer.oid}`];
  if (pointer.size !== undefined) fields.push(`size: ${pointer.size}`);
  if (pointer.nfiles !== undefined && isDirectoryOid(pointer.oid)) fields.push(`nfiles: ${pointer.nfiles}`);
  if (pointer.isexec === true && !isDirectoryOid(pointer.oid)) fields.push('isexec: true');
  if (pointer.hash === 'md5') fields.push('hash: md5');
  fields.push(`path: ${writeScalar(pointer.path)}`);
  return `outs:\n- ${fields.join('\n  ')}\n`;
}

/**
 * The text of a `.dvc` file pointed at other bytes. What people wrote into it (desc, labels, remote, comments, …) stays.
 * @throws TidemarkError `invalid-body` for what is no `.dvc` file with one output, written as DVC writes it.
 */
export function repoint(text: string, pointer: Pointer): string {
  if (parsePointer(text).length !== 1) throw refused(1, 'it has several outputs');
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.startsWith('- md5:'));
  if (first === -1) throw refused(1, 'its output does not begin with "- md5:"');
  const kept = lines.filter(
    (line, i) => i !== first && !(i > first && /^ {2}(?:size|nfiles|isexec|hash|path):/.test(line)),
  );
  const fields = writePointer(pointer).split('\n').slice(1, -1);
  return [...kept.slice(0, first), ...fields, ...kept.slice(first)].join('\n');
}

/** A field of an output as written, with the 1-based line it stands on. */
type Field = { readonly value: string; readonly line: number };
type Item = { readonly fields: Map<string, Field>; readonly line: number };

/**
 * The outputs that a `.dvc` file names, or those of all stages in a `dvc.lock`. Fields that say nothing about the
 * bytes (desc, meta, cloud, deps, …) are passed over.
 * @throws TidemarkError `invalid-body`, naming the line, for text that is no such file, `bad-path` for an
 * output path that is absolute or leaves its folder.
 */
export function parsePointer(text: string): Pointer[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const items = readItems(lines.some(opensStages) ? outputsOfStages(lines) : lines);
  if (items.length === 0) throw refused(1, 'there is no "outs:" list with at least one output');
  return items.map(toPointer);
}

const SCALAR_FIELDS = new Set(['md5', 'size', 'nfiles', 'isexec', 'hash', 'path']);

/** The lines of a `dvc.lock`, of which only the outputs are left, at the margin, where a `.dvc` file has them. */
function outputsOfStages(lines: readonly string[]): string[] {
  const [name = 0, key = 0] = indentsOfStages(lines);
  let inside = false;
  return lines.map((line) => {
    const indent = indentOf(line);
    if (line.trim() === '') return '';
    if (indent <= name) inside = false;
    else if (indent === key && !line.trimStart().startsWith('-')) inside = /^outs\s*:/.test(line.trimStart());
    return inside ? line.slice(key) : '';
  });
}

/** How far the names of stages stand from the margin, and how far what each of them holds. A parameter may be called "outs" too. */
function indentsOfStages(lines: readonly string[]): number[] {
  const below = lines.slice(lines.findIndex(opensStages) + 1);
  return [...new Set(below.filter((line) => line.trim() !== '').map(indentOf))]
    .filter((indent) => indent > 0)
    .slice(0, 2);
}

const opensStages = (line: string): boolean => /^stages\s*:/.test(line);
const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Reads block style as DVC writes it: `outs:` at the margin, items opened by a dash, one field a line. */
function readItems(lines: readonly string[]): Item[] {
  const items: Item[] = [];
  let inside = false;
  let column = -1;
  let open: string | null = null;
  for (const [index, raw] of lines.entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || /^(?:---|\.\.\.)$/.test(content)) continue;
    const indent = indentOf(raw);
    if (raw.slice(0, indent).includes('\t')) throw refused(line, 'a tab indents it; YAML takes blanks');
    if (indent === 0 && !content.startsWith('- ')) {
      inside = isOutsKey(content, line);
      column = -1;
      open = null;
      continue;
    }
    if (!inside) continue;
    const dash = /^-\s+(?=\S)/.exec(content);
    if (dash !== null && (column === -1 || indent < column)) {
      column = indent + dash[0].length;
      items.push({ fields: new Map(), line });
      open = addField(items, content.slice(dash[0].length), line);
    } else if (indent === column && dash === null) open = addField(items, content, line);
    else if (indent >= column && items.length > 0) continueField(items, open, content);
    else throw refused(line, 'its indentation fits no output');
  }
  return items;
}

function isOutsKey(content: string, line: number): boolean {
  const match = /^outs\s*:\s*(.*)$/.exec(content);
  if (match === null) return false;
  if (match[1] !== '' && !match[1]?.startsWith('#')) throw refused(line, 'outputs must be a list in block style');
  return true;
}

/** Adds `key: value` to the last item and returns the key when a following line may continue its value. */
function addField(items: readonly Item[], content: string, line: number): string | null {
  const match = /^([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$/.exec(content);
  const [, key, value = ''] = match ?? [];
  if (key === undefined) throw refused(line, 'it is not of the form "key: value"');
  const fields = items.at(-1)?.fields;
  if (!SCALAR_FIELDS.has(key) || fields === undefined) return null;
  if (fields.has(key)) throw refused(line, `"${key}" is given twice`);
  fields.set(key, { value, line });
  return key;
}

/** DVC's writer folds a long path over several lines; a line end is one blank, after a backslash it is nothing. */
function continueField(items: readonly Item[], key: string | null, content: string): void {
  const fields = items.at(-1)?.fields;
  const field = key === null ? undefined : fields?.get(key);
  if (key === null || field === undefined) return;
  const head = field.value.trim();
  const value = head.endsWith('\\') ? head.slice(0, -1) + content : `${head} ${content}`;
  fields?.set(key, { line: field.line, value });
}

function toPointer(item: Item): Pointer {
  const oid = required(item, 'md5');
  if (!isOid(oid.value)) throw refused(oid.line, 'md5 must be 32 lower-case hex digits, for a directory with ".dir"');
  const path = required(item, 'path');
  const problem = relpathProblem(path.value);
  if (problem !== null) throw new TidemarkError('bad-path', `The path in line ${path.line} ${problem.detail}.`);
  const size = count(item, 'size');
  const nfiles = count(item, 'nfiles');
  return {
    oid: oid.value,
    ...(size === undefined ? {} : { size }),
    ...(nfiles === undefined ? {} : { nfiles }),
    ...(scalar(item, 'isexec')?.value === 'true' ? { isexec: true } : {}),
    hash: hashName(item),
    path: path.value,
  };
}

function hashName(item: Item): Pointer['hash'] {
  const hash = scalar(item, 'hash');
  if (hash === undefined) return 'md5-dos2unix';
  if (hash.value === 'md5' || hash.value === 'md5-dos2unix') return hash.value;
  throw refused(hash.line, 'the hash must be md5');
}

function count(item: Item, key: string): number | undefined {
  const field = scalar(item, key);
  if (field === undefined) return undefined;
  const value = Number(field.value);
  if (/^\d+$/.test(field.value) && Number.isSafeInteger(value)) return value;
  throw refused(field.line, `${key} must be a whole number`);
}

function required(item: Item, key: string): Field {
  const field = scalar(item, key);
  if (field === undefined || field.value === '') throw refused(item.line, `the output has no ${key}`);
  return field;
}

function scalar(item: Item, key: string): Field | undefined {
  const field = item.fields.get(key);
  if (field === undefined) return undefined;
  const value = readScalar(field.value);
  if (value === null) throw refused(field.line, `the value of ${key} is not a plain or quoted text on one line`);
  return { value, line: field.line };
}

function refused(line: number, what: string): TidemarkError {
  return new TidemarkError(
    'invalid-body',
    `This is not a .dvc file or dvc.lock that Tidemark can read: line ${line}: ${what}.`,
    {
      issues: [{ code: 'invalid-pointer', detail: what, line }],
    },
  );
}
