import { readFile, writeFile } from 'node:fs/promises';
import { type PreparedBatch, type PrepareOptions, prepareBatch } from './prepare-batch.ts';

export type ParseRecordsInput = {
  /** The plain body. */
  readonly body: string;
  /** Where the object's bytes go, unless the batch is refused. */
  readonly object: string;
  readonly options: PrepareOptions;
};

/** A compute task: prepares a large batch outside of the service's process. */
export async function parseRecordsTask(input: ParseRecordsInput): Promise<Omit<PreparedBatch, 'arrow'>> {
  const { arrow, ...prepared } = prepareBatch(await readFile(input.body), input.options);
  if (arrow !== null) await writeFile(input.object, arrow, { flag: 'wx', mode: 0o600 });
  return prepared;
}
