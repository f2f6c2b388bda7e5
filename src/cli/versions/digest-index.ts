import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LocalFile } from '../transfer/local-files.ts';

/**
 * The digests of a folder's files from the last time somebody looked, so that nothing is read again that has not
 * changed. It is a help and no record: one that is lost, cut short or of another version is made anew.
 */
export type DigestIndex = {
  /** Nothing is known of the folder. */
  readonly isEmpty: boolean;
  /** The MD5 of a file whose size and stamp are what they were; else undefined. */
  readonly find: (file: LocalFile) => string | undefined;
  /** The tree that its files made together, as it was when they were kept; null where that is not known. */
  readonly tree: KnownTree | null;
  /**
   * Replaces the index by these files. Never throws: without a place to write there is none.
   * @param oid the tree that they make together, where they are all of it.
   */
  readonly save: (files: readonly IndexedFile[], oid?: string) => void;
};

/** A folder as it was at some time: the name of its manifest, and its files by their paths. */
export type KnownTree = { readonly oid: string; readonly files: ReadonlyMap<string, { readonly md5: string }> };

export type IndexedFile = Pick<LocalFile, 'path' | 'size' | 'stamp'> & { readonly md5: string };

const FORMAT = 'tidemark digest index 2';
const NO_TREE = '-';

/** @param cache the folder that indexes are kept in; without one nothing is found and nothing is kept. */
export function openDigestIndex(cache: string | undefined, root: string): DigestIndex {
  if (cache === undefined) return { isEmpty: true, find: () => undefined, tree: null, save: () => {} };
  const name = createHash('sha256').update(root).digest('hex');
  const file = join(cache, 'digests', name);
  const { known, oid } = load(file, root);
  return {
    isEmpty: known.size === 0,
    tree: oid === undefined ? null : { oid, files: known },
    find: ({ path, size, stamp }) => {
      const entry = known.get(path);
      return entry !== undefined && entry.size === size && entry.stamp === stamp ? entry.md5 : undefined;
    },
    save: (files, tree) => save(file, root, { files, oid: tree }),
  };
}

/** `oid`: the tree that all of them make. */
type Loaded = { readonly known: ReadonlyMap<string, IndexedFile>; readonly oid: string | undefined };

function load(file: string, root: string): Loaded {
  try {
    return parse(readFileSync(file, 'utf8'), root);
  } catch {
    return { known: new Map(), oid: undefined };
  }
}

/** @throws Error for anything but a whole index of this folder. */
function parse(text: string, root: string): Loaded {
  const end = text.lastIndexOf('\n', text.length - 2) + 1;
  const body = text.slice(0, end);
  const [format, folder, oid, ...lines] = body.split('\n');
  if (format !== FORMAT || folder !== JSON.stringify(root) || text.slice(end) !== `${digestOf(body)}\n`) {
    throw new Error('this is no whole index of the folder');
  }
  const known = new Map<string, IndexedFile>();
  for (const line of lines.slice(0, -1)) {
    const afterMd5 = line.indexOf(' ');
    const afterSize = line.indexOf(' ', afterMd5 + 1);
    const afterStamp = line.indexOf(' ', afterSize + 1);
    const path = unquoted(line.slice(afterStamp + 1));
    known.set(path, {
      path,
      size: Number(line.slice(afterMd5 + 1, afterSize)),
      stamp: line.slice(afterSize + 1, afterStamp),
      md5: line.slice(0, afterMd5),
    });
  }
  return { known, oid: oid === NO_TREE ? undefined : oid };
}

/** Nearly all names stand as they are between their quotes. */
const unquoted = (text: string): string => (text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1));

function save(
  file: string,
  root: string,
  { files, oid = NO_TREE }: Pick<Loaded, 'oid'> & { files: readonly IndexedFile[] },
) {
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writePieces(aside, piecesOf(`${FORMAT}\n${JSON.stringify(root)}\n${oid}\n`, files));
    // A reader sees the old one or the new one.
    renameSync(aside, file);
  } catch {
    discard(aside);
  }
  sweep(file);
}

/** Lines of a piece: of many files, all at once would take as much memory as all that is known of them. */
const LINES = 2000;

function* piecesOf(head: string, files: readonly IndexedFile[]): Generator<string> {
  yield head;
  for (let at = 0; at < files.length; at += LINES) {
    const lines = files.slice(at, at + LINES);
    yield lines.map(({ md5, size, stamp, path }) => `${md5} ${size} ${stamp} ${JSON.stringify(path)}\n`).join('');
  }
}

/** The pieces, and at the end the digest of all of them. */
function writePieces(file: string, pieces: Iterable<string>): void {
  const digest = createHash('md5');
  const descriptor = openSync(file, 'wx');
  try {
    for (const piece of pieces) {
      digest.update(piece);
      writeFileSync(descriptor, piece);
    }
    writeFileSync(descriptor, `${digest.digest('hex')}\n`);
  } finally {
    closeSync(descriptor);
  }
}

/** One that is being written by somebody else is not so old. */
const LEFT_MILLISECONDS = 3_600_000;

/** Does away with what clients that were killed had written beside the index. */
function sweep(file: string): void {
  const folder = dirname(file);
  try {
    for (const name of readdirSync(folder)) {
      const left = join(folder, name);
      if (name.startsWith(`${basename(file)}.`) && Date.now() - statSync(left).mtimeMs > LEFT_MILLISECONDS)
        discard(left);
    }
  } catch {
    // Somebody else has done it, or there is no such folder.
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It was never there.
  }
}

const digestOf = (text: string): string => createHash('md5').update(text).digest('hex');
