import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteSource } from './byte-source.ts';
import { roomFailure } from './room-failure.ts';

/** A file with the plain bytes of a compressed one. */
export type InflatedFile = { readonly path: string; readonly dispose: () => void };

/**
 * Inflates into a temporary file, for formats that are read from several places at once.
 * @throws TidemarkError `unreadable-data`, `too-large`, or `storage-full` where there is no room for it.
 */
export async function inflatedFile(source: ByteSource): Promise<InflatedFile> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-inflated-'));
  const dispose = (): void => {
    process.off('exit', dispose);
    rmSync(folder, { recursive: true, force: true });
  };
  // Whoever ends a process in the middle of a table does not close it.
  process.on('exit', dispose);
  const path = join(folder, 'table');
  try {
    const file = openSync(path, 'wx', 0o600);
    try {
      for await (const piece of source.pieces()) writeWhole(file, piece);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return { path, dispose };
}

function writeWhole(file: number, bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
  } catch (cause) {
    throw roomFailure(cause, 'The disk has no room for a temporary copy of the compressed file.');
  }
}
