import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { prepareBatch } from './prepare-batch.ts';
import type { Prepared, PrepareOptions } from './prepare-records.ts';
import { prepareTable } from './prepare-table.ts';
import { prepareText } from './prepare-text.ts';

export type ParseRecordsInput = {
  /** The plain body, in a file or as it is. */
  readonly body: { readonly file: string } | { readonly bytes: Uint8Array };
  /** For a body that came as it is: readers of tables want a file, which is gone again afterwards. */
  readonly scratch: string;
  /** Where the bytes of objects go, one behind the other, that are not answered as they are. */
  readonly object: string;
  /** So many bytes of objects are answered as they are. */
  readonly heldBytes: number;
  readonly options: PrepareOptions;
};

/** The bytes of a part's object, or where they lie in the file of objects. */
export type Placed = { readonly arrow: Uint8Array } | { readonly start: number; readonly end: number };

/** A compute task: prepares a large body, or one of foreign columns, outside of the service's process. */
export async function parseRecordsTask(input: ParseRecordsInput): Promise<Prepared<Placed>> {
  const { body, scratch } = input;
  if ('file' in body) return await prepareFile(body.file, input);
  try {
    // At once: nothing else waits in this process, and each of its own waits is one for a processor.
    mkdirSync(dirname(scratch), { recursive: true });
    writeFileSync(scratch, body.bytes, { flag: 'wx', mode: 0o600 });
    return await prepareFile(scratch, input);
  } finally {
    rmSync(scratch, { force: true });
  }
}

async function prepareFile(file: string, { object, heldBytes, options }: ParseRecordsInput): Promise<Prepared<Placed>> {
  const objects = new Objects(object, heldBytes);
  const keep = (bytes: Uint8Array): Promise<Placed> => objects.keep(bytes);
  try {
    const { encoding } = options;
    if (encoding === 'parquet' || encoding === 'arrow') return await prepareTable(file, { ...options, encoding }, keep);
    if (encoding !== 'json') return await prepareText(file, { ...options, encoding }, keep);
    // The lists of a JSON body, of records or of columns, have no ends at which they could be cut.
    const { parts, ...rest } = prepareBatch(await readFile(file), { ...options, encoding });
    const placed = [];
    for (const { arrow, ...part } of parts) placed.push({ ...part, ...(await keep(arrow)) });
    return { ...rest, parts: placed };
  } finally {
    await objects.close();
  }
}

/** The first of them are held; the others go into a file that is made for them. */
class Objects {
  readonly #path: string;
  readonly #heldBytes: number;
  #held = 0;
  #file: FileHandle | null = null;
  #end = 0;

  constructor(path: string, heldBytes: number) {
    this.#path = path;
    this.#heldBytes = heldBytes;
  }

  async keep(arrow: Uint8Array): Promise<Placed> {
    if (this.#held + arrow.byteLength <= this.#heldBytes) {
      this.#held += arrow.byteLength;
      return { arrow };
    }
    if (this.#file === null) {
      await mkdir(dirname(this.#path), { recursive: true });
      this.#file = await open(this.#path, 'wx', 0o600);
    }
    const start = this.#end;
    // Writes all of it, where `write` may stop short.
    await this.#file.writeFile(arrow);
    this.#end += arrow.byteLength;
    return { start, end: this.#end };
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}
