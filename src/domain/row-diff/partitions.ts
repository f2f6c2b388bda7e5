import { closeSync, createReadStream, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Text that is gathered for a file before it is written. */
const BUFFER_CHARACTERS = 64 * 1024;

/**
 * Lines spread over files by their keys, so that what belongs together can be compared one file at a time: equal keys
 * are in the file of the same number, on either side.
 */
export type Partitions = {
  readonly add: (key: string, values: string) => void;
  /** Ends writing; the files, in the order of their numbers. */
  readonly close: () => readonly string[];
};

/** @param spread `level` chooses another spreading, for a file that turned out too large. */
export function openPartitions(folder: string, spread: { count: number; level: number }): Partitions {
  const { count, level } = spread;
  mkdirSync(folder, { recursive: true });
  const paths = Array.from({ length: count }, (_, i) => join(folder, String(i)));
  const files = paths.map((path) => openSync(path, 'w'));
  const waiting = paths.map((): string[] => []);
  const sizes = new Float64Array(count);
  const flush = (i: number): void => {
    const [file, lines] = [files[i], waiting[i]];
    if (file === undefined || lines === undefined || lines.length === 0) return;
    writeAll(file, Buffer.from(lines.join('')));
    waiting[i] = [];
    sizes[i] = 0;
  };
  return {
    add: (key, values) => {
      const i = hash(key, level) % count;
      const line = `${key}\n${values}\n`;
      waiting[i]?.push(line);
      sizes[i] = (sizes[i] ?? 0) + line.length;
      if ((sizes[i] ?? 0) >= BUFFER_CHARACTERS) flush(i);
    },
    close: () => {
      files.forEach((file, i) => {
        flush(i);
        closeSync(file);
      });
      return paths;
    },
  };
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** FNV-1a over UTF-16 units from a start that differs by level, with a last mixing (MurmurHash3's) for the low bits. */
function hash(text: string, level: number): number {
  let h = (0x811c9dc5 ^ Math.imul(level, 0x9e3779b1)) >>> 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export const sizeOf = (path: string): number => statSync(path).size;

export const removeFile = (path: string): void => rmSync(path, { force: true });

/** The lines of a partition: key and values, in turn. */
export async function* linesOf(path: string): AsyncGenerator<readonly [key: string, values: string]> {
  let rest = '';
  let key: string | null = null;
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (key === null) key = line;
      else {
        yield [key, line];
        key = null;
      }
    }
  }
}
