import { type FileHandle, open, readFile } from 'node:fs/promises';
import { prepareBatch } from './prepare-batch.ts';
import type { Prepared, PrepareOptions } from './prepare-records.ts';
import { prepareTable } from './prepare-table.ts';
import { prepareText } from './prepare-text.ts';

export type ParseRecordsInput = {
  /** The plain body. */
  readonly body: string;
  /** Where the bytes of the objects go, one behind the other. */
  readonly object: string;
  readonly options: PrepareOptions;
};

/** Where the bytes of a part's object lie in the file of objects. */
export type Placed = { readonly start: number; readonly end: number };

/** A compute task: prepares a large body, or one of foreign columns, outside of the service's process. */
export async function parseRecordsTask(input: ParseRecordsInput): Promise<Prepared<Placed>> {
  const file = await open(input.object, 'wx', 0o600);
  try {
    const keep = appendTo(file);
    const { body, options } = input;
    const { encoding } = options;
    if (encoding === 'parquet' || encoding === 'arrow') return await prepareTable(body, { ...options, encoding }, keep);
    if (encoding !== 'json') return await prepareText(body, { ...options, encoding }, keep);
    // The lists of a JSON body, of records or of columns, have no ends at which they could be cut.
    const { parts, ...rest } = prepareBatch(await readFile(body), { ...options, encoding });
    const placed = [];
    for (const { arrow, ...part } of parts) placed.push({ ...part, ...(await keep(arrow)) });
    return { ...rest, parts: placed };
  } finally {
    await file.close();
  }
}

function appendTo(file: FileHandle): (bytes: Uint8Array) => Promise<Placed> {
  let end = 0;
  return async (bytes) => {
    const start = end;
    // Writes all of it, where `write` may stop short.
    await file.writeFile(bytes);
    end += bytes.byteLength;
    return { start, end };
  };
}
