import { open, rm, writeFile } from 'node:fs/promises';
import { failureOf } from '../terminal/failure.ts';

const DOING = 'The file cannot be written';

/**
 * Finds out whether a file can be written, before anything is read for it: what took minutes would else be lost.
 * @throws TidemarkError `bad-path`.
 */
export async function checkOutput(file: string): Promise<void> {
  try {
    // Made anew where there is none, and then it is gone again.
    const made = await open(file, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null;
      throw error;
    });
    await (made ?? (await open(file, 'r+'))).close();
    if (made !== null) await rm(file);
  } catch (error) {
    throw failureOf(error, DOING);
  }
}

/** @throws TidemarkError `bad-path`, `storage-full`. */
export async function writeOutput(file: string, content: string | Buffer): Promise<void> {
  await writeFile(file, content).catch((error: unknown) => {
    throw failureOf(error, DOING);
  });
}
