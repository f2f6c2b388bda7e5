import type { Digests } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';
import { intake } from '../objects/object-intake.ts';
import type { Slots } from '../objects/object-slots.ts';
import { openSpool } from '../objects/object-spool.ts';
import { releasable } from '../objects/object-stream.ts';
import type { PutOptions } from './put-options.ts';
import { inviteToKey } from './remote-s3-address.ts';
import { type S3Connection, s3Failure } from './remote-s3-client.ts';
import { deleteKey, listKeys, type StoredKey } from './remote-s3-keys.ts';
import { openS3Object } from './remote-s3-read.ts';
import { uploadFile } from './remote-s3-upload.ts';
import { type Invitation, partName, partNotFound, partNumber, type UploadParts } from './upload-parts.ts';

export type S3PartsOptions = {
  readonly connect: () => Promise<S3Connection>;
  /** What the keys of all parts begin with, up to its slash. */
  readonly prefix: string;
  /** A local folder for parts on their way: their digest must be known before S3 sees a byte. */
  readonly spoolFolder: string;
  readonly slots: Slots;
};

export type S3Parts = UploadParts & {
  /** Where a part lies, or would. */
  readonly keyOf: (upload: string, number: number) => string;
};

/** Parts under keys of their own, outside of where objects lie. */
export function createS3Parts(options: S3PartsOptions): S3Parts {
  return new PartsInBucket(options);
}

class PartsInBucket implements S3Parts {
  readonly #options: S3PartsOptions;

  constructor(options: S3PartsOptions) {
    this.#options = options;
  }

  async put(upload: string, number: number, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<Digests> {
    const { connect, slots, spoolFolder } = this.#options;
    const spool = await openSpool(spoolFolder, { durable: false });
    try {
      const digests = await intake(source, spool, options);
      await spool.finish();
      const key = this.keyOf(upload, number);
      await uploadFile(await connect(), { key, path: spool.path, digests, onlyNew: false }, slots);
      return digests;
    } catch (error) {
      throw s3Failure(error, 'storing a part');
    } finally {
      await spool.discard();
    }
  }

  async list(upload: string): Promise<ReadonlyMap<number, { readonly size: number }>> {
    const prefix = this.#prefixOf(upload);
    const parts = new Map<number, { size: number }>();
    for await (const { key, size } of this.#stored(prefix)) {
      const number = partNumber(key.slice(prefix.length));
      if (number !== null) parts.set(number, { size });
    }
    return parts;
  }

  async read(upload: string, number: number): Promise<AsyncIterable<Uint8Array>> {
    try {
      const key = this.keyOf(upload, number);
      const body = await openS3Object(await this.#options.connect(), key, {});
      if (body === null) throw new TidemarkError('not-found', partNotFound(number));
      return releasable(body, undefined);
    } catch (error) {
      throw s3Failure(error, 'reading a part');
    }
  }

  async invite(upload: string, part: { number: number; size: number }, seconds: number): Promise<Invitation> {
    try {
      return await inviteToKey(await this.#options.connect(), this.keyOf(upload, part.number), {
        size: part.size,
        seconds,
      });
    } catch (error) {
      throw s3Failure(error, 'inviting a part');
    }
  }

  async remove(upload: string): Promise<void> {
    for await (const { key } of this.#stored(this.#prefixOf(upload))) await this.#delete(key);
  }

  async sweep(before: number): Promise<number> {
    let removed = 0;
    for await (const { key, modified } of this.#stored(this.#options.prefix)) {
      if (modified >= before) continue;
      await this.#delete(key);
      removed++;
    }
    return removed;
  }

  async *#stored(prefix: string): AsyncGenerator<StoredKey> {
    try {
      yield* listKeys(await this.#options.connect(), prefix);
    } catch (error) {
      throw s3Failure(error, 'listing parts');
    }
  }

  async #delete(key: string): Promise<void> {
    try {
      await deleteKey(await this.#options.connect(), key);
    } catch (error) {
      throw s3Failure(error, 'removing a part');
    }
  }

  keyOf(upload: string, number: number): string {
    return `${this.#prefixOf(upload)}${partName(number)}`;
  }

  #prefixOf(upload: string): string {
    return `${this.#options.prefix}${upload}/`;
  }
}
