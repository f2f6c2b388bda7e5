import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { LocalTable } from '../domain/files/local-table.ts';
import { TidemarkError } from '../errors.ts';
import { endingOf, SNIFFED_BYTES } from '../formats/sniff-format.ts';
import { failureOf } from './failure.ts';

/** Standard input. */
const INPUT = '-';
/** Bytes of a table that comes through a pipe. */
const MOST_BYTES = 64 * 2 ** 30;

/** Whether the name is a pipe, which can be read once and from its beginning only: `-`, or `<(zcat data.gz)`. */
export function isPiped(name: string): boolean {
  if (name === INPUT) return true;
  const found = statSync(name, { throwIfNoEntry: false });
  return found !== undefined && (found.isFIFO() || found.isCharacterDevice() || found.isSocket());
}

/**
 * Copies what comes through a pipe into a file in the folder. What kind of table it is, its bytes say.
 * @throws TidemarkError `too-large` beyond 64 GiB, `bad-path` where the bytes do not look like a table, `storage-full`.
 */
export async function pipedTable(name: string, folder: string): Promise<LocalTable> {
  await mkdir(folder, { recursive: true });
  const copy = join(folder, 'piped');
  const from = name === INPUT ? process.stdin : createReadStream(name);
  await pipeline(from, bounded(), createWriteStream(copy, { mode: 0o600 })).catch((error: unknown) => {
    throw failureOf(error, `${told(name)} cannot be copied`);
  });
  const ending = endingOf(await headOf(copy));
  if (ending === null) {
    const detail = `What came through ${told(name)} does not look like a table; write it to a file whose name ends with its format.`;
    throw new TidemarkError('bad-path', detail);
  }
  const file = `${copy}${ending}`;
  await rename(copy, file);
  return { name: told(name), files: [{ path: `piped${ending}`, file, size: (await stat(file)).size }] };
}

const told = (name: string): string => (name === INPUT ? 'standard input' : name);

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
