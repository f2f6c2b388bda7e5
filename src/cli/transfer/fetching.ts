import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { brokenOff, type Reply } from '../client/transport.ts';
import type { TargetFile } from '../versions/target.ts';
import type { Place } from './take-place.ts';

/** A file with what stands in its place. */
export type WantedFile = TargetFile & Place;

/** What files are fetched with, and who is told of them. */
export type Fetching = {
  readonly client: Client;
  /** Everything is written below it; a file's path is relative to it. */
  readonly base: string;
  readonly onBytes: (count: number) => void;
  /** By MD5, what an earlier process had of a file. */
  readonly parts: ReadonlyMap<string, string>;
  /** Told of each file that stands under its name, with the stamp it had then. */
  readonly onFile: (file: TargetFile, stamp: string) => void;
};

/** The body; one that breaks off is told as such. */
export async function* bodyOf(reply: Reply): AsyncGenerator<Uint8Array> {
  try {
    yield* reply.body;
  } catch (cause) {
    throw brokenOff(cause);
  }
}

/** The bytes of a file are not those that its MD5 names. */
export function passedOff(path: string): TidemarkError {
  return new TidemarkError('digest-mismatch', `${path} arrived with other bytes than its version names.`);
}
