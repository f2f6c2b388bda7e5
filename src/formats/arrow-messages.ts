/**
 * The messages of an Arrow IPC stream or file, one at a time, so that a large file is never in memory whole.
 * Lengths are checked against what the file has before anything is allocated for them.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { headOf } from './byte-source.ts';
import { unreadable } from './unreadable.ts';

export const SCHEMA_MESSAGE = 1;
export const DICTIONARY_MESSAGE = 2;
export const BATCH_MESSAGE = 3;

export type ArrowMessage = {
  readonly kind: number;
  /** The whole message as it stood in the file, for the decoder. */
  readonly bytes: Uint8Array;
  /** Of a dictionary message: which dictionary, and whether it adds to the one before. */
  readonly dictionary: { readonly id: number; readonly isDelta: boolean } | null;
};

const CONTINUATION = 0xffff_ffff;
const FILE_HEAD = 8;

/** All messages of the file in order. Throws `unreadable-data` with the byte offset of what is wrong. */
export function* arrowMessages(path: string): Generator<ArrowMessage> {
  const { head, size } = headOf(path, FILE_HEAD);
  const file = openSync(path, 'r');
  try {
    let offset = isArrowFile(head) ? FILE_HEAD : 0;
    while (offset + 4 <= size) {
      const message = readMessage(file, offset, size);
      if (message === null) return;
      yield message;
      offset += message.bytes.length;
    }
  } finally {
    closeSync(file);
  }
}

/** True when the bytes begin like an Arrow IPC file. */
export function isArrowFile(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 6)).toString('latin1') === 'ARROW1';
}

function readMessage(file: number, offset: number, size: number): ArrowMessage | null {
  const prefix = readBytes(file, offset, Math.min(8, size - offset));
  const modern = prefix.readUInt32LE(0) === CONTINUATION;
  const lead = modern ? 8 : 4;
  if (prefix.length < lead) throw cutOff(offset);
  const metaLength = prefix.readInt32LE(lead - 4);
  if (metaLength === 0) return null;
  if (metaLength < 0 || offset + lead + metaLength > size) throw cutOff(offset);
  const meta = readBytes(file, offset + lead, metaLength);
  try {
    const header = messageHeader(meta);
    if (header.bodyLength < 0 || offset + lead + metaLength + header.bodyLength > size) throw cutOff(offset);
    const bytes = readBytes(file, offset, lead + metaLength + header.bodyLength);
    return { kind: header.kind, bytes, dictionary: header.dictionary };
  } catch (cause) {
    if (cause instanceof RangeError) throw cutOff(offset, cause);
    throw cause;
  }
}

function readBytes(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (readSync(file, bytes, 0, length, offset) !== length) throw cutOff(offset);
  return bytes;
}

function cutOff(offset: number, cause?: unknown): Error {
  const message = `The Arrow message at byte ${offset} is broken or cut off; write the file again.`;
  return unreadable(message, cause);
}

type Header = Pick<ArrowMessage, 'kind' | 'dictionary'> & { readonly bodyLength: number };

/** The few flatbuffer fields needed: Message { version, header_type, header, bodyLength }, DictionaryBatch { id, data, isDelta }. */
function messageHeader(meta: Buffer): Header {
  const root = meta.readUInt32LE(0);
  const kindAt = fieldAt(meta, root, 1);
  const headerAt = fieldAt(meta, root, 2);
  const bodyAt = fieldAt(meta, root, 3);
  const kind = kindAt === 0 ? 0 : meta.readUInt8(kindAt);
  const bodyLength = bodyAt === 0 ? 0 : Number(meta.readBigInt64LE(bodyAt));
  if (kind !== DICTIONARY_MESSAGE) return { kind, bodyLength, dictionary: null };
  const table = headerAt + meta.readUInt32LE(headerAt);
  const idAt = fieldAt(meta, table, 0);
  const deltaAt = fieldAt(meta, table, 2);
  const id = idAt === 0 ? 0 : Number(meta.readBigInt64LE(idAt));
  return { kind, bodyLength, dictionary: { id, isDelta: deltaAt !== 0 && meta.readUInt8(deltaAt) !== 0 } };
}

/** Where field `index` of the flatbuffer table lies; 0 when it has its default. */
function fieldAt(meta: Buffer, table: number, index: number): number {
  const vtable = table - meta.readInt32LE(table);
  const slot = 4 + 2 * index;
  if (slot >= meta.readUInt16LE(vtable)) return 0;
  const offset = meta.readUInt16LE(vtable + slot);
  return offset === 0 ? 0 : table + offset;
}
