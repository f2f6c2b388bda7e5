import { type FileHandle, open, readFile } from 'node:fs/promises';
import { prepareBatch, type TextOptions } from './prepare-batch.ts';
import type { Prepared, PrepareOptions } from './prepare-records.ts';
import { prepareTable, type TableOptions } from './prepare-table.ts';

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
    const { options } = input;
    if (isTable(options)) return await prepareTable(input.body, options, keep);
    const { parts, ...rest } = prepareBatch(await readFile(input.body), textual(options));
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

const isTable = (options: PrepareOptions): options is TableOptions =>
  options.encoding === 'parquet' || options.encoding === 'arrow';

function textual(options: PrepareOptions): TextOptions {
  const { encoding } = options;
  if (encoding === 'parquet' || encoding === 'arrow') throw new Error(`${encoding} is no text`);
  return { ...options, encoding };
}
