import { open, readFile, stat } from 'node:fs/promises';
import { TidemarkError } from '../../errors.ts';
import type { NamedProfile } from '../../formats/profile/profile-codec.ts';
import { isProfileFile, readProfileFile, SNIFFED, writeProfileFile } from '../../formats/profile/profile-file.ts';
import type { LocalTable } from './local-table.ts';

/** What such a file is to HTTP. */
export const PROFILE_MEDIA_TYPE = 'application/vnd.tidemark.profile';

/** What such a file is called beside the formats of tables. */
export const PROFILE_FILE = 'profile';

/** Bytes of a file that is read whole; a profile of 10,000 columns has some 60 MB. */
const MOST_BYTES = 2 ** 30;

/** Whether a file holds a profile, whatever its name. */
export async function isStoredProfile(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(SNIFFED), 0, SNIFFED, 0);
    return isProfileFile(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** Whether a part of the table is known by its profile alone. */
export async function hasStoredProfile({ files }: LocalTable): Promise<boolean> {
  for (const { file } of files) if (await isStoredProfile(file)) return true;
  return false;
}

/** @throws TidemarkError `unreadable-data`, `too-large`. */
export async function readStoredProfile(file: string): Promise<NamedProfile> {
  const { size } = await stat(file);
  if (size > MOST_BYTES) throw new TidemarkError('too-large', `A profile may have up to ${MOST_BYTES} bytes.`);
  return readProfileFile(await readFile(file));
}

/** The file that holds the profile of a table. */
export const storedBytes = ({ name, profile }: NamedProfile): Buffer<ArrayBuffer> =>
  writeProfileFile({ name, profile });
