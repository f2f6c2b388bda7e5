/** Thrift's compact protocol, in which Parquet says what its bytes are. Every read is checked against the end. */
import { broken } from './broken.ts';

/** What a field may be; structures by the numbers of their fields. */
export type ThriftValue = boolean | number | Uint8Array | readonly ThriftValue[] | ThriftStruct;
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;

/** Parquet needs six. */
const DEEPEST = 16;

type OnBoolean = (struct: ThriftStruct, field: number, at: number) => void;

export class ThriftReader {
  /** Where the next byte is read. */
  at: number;
  readonly #bytes: Uint8Array;
  readonly #onBoolean: OnBoolean | undefined;
  #depth = 0;

  /** @param onBoolean is told where each boolean of a structure stands: the byte that says which field it is says it too */
  constructor(bytes: Uint8Array, at = 0, onBoolean?: OnBoolean) {
    this.#bytes = bytes;
    this.at = at;
    this.#onBoolean = onBoolean;
  }

  /** A structure with all that is in it. @throws TidemarkError `unreadable-data`. */
  struct(): ThriftStruct {
    if (++this.#depth > DEEPEST) throw broken('a header is none');
    const fields = new Map<number, ThriftValue>();
    for (let id = 0; ; ) {
      const head = this.#byte();
      if (head === 0) break;
      const delta = head >> 4;
      id = delta === 0 ? this.#integer() : id + delta;
      const type = head & 15;
      const isBoolean = type === TRUE || type === FALSE;
      if (isBoolean) this.#onBoolean?.(fields, id, this.at - 1);
      fields.set(id, isBoolean ? type === TRUE : this.#value(type));
    }
    this.#depth--;
    return fields;
  }

  #value(type: number): ThriftValue {
    if (type === BYTE) return (this.#byte() << 24) >> 24;
    if (type > BYTE && type < DOUBLE) return this.#integer();
    if (type === DOUBLE) return this.#take(8);
    if (type === BINARY) return this.#take(this.#varint());
    if (type === LIST || type === SET) return this.#list();
    if (type === STRUCT) return this.struct();
    throw broken('a header is none');
  }

  #list(): readonly ThriftValue[] {
    const head = this.#byte();
    const short = head >> 4;
    const length = short === 15 ? this.#varint() : short;
    // Each entry has a byte at least, so a claim costs no more memory than the bytes that back it.
    if (length > this.#bytes.length - this.at) throw broken('a header is none');
    const type = head & 15;
    const values: ThriftValue[] = [];
    if (type === TRUE || type === FALSE) for (let i = 0; i < length; i++) values.push(this.#byte() === TRUE);
    else for (let i = 0; i < length; i++) values.push(this.#value(type));
    return values;
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) throw broken('a header is none');
    return this.#bytes[this.at++]!;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.at) throw broken('a header is none');
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  #varint(): number {
    let value = 0;
    for (let scale = 1, count = 0; count < 10; scale *= 128, count++) {
      const byte = this.#byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw broken('a header is none');
  }

  /** Zigzag. */
  #integer(): number {
    const value = this.#varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** A field that is a number, or undefined. */
export function numberIn(struct: ThriftStruct | undefined, id: number): number | undefined {
  const value = struct?.get(id);
  return typeof value === 'number' ? value : undefined;
}

/** A field that is a structure, or undefined. */
export function structIn(struct: ThriftStruct | undefined, id: number): ThriftStruct | undefined {
  const value = struct?.get(id);
  return value instanceof Map ? value : undefined;
}

/** A field that is a list of structures; without those that are none. */
export function structsIn(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  const value = struct.get(id);
  return Array.isArray(value) ? value.filter((entry) => entry instanceof Map) : [];
}
