import { digestBytes, type Oid, oidOfMd5, parseOid } from '../../dvc/hash.ts';
import { legacyPath, listingPrefix, objectPath } from '../../dvc/path.ts';
import { isTidemarkError } from '../../errors.ts';
import { createMemorySpool } from '../objects/memory-spool.ts';
import { once, putEach, putStream, readEach } from '../objects/object-each.ts';
import { objectNotFound } from '../objects/object-failure.ts';
import { checkExpectation, intake } from '../objects/object-intake.ts';
import { bearsLegacyName } from '../objects/object-judge.ts';
import { createSlots } from '../objects/object-slots.ts';
import { sweepSpools } from '../objects/object-spool.ts';
import { releasable } from '../objects/object-stream.ts';
import type { Bundles } from './bundles.ts';
import { createS3Bundles } from './bundles-s3.ts';
import { createS3Parts, type S3Parts } from './parts-s3.ts';
import type { Expectation, PutOptions } from './put-options.ts';
import type {
  ListedObject,
  ListOptions,
  ObjectGroup,
  ObjectRemote,
  ReadOptions,
  StoredObject,
  WantedObject,
} from './remote.ts';
import { abortUploads } from './remote-s3-abandoned.ts';
import { addressOfKey } from './remote-s3-address.ts';
import { connectS3, isNoBucket, type S3Connection, type S3Patience, s3Failure, s3Status } from './remote-s3-client.ts';
import { copyS3Object } from './remote-s3-copy.ts';
import { joinParts, readParts } from './remote-s3-join.ts';
import { deleteKey } from './remote-s3-keys.ts';
import { listS3Objects } from './remote-s3-list.ts';
import { Publisher } from './remote-s3-publish.ts';
import { headS3Object, openS3Object, readSmall } from './remote-s3-read.ts';
import { uploadBytes, uploadFile } from './remote-s3-upload.ts';

/** Parts held in memory at once by all uploads of this process; a part is 8 MiB, more only beyond 78 GiB. */
const PART_BUFFERS = 6;

/** What is held in memory on its way, and sent in one request. */
const SMALL_BYTES = 256 * 1024;

export type S3RemoteOptions = {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the bucket itself. */
  readonly prefix: string;
  /** A local folder for uploads on their way: their digest must be known before S3 sees a byte. */
  readonly spoolFolder: string;
  readonly patience?: S3Patience;
};

/** Objects under a prefix of a bucket of any S3 server. Connects at first use. */
export function createS3Remote(options: S3RemoteOptions): ObjectRemote {
  return new S3Remote(options);
}

class S3Remote implements ObjectRemote {
  readonly location: string;
  readonly near = false;
  readonly parts: S3Parts;
  readonly bundles: Bundles;
  readonly #options: S3RemoteOptions;
  readonly #base: string;
  readonly #slots = createSlots(PART_BUFFERS);
  readonly #publisher = new Publisher(this);
  #connecting: Promise<S3Connection> | null = null;

