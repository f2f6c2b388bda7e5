import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import { packEnd, packLine } from '../../formats/object-pack.ts';
import type { Client } from '../client/client.ts';
import type { KnownTree } from '../versions/digest-index.ts';
import { type Batch, batchesOf, widthOf } from './batches.ts';
import type { Hashing, ReadFile } from './hash-files.ts';
import type { LocalFile } from './local-files.ts';
import { inParallel } from './parallel.ts';
import { sendLargeObject } from './send-parts.ts';

type Surveyed = { readonly oid: string; readonly missing: boolean };

const survey = z.looseObject({
  // Looked through here: by shapes that takes as long as to read them, and there may be very many.
  objects: z.custom<Surveyed[]>((value) => Array.isArray(value) && value.every(isSurveyed)),
});

function isSurveyed(value: unknown): value is Surveyed {
  if (typeof value !== 'object' || value === null) return false;
  const { oid, missing }: { readonly [K in keyof Surveyed]?: unknown } = value;
  return typeof oid === 'string' && typeof missing === 'boolean';
}

/** What one call asks for. */
const SURVEYED = 20_000;
/** A pack of changed files that is sent without a question whether it is needed: that would take as long as its bytes. */
const UNASKED_BYTES = 64 * 1024;

export type Sent = { objects: number; bytes: number };

export type Sending = {
  readonly client: Client;
  readonly hashing: Hashing;
  /** What has to be read was changed since it was sent, and so is hardly held; otherwise it may have been sent before. */
  readonly changed: boolean;
  /** A folder that the project holds, as far as is known; null where none is. It is waited for where it matters. */
  readonly base: Promise<KnownTree | null>;
  /** Told of bytes that are done with: sent, or found to be held. */
  readonly onBytes: (count: number) => void;
};

type Known = { readonly file: LocalFile; readonly md5: string };

/** Which of these objects the project does not hold, in as few calls as the service takes. */
export async function surveyMissing(
  client: Client,
  wanted: readonly { readonly oid: string; readonly size: number }[],
): Promise<Set<string>> {
  const missing = new Set<string>();
  for (let at = 0; at < wanted.length; at += SURVEYED) {
    const objects = wanted.slice(at, at + SURVEYED).map(({ oid, size }) => ({ oid, size }));
    const answer = await client.call(survey, 'POST', '/v1/objects/batch', { json: { brief: true, objects } });
    for (const object of answer.objects) if (object.missing) missing.add(object.oid);
  }
  return missing;
}

/** Sends what the project does not hold of a folder's files, each content once. */
export class ObjectSender {
  readonly sent: Sent = { objects: 0, bytes: 0 };
  readonly #sending: Sending;
  /** Contents that are held or on their way. */
  readonly #claimed = new Set<string>();
  #held: Promise<ReadonlySet<string>> | null = null;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  /** Files whose digests are known: only what is missing is read at all. */
  async sendKnown(known: readonly Known[]): Promise<void> {
    const wanted = known.map(({ file, md5 }) => ({ oid: md5, size: file.size }));
    const missing = await surveyMissing(this.#sending.client, wanted);
    const todo = new Map<LocalFile, string>();
    for (const { file, md5 } of known) {
      if (missing.has(md5) && this.#claim(md5)) todo.set(file, md5);
      else this.#sending.onBytes(file.size);
    }
    const batches = batchesOf(todo.keys());
    await inParallel(batches, widthOf(batches), async (batch, signal) => {
      if (batch.kind === 'large') return this.#sendLarge(batch.file, todo.get(batch.file) ?? '', signal);
      await this.#sending.hashing.read(batch.files, async (read, pack) => {
        const changed = read.find(({ file, md5 }) => todo.get(file) !== md5);
        if (changed !== undefined) throw changedWhile(changed.file);
        await this.#sendPack(read, pack, signal);
      });
    });
  }

