/**
 * The messages of an Arrow IPC stream or file, one at a time, so that a large file is never in memory whole.
 * Lengths are checked against what the file has before anything is allocated for them.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { headOf } from '../byte-source.ts';
import { unreadable } from '../unreadable.ts';

export const SCHEMA_MESSAGE = 1;
export const DICTIONARY_MESSAGE = 2;
export const BATCH_MESSAGE = 3;

export type ArrowMessage = {
  readonly kind: number;
  /** The whole message as it stood in the file, for the decoder. */
  readonly bytes: Uint8Array;
  /** Of a dictionary message: which dictionary, and whether it adds to the one before. */
  readonly dictionary: { readonly id: number; readonly isDelta: boolean } | null;
  /** Of a batch message: the rows that it says it has. */
  readonly rows: number | null;
};

const CONTINUATION = 0xffff_ffff;
const FILE_HEAD = 8;
/** Footer length and closing mark. */
const FILE_TAIL = 10;
/** Of a record batch in the footer: offset, length of its metadata, length of its body. */
const FOOTER_BLOCK = 24;

/**
 * All messages of the file in order. A file that says at its end how many batches it holds must hold them, and
 * nothing may follow the end of a stream: a flipped length would else pass as fewer rows.
 * Throws `unreadable-data` with the byte offset of what is wrong.
 */
export function* arrowMessages(path: string): Generator<ArrowMessage> {
  const { head, size } = headOf(path, FILE_HEAD);
  const file = openSync(path, 'r');
  try {
    const footer = isArrowFile(head) ? readFooter(file, size) : null;
    const end = footer?.start ?? size;
    let offset = footer === null ? 0 : FILE_HEAD;
    let batches = 0;
    while (offset < end) {
      const message = readMessage(file, offset, end);
      if ('endsAt' in message) {
        if (footer === null && message.endsAt < size) throw afterEnd(message.endsAt);
        break;
      }
      if (message.kind === BATCH_MESSAGE) batches++;
      yield message;
      offset += message.bytes.length;
    }
    if (footer !== null && footer.batches !== batches) {
      throw unreadable(
        `The Arrow footer counts ${footer.batches} record batches, the file holds ${batches}; write the file again.`,
      );
    }
  } finally {
    closeSync(file);
  }
}

/** Where the footer of a file begins, and how many record batches it counts. */
function readFooter(file: number, size: number): { readonly start: number; readonly batches: number } {
  const tail = size < FILE_HEAD + FILE_TAIL ? null : readBytes(file, size - FILE_TAIL, FILE_TAIL);
  if (tail?.toString('latin1', 4) !== 'ARROW1') {
    throw unreadable('The Arrow file does not end with ARROW1; it is cut off. Write the file again.');
  }
  const length = tail.readInt32LE(0);
  const start = size - FILE_TAIL - length;
  if (length <= 0 || start < FILE_HEAD) {
    throw unreadable(`The Arrow footer claims ${length} bytes in a file of ${size}; the file is broken.`);
  }
  try {
    const meta = readBytes(file, start, length);
    const at = fieldAt(meta, meta.readUInt32LE(0), 3);
    const batches = at === 0 ? 0 : meta.readUInt32LE(at + meta.readUInt32LE(at));
    if (batches * FOOTER_BLOCK > length) throw cutOff(start);
    return { start, batches };
  } catch (cause) {
    if (cause instanceof RangeError) throw cutOff(start, cause);
    throw cause;
  }
}

/** True when the bytes begin like an Arrow IPC file. */
export function isArrowFile(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, 6)).toString('latin1') === 'ARROW1';
}

function readMessage(file: number, offset: number, size: number): ArrowMessage | { readonly endsAt: number } {
  const prefix = readBytes(file, offset, Math.min(8, size - offset));
  if (prefix.length < 4) throw cutOff(offset);
  const modern = prefix.readUInt32LE(0) === CONTINUATION;
  const lead = modern ? 8 : 4;
  if (prefix.length < lead) throw cutOff(offset);
  const metaLength = prefix.readInt32LE(lead - 4);
  if (metaLength === 0) return { endsAt: offset + lead };
  if (metaLength < 0 || offset + lead + metaLength > size) throw cutOff(offset);
  const meta = readBytes(file, offset + lead, metaLength);
  try {
    const header = messageHeader(meta);
    if (header.bodyLength < 0 || offset + lead + metaLength + header.bodyLength > size) throw cutOff(offset);
    const bytes = readBytes(file, offset, lead + metaLength + header.bodyLength);
    return { kind: header.kind, bytes, dictionary: header.dictionary, rows: header.rows };
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

function afterEnd(offset: number): Error {
  const what = 'are streams joined in it? Write them into one, or into a file each';
  return unreadable(`The Arrow stream ends at byte ${offset} and the file goes on; ${what}.`);
}

type Header = Pick<ArrowMessage, 'kind' | 'dictionary' | 'rows'> & { readonly bodyLength: number };

/**
 * The few flatbuffer fields needed: Message { version, header_type, header, bodyLength }, RecordBatch { length, … },
 * DictionaryBatch { id, data, isDelta }.
 */
function messageHeader(meta: Buffer): Header {
  const root = meta.readUInt32LE(0);
  const kindAt = fieldAt(meta, root, 1);
  const headerAt = fieldAt(meta, root, 2);
  const bodyAt = fieldAt(meta, root, 3);
  const kind = kindAt === 0 ? 0 : meta.readUInt8(kindAt);
  const bodyLength = bodyAt === 0 ? 0 : Number(meta.readBigInt64LE(bodyAt));
  if (kind !== DICTIONARY_MESSAGE && kind !== BATCH_MESSAGE) return { kind, bodyLength, dictionary: null, rows: null };
  const table = headerAt + meta.readUInt32LE(headerAt);
  if (kind === BATCH_MESSAGE) {
    const rowsAt = fieldAt(meta, table, 0);
    const rows = rowsAt === 0 ? 0 : Number(meta.readBigInt64LE(rowsAt));
    return { kind, bodyLength, dictionary: null, rows };
  }
  const idAt = fieldAt(meta, table, 0);
  const deltaAt = fieldAt(meta, table, 2);
  const id = idAt === 0 ? 0 : Number(meta.readBigInt64LE(idAt));
  const isDelta = deltaAt !== 0 && meta.readUInt8(deltaAt) !== 0;
  return { kind, bodyLength, dictionary: { id, isDelta }, rows: null };
}

/** Where field `index` of the flatbuffer table lies; 0 when it has its default. */
function fieldAt(meta: Buffer, table: number, index: number): number {
  const vtable = table - meta.readInt32LE(table);
  const slot = 4 + 2 * index;
  if (slot >= meta.readUInt16LE(vtable)) return 0;
  const offset = meta.readUInt16LE(vtable + slot);
  return offset === 0 ? 0 : table + offset;
}
