import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalFile } from './local-files.ts';

/**
 * The digests of a folder's files from the last time somebody looked, so that nothing is read again that has not
 * changed. It is a help and no record: one that is lost, cut short or of another version is made anew.
 */
export type DigestIndex = {
  /** Nothing is known of the folder. */
  readonly isEmpty: boolean;
  /** The MD5 of a file whose size and stamp are what they were; else undefined. */
  readonly find: (file: LocalFile) => string | undefined;
  /** Replaces the index by these files. Never throws: without a place to write there is none. */
  readonly save: (files: readonly IndexedFile[]) => void;
};

export type IndexedFile = Pick<LocalFile, 'path' | 'size' | 'stamp'> & { readonly md5: string };

const FORMAT = 'tidemark digest index 1';

/** @param cache the folder that indexes are kept in; without one nothing is found and nothing is kept. */
export function openDigestIndex(cache: string | undefined, root: string): DigestIndex {
  if (cache === undefined) return { isEmpty: true, find: () => undefined, save: () => {} };
  const name = createHash('sha256').update(root).digest('hex');
  const file = join(cache, 'digests', name);
  const known = load(file, root);
  return {
    isEmpty: known.size === 0,
    find: ({ path, size, stamp }) => {
      const entry = known.get(path);
      return entry !== undefined && entry.size === size && entry.stamp === stamp ? entry.md5 : undefined;
    },
    save: (files) => save(file, root, files),
  };
}

function load(file: string, root: string): Map<string, IndexedFile> {
  try {
    return parse(readFileSync(file, 'utf8'), root);
  } catch {
    return new Map();
  }
}

/** @throws Error for anything but a whole index of this folder. */
function parse(text: string, root: string): Map<string, IndexedFile> {
  const end = text.lastIndexOf('\n', text.length - 2) + 1;
  const body = text.slice(0, end);
  const lines = body.split('\n');
  if (lines[0] !== FORMAT || lines[1] !== JSON.stringify(root) || text.slice(end) !== `${digestOf(body)}\n`) {
    throw new Error('this is no whole index of the folder');
  }
  const known = new Map<string, IndexedFile>();
  for (const line of lines.slice(2, -1)) {
    const [md5 = '', size = '', stamp = ''] = line.split(' ', 3);
    const path: unknown = JSON.parse(line.slice(md5.length + size.length + stamp.length + 3));
    known.set(String(path), { path: String(path), size: Number(size), stamp, md5 });
  }
  return known;
}

function save(file: string, root: string, files: readonly IndexedFile[]): void {
  const lines = files.map(({ md5, size, stamp, path }) => `${md5} ${size} ${stamp} ${JSON.stringify(path)}\n`);
  const body = `${FORMAT}\n${JSON.stringify(root)}\n${lines.join('')}`;
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(aside, `${body}${digestOf(body)}\n`);
    // A reader sees the old one or the new one.
    renameSync(aside, file);
  } catch {
    discard(aside);
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