  /** Files that have to be read: a batch is asked for and sent while the next ones are digested. */
  async sendUnknown(files: readonly LocalFile[], onFile: (file: LocalFile, md5: string) => void): Promise<void> {
    const batches = batchesOf(files);
    await inParallel(batches, widthOf(batches), (batch, signal) => this.#sendBatch(batch, onFile, signal));
  }

  async #sendBatch(
    batch: Batch<LocalFile>,
    onFile: (file: LocalFile, md5: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, hashing } = this.#sending;
    if (batch.kind === 'large') {
      const { file } = batch;
      const md5 = await hashing.digest(file);
      onFile(file, md5);
      const held = await this.#heldBefore();
      const isMissing = !held.has(md5) && (await surveyMissing(client, [{ oid: md5, size: file.size }])).has(md5);
      if (isMissing && this.#claim(md5)) await this.#sendLarge(file, md5, signal);
      else this.#sending.onBytes(file.size);
      return;
    }
    await hashing.read(batch.files, async (read, pack) => {
      for (const { file, md5 } of read) onFile(file, md5);
      await this.#sendMissing(read, pack, signal);
    });
  }

  async #sendMissing(read: readonly ReadFile[], pack: Uint8Array, signal: AbortSignal): Promise<void> {
    const held = await this.#heldBefore();
    const wanted = held.size === 0 ? read : read.filter(({ md5 }) => !held.has(md5));
    const unasked = (this.#sending.changed || held.size > 0) && sizeOf(wanted) <= UNASKED_BYTES;
    const missing = unasked ? null : await this.#missingOf(wanted);
    const todo = wanted.filter(({ md5 }) => missing?.has(md5) !== false && this.#claim(md5));
    this.#sending.onBytes(sizeOf(read) - sizeOf(todo));
    await this.#sendPack(todo, todo.length === read.length ? pack : packOf(todo), signal);
  }

  /** What the base lists, which is held unless it was lost. */
  #heldBefore(): Promise<ReadonlySet<string>> {
    this.#held ??= this.#sending.base.then(
      (base) => new Set(base === null ? [] : [...base.files.values()].map(({ md5 }) => md5)),
    );
    return this.#held;
  }

  #missingOf(read: readonly ReadFile[]): Promise<Set<string>> {
    return surveyMissing(
      this.#sending.client,
      read.map(({ file, md5 }) => ({ oid: md5, size: file.size })),
    );
  }

  /** True for the first who asks. */
  #claim(md5: string): boolean {
    if (this.#claimed.has(md5)) return false;
    this.#claimed.add(md5);
    return true;
  }

  async #sendPack(files: readonly ReadFile[], body: Uint8Array, signal: AbortSignal): Promise<void> {
    if (files.length === 0) return;
    const headers = { 'content-type': 'application/vnd.tidemark.pack' };
    await this.#sending.client.send('POST', '/v1/objects/pack', { body, headers, signal });
    for (const { file } of files) this.#count(file.size);
  }

  async #sendLarge(file: LocalFile, md5: string, signal: AbortSignal): Promise<void> {
    const bytes = await sendLargeObject(this.#sending, { file, md5, signal });
    // Only now: what others add meanwhile would be lost to a sum that was begun before.
    this.sent.bytes += bytes;
    this.sent.objects++;
  }

  #count(size: number): void {
    this.#sending.onBytes(size);
    this.sent.objects++;
    this.sent.bytes += size;
  }
}

const sizeOf = (list: readonly ReadFile[]): number => list.reduce((sum, { file }) => sum + file.size, 0);

/** Some files of a batch as a pack of their own. */
function packOf(files: readonly ReadFile[]): Uint8Array {
  const parts = files.flatMap(({ file, md5, bytes }) => [packLine({ md5, size: file.size }), bytes]);
  return Buffer.concat([...parts, packEnd(files.length)]);
}

function changedWhile(file: LocalFile): TidemarkError {
  return new TidemarkError('conflict', `${file.file} was changed while it was pushed; push again.`);
}
