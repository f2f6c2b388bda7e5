import { closeSync, createReadStream, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that are gathered for a file before they are written. */
const BUFFER_BYTES = 64 * 1024;

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
  const buffers = paths.map(() => Buffer.allocUnsafe(BUFFER_BYTES));
  const filled = new Int32Array(count);
  const flush = (i: number): void => {
    const [file, buffer] = [files[i], buffers[i]];
    if (file !== undefined && buffer !== undefined) writeAll(file, buffer.subarray(0, filled[i]));
    filled[i] = 0;
  };
  return {
    add: (key, values) => {
      const i = hash(key, level) % count;
      const line = `${key}\n${values}\n`;
      // No UTF-16 unit takes more than three bytes.
      if ((filled[i] ?? 0) + 3 * line.length > BUFFER_BYTES) flush(i);
      if (3 * line.length > BUFFER_BYTES) return writeAll(files[i] ?? -1, Buffer.from(line));
      filled[i] = (filled[i] ?? 0) + (buffers[i]?.write(line, filled[i] ?? 0) ?? 0);
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

/**
 * The lines of a partition, some at a time: keys and values in turn. A generator that yields each line of millions
 * would cost more than what is done with it.
 */
export async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  let rest = '';
  let waiting: string[] = [];
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    const whole = waiting.length === 0 ? lines : [...waiting, ...lines];
    // A key whose values come with the next chunk waits for them.
    waiting = whole.length % 2 === 0 ? [] : whole.splice(-1);
    yield whole;
  }
}
