import { createReadStream, statSync } from 'node:fs';
import type { LocalTable } from '../../domain/files/local-table.ts';
import { streamedTable } from '../../domain/files/streamed-table.ts';
import { failureOf } from '../terminal/failure.ts';

/** Standard input. */
const INPUT = '-';

/** Whether the name is a pipe, which can be read once and from its beginning only: `-`, or `<(zcat data.gz)`. */
export function isPiped(name: string): boolean {
  if (name === INPUT) return true;
  const found = statSync(name, { throwIfNoEntry: false });
  return found !== undefined && (found.isFIFO() || found.isCharacterDevice() || found.isSocket());
}

/** Copies what comes through a pipe into the folder. @throws TidemarkError as `streamedTable`, and `storage-full`. */
export async function pipedTable(name: string, folder: string): Promise<LocalTable> {
  const told = name === INPUT ? 'standard input' : name;
  const from = name === INPUT ? process.stdin : createReadStream(name);
  return streamedTable(from, told, folder).catch((error: unknown) => {
    throw failureOf(error, `${told} cannot be copied`);
  });
}
