import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TidemarkError } from '../../errors.ts';
import { endingOf, SNIFFED_BYTES } from '../../formats/sniff-format.ts';
import type { LocalTable } from './local-table.ts';

/** Bytes of a table that comes through a pipe. */
const MOST_BYTES = 64 * 2 ** 30;

/**
 * Copies a table that can be read only once into a file in the folder, for the readers go back in it. What kind of table
 * it is, its bytes say.
 * @throws TidemarkError `too-large` beyond 64 GiB, `bad-path` where the bytes do not look like a table; what the disk says.
 */
export async function streamedTable(from: Readable, name: string, folder: string): Promise<LocalTable> {
  await mkdir(folder, { recursive: true });
  const copy = join(folder, 'piped');
  await pipeline(from, bounded(), createWriteStream(copy, { mode: 0o600 }));
  const ending = endingOf(await headOf(copy));
  if (ending === null) {
    const detail = `What came through ${name} does not look like a table; write it to a file whose name ends with its format.`;
    throw new TidemarkError('bad-path', detail);
  }
  const file = `${copy}${ending}`;
  await rename(copy, file);
  return { name, files: [{ path: `piped${ending}`, file, size: (await stat(file)).size }] };
}

function bounded(): Transform {
  let bytes = 0;
  return new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      if (bytes <= MOST_BYTES) return done(null, piece);
      done(
        new TidemarkError('too-large', `More than ${MOST_BYTES} bytes came through the pipe; write them to a file.`),
      );
    },
  });
}

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const head = new Uint8Array(SNIFFED_BYTES);
    return head.subarray(0, (await file.read(head)).bytesRead);
  } finally {
    await file.close();
  }
}
