import type { Digests } from '../../dvc/hash.ts';
import type { PutOptions } from './put-options.ts';

/** A PUT request that its address alone allows. */
export type Invitation = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/**
 * Parts of objects that come over many requests, kept until the whole is made. They lie with the objects, so that
 * every server finds them; what is listed is durable.
 */
export type UploadParts = {
  /** Takes a part, replacing what came under its number before. @throws TidemarkError as `ObjectRemote.put`. */
  put(upload: string, number: number, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<Digests>;
  /** Parts that are there, by number. */
  list(upload: string): Promise<ReadonlyMap<number, { readonly size: number }>>;
  /** @throws TidemarkError `not-found` for a part that is not there. */
  read(upload: string, number: number): Promise<AsyncIterable<Uint8Array>>;
  /** Removes the upload's parts; removing what is not there is no error. */
  remove(upload: string): Promise<void>;
  /**
   * Where a client may put a part by itself, past this service, until `seconds` from now. What it puts is judged with
   * the whole. Absent where nobody but this service can write.
   */
  readonly invite?: (upload: string, part: { number: number; size: number }, seconds: number) => Promise<Invitation>;
  /** Removes parts that came before `before` (epoch ms), whoever they belong to. Counts them. */
  sweep(before: number): Promise<number>;
};

/** The number as a name that sorts like it. */
export function partName(number: number): string {
  return String(number).padStart(6, '0');
}

/** The number in a part's name, or null for another name. */
export function partNumber(name: string): number | null {
  return /^\d{6}$/.test(name) ? Number(name) : null;
}

export function partNotFound(number: number): string {
  return `Part ${number} of this upload is not there.`;
}