  constructor(options: S3RemoteOptions) {
    this.#options = options;
    this.#base = options.prefix === '' ? '' : `${options.prefix}/`;
    this.parts = createS3Parts({
      connect: () => this.#connect(),
      prefix: `${this.#base}uploads/`,
      spoolFolder: options.spoolFolder,
      slots: this.#slots,
    });
    this.bundles = createS3Bundles({ connect: () => this.#connect(), prefix: `${this.#base}bundles/` });
    this.location = `s3://${options.bucket}${options.prefix === '' ? '' : `/${options.prefix}`}`;
  }

  async put(source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<StoredObject> {
    const spool = createMemorySpool(this.#options.spoolFolder);
    try {
      const digests = await intake(source, spool, options);
      const spooled = await spool.finish();
      const oid = oidOfMd5(digests.md5, options.directory);
      const s3 = await this.#connect();
      const upload = { key: this.#keyOf(oid), digests };
      const make = (onlyNew: boolean) =>
        'bytes' in spooled
          ? uploadBytes(s3, { ...upload, onlyNew }, spooled.bytes)
          : uploadFile(s3, { ...upload, path: spooled.path, onlyNew }, this.#slots);
      return {
        oid,
        ...digests,
        existed: await this.#publisher.publish(oid, digests, { make, small: 'bytes' in spooled }),
      };
    } catch (error) {
      throw s3Failure(error, 'storing an object');
    } finally {
      await spool.discard();
    }
  }

  async putWhole(bytes: Uint8Array): Promise<StoredObject> {
    if (bytes.byteLength > SMALL_BYTES) return await this.put(once(bytes), { maxBytes: bytes.byteLength });
    return await this.#putSmall(bytes, {});
  }

  /** What fits into one request, without a spool. */
  async #putSmall(bytes: Uint8Array, expect: Expectation): Promise<StoredObject> {
    const digests = digestBytes(bytes);
    checkExpectation(digests, expect);
    try {
      const s3 = await this.#connect();
      const oid = digests.md5;
      const make = (onlyNew: boolean) => uploadBytes(s3, { key: this.#keyOf(oid), digests, onlyNew }, bytes);
      const existed = await this.#publisher.publish(oid, digests, { make, small: true });
      return { oid, ...digests, blockSums: null, existed };
    } catch (error) {
      throw s3Failure(error, 'storing an object');
    }
  }

  async join(upload: string, count: number, options: PutOptions): Promise<StoredObject> {
    try {
      const s3 = await this.#connect();
      const keys = Array.from({ length: count }, (_, i) => this.parts.keyOf(upload, i + 1));
      const { digests, parts } = await readParts(s3, keys, options);
      const oid = oidOfMd5(digests.md5, options.directory);
      const make = (onlyNew: boolean) => joinParts(s3, { key: this.#keyOf(oid), parts, digests, onlyNew });
      return { oid, ...digests, existed: await this.#publisher.publish(oid, digests, { make, small: false }) };
    } catch (error) {
      throw s3Failure(error, 'making an object of its parts');
    }
  }

  async putGroup(group: ObjectGroup) {
    const put = putStream(this);
    // The memory of a group is shared with the threads that fill it; what is sent is not.
    const small = (bytes: Uint8Array, oid: Oid) => this.#putSmall(Buffer.from(bytes), { md5: oid });
    return await putEach((b, member) => (member.size <= SMALL_BYTES ? small(b, member.oid) : put(b, member)), group);
  }

  async readGroup<T>(wanted: readonly WantedObject[], take: (found: readonly (Uint8Array | null)[]) => T): Promise<T> {
    const s3 = await this.#connect();
    return take(await readEach(this, wanted, ({ oid, size }) => readSmall(s3, this.#keyOf(oid), size)));
  }

  async touchedAt(oid: Oid): Promise<number | null> {
    return (await this.#head(oid))?.LastModified?.getTime() ?? null;
  }

  async stat(oid: Oid): Promise<{ size: number } | null> {
    const head = await this.#head(oid);
    return head === null ? null : { size: head.ContentLength ?? 0 };
  }

  async #head(oid: Oid) {
    try {
      return await headS3Object(await this.#connect(), this.#keyOf(oid));
    } catch (error) {
      throw s3Failure(error, 'looking up an object');
    }
  }

  async read(oid: Oid, options: ReadOptions = {}): Promise<AsyncIterable<Uint8Array>> {
    options.signal?.throwIfAborted();
    const key = this.#keyOf(oid);
    try {
      const body = await openS3Object(await this.#connect(), key, options);
      if (body === null) throw objectNotFound(oid);
      return releasable(body, options.signal);
    } catch (error) {
      throw s3Failure(error, 'opening an object');
    }
  }

  async address(oid: Oid, seconds: number): Promise<string> {
    try {
      return await addressOfKey(await this.#connect(), this.#keyOf(oid), seconds);
    } catch (error) {
      throw s3Failure(error, 'making an address of an object');
    }
  }

  async nameLegacy(oid: Oid, legacy: Oid): Promise<void> {
    const key = this.#base + legacyPath(parseOid(legacy));
    try {
      const s3 = await this.#connect();
      const found = await openS3Object(s3, key, {});
      if (found !== null && (await bearsLegacyName(releasable(found, undefined), legacy))) return;
      const stored = await this.stat(oid);
      if (stored === null) throw objectNotFound(oid);
      await copyS3Object(s3, { from: this.#keyOf(oid), to: key, size: stored.size });
    } catch (error) {
      throw s3Failure(error, 'naming an object for DVC 2');
    }
  }

  async remove(oid: Oid): Promise<void> {
    await this.#delete(this.#keyOf(oid), 'removing an object');
  }

  async removeLegacy(legacy: Oid): Promise<void> {
    await this.#delete(this.#base + legacyPath(parseOid(legacy)), 'removing a name of DVC 2');
  }

  async readLegacy(legacy: Oid): Promise<AsyncIterable<Uint8Array>> {
    const key = this.#base + legacyPath(parseOid(legacy));
    try {
      const body = await openS3Object(await this.#connect(), key, {});
      if (body === null) throw objectNotFound(legacy);
      return releasable(body, undefined);
    } catch (error) {
      throw s3Failure(error, 'opening an object');
    }
  }

  async adoptLegacy(legacy: Oid, oid: Oid): Promise<void> {
    const from = this.#base + legacyPath(parseOid(legacy));
    try {
      if ((await this.stat(oid)) !== null) return;
      const s3 = await this.#connect();
      const head = await headS3Object(s3, from);
      if (head === null) throw objectNotFound(legacy);
      await copyS3Object(s3, { from, to: this.#keyOf(oid), size: head.ContentLength ?? 0 });
    } catch (error) {
      throw isNoKey(error) ? objectNotFound(legacy) : s3Failure(error, 'adopting an object');
    }
  }

  async *list(prefix = '', options: ListOptions = {}): AsyncGenerator<ListedObject> {
    try {
      yield* listS3Objects(await this.#connect(), this.#base, { prefix, ...options });
    } catch (error) {
      throw s3Failure(error, 'listing objects');
    }
  }

  async probe(): Promise<void> {
    // One key for all processes: a crash between writing and deleting leaves one tiny object, not many.
    const key = `${this.#base}tmp/probe`;
    try {
      const s3 = await this.#connect();
      await s3.client.send(new s3.sdk.PutObjectCommand({ Bucket: s3.bucket, Key: key, Body: 'probe' }));
    } catch (error) {
      throw s3Failure(error, 'writing a probe');
    }
    await this.#delete(key, 'deleting a probe');
  }

  async sweep(olderThanMs: number, now: number): Promise<number> {
    const before = now - olderThanMs;
    const local = await sweepSpools(this.#options.spoolFolder, before);
    try {
      return local + (await abortUploads(await this.#connect(), `${this.#base}${listingPrefix('')}`, before));
    } catch (error) {
      throw s3Failure(error, 'sweeping abandoned uploads');
    }
  }

  async #delete(key: string, doing: string): Promise<void> {
    try {
      const s3 = await this.#connect();
      await deleteKey(s3, key);
    } catch (error) {
      if (!isNoKey(error)) throw s3Failure(error, doing);
    }
  }

  /** Connects once; a failed attempt is not remembered. */
  #connect(): Promise<S3Connection> {
    this.#connecting ??= connectS3(this.#options.bucket, this.#options.patience).catch((error: unknown) => {
      this.#connecting = null;
      throw isTidemarkError(error) ? error : s3Failure(error, 'connecting');
    });
    return this.#connecting;
  }

  #keyOf(oid: Oid): string {
    return this.#base + objectPath(parseOid(oid));
  }
}

/** Also of what is copied, which may go meanwhile. */
const isNoKey = (error: unknown): boolean => s3Status(error) === 404 && !isNoBucket(error);
