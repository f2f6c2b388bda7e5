/** `.dvc` files and `dvc.lock`: the few lines of YAML that stand in a Git repository for data in a remote. */
import { TidemarkError } from '../errors.ts';
import { isDirectoryOid, isOid, type Oid } from './hash.ts';
import {
  type Field,
  type Item,
  opensStages,
  outputsOfStages,
  readItems,
  refused,
  stagesOfLines,
} from './pointer-lines.ts';
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
 * The outputs that a `.dvc` file names, or those of all stages in a `dvc.lock`. Fields that say nothing about the
 * bytes (desc, meta, cloud, deps, …) are passed over.
 * @throws TidemarkError `invalid-body`, naming the line, for text that is no such file, `bad-path` for an
 * output path that is absolute or leaves its folder.
 */
export function parsePointer(text: string): Pointer[] {
  const lines = text.split(/\r?\n/);
  const items = readItems(lines.some(opensStages) ? outputsOfStages(lines) : lines);
  if (items.length === 0) throw refused(1, 'there is no "outs:" list with at least one output');
  return items.map(toPointer);
}

/** The stages that the outputs of a `dvc.lock` belong to, in their order; none of a `.dvc` file, which has no stages. */
export function stagesOfOutputs(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (!lines.some(opensStages)) return [];
  const names = stagesOfLines(lines);
  return readItems(outputsOfStages(lines)).map((item) => names[item.line - 1] ?? '');
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

/** As an import leaves it that is told not to download. */
const NOT_YET = ' yet: its data were never downloaded; "dvc pull" brings them from where they come from';

function required(item: Item, key: string): Field {
  const field = scalar(item, key);
  if (field === undefined || field.value === '')
    throw refused(item.line, `the output has no ${key}${key === 'md5' ? NOT_YET : ''}`);
  return field;
}

function scalar(item: Item, key: string): Field | undefined {
  const field = item.fields.get(key);
  if (field === undefined) return undefined;
  const value = readScalar(field.value);
  if (value === null) throw refused(field.line, `the value of ${key} is not a plain or quoted text on one line`);
  return { ...field, value };
}
