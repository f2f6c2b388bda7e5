import type { ByteReader, ByteWriter } from './bytes.ts';

/** How values of one kind are written, and read back equal; what is read is refused unless it is such a value. */
export type Codec<T> = {
  readonly write: (out: ByteWriter, value: T) => void;
  readonly read: (from: ByteReader) => T;
};

/** A whole number of things. */
export const count: Codec<number> = {
  write: (out, value) => out.count(value),
  read: (from) => from.count(),
};

/** A finite number. */
export const double: Codec<number> = {
  write: (out, value) => out.double(value),
  read: (from) => {
    const value = from.double();
    if (Number.isFinite(value)) return value;
    throw from.broken('a number is not finite');
  },
};

export const bool: Codec<boolean> = {
  write: (out, value) => out.byte(value ? 1 : 0),
  read: (from) => from.byte() === 1,
};

const [UTF8, UTF16] = [0, 1];

/** Text; half a surrogate pair, which UTF-8 cannot hold, stays what it is. */
export const text: Codec<string> = {
  write: (out, value) => {
    const whole = value.isWellFormed();
    const block = Buffer.from(value, whole ? 'utf8' : 'utf16le');
    out.byte(whole ? UTF8 : UTF16);
    out.count(block.length);
    out.block(block);
  },
  read: (from) => {
    const encoding = from.byte() === UTF16 ? 'utf16le' : 'utf8';
    const block = from.block(from.length());
    // Of an odd number of bytes at an odd place Node 24 writes one byte too far, which may abort the process.
    if (encoding === 'utf16le' && block.length % 2 === 1) throw from.broken('a text ends within a character');
    return block.toString(encoding);
  },
};

/** One of these, by its place among them: add at the end, never change. */
export function oneOf<const T extends string>(values: readonly T[]): Codec<T> {
  return {
    write: (out, value) => out.byte(values.indexOf(value)),
    read: (from) => {
      const place = from.byte();
      const value = values[place];
      if (value !== undefined) return value;
      throw from.broken(`there is no choice ${place} of ${values.join(', ')}`);
    },
  };
}

/** Nothing but this: it is said, not written. */
export function exactly<const T extends string>(value: T): Codec<T> {
  return { write: () => {}, read: () => value };
}

/** Null, or such a value. */
export function nullable<T>(of: Codec<T>): Codec<T | null> {
  return {
    write: (out, value) => {
      out.byte(value === null ? 0 : 1);
      if (value !== null) of.write(out, value);
    },
    read: (from) => (from.byte() === 1 ? of.read(from) : null),
  };
}

/** Left out, or such a value. */
export function optional<T>(of: Codec<T>): Codec<T | undefined> {
  return {
    write: (out, value) => {
      out.byte(value === undefined ? 0 : 1);
      if (value !== undefined) of.write(out, value);
    },
    read: (from) => (from.byte() === 1 ? of.read(from) : undefined),
  };
}

/** Some of them, each of at least one byte. */
export function list<T>(of: Codec<T>): Codec<readonly T[]> {
  return {
    write: (out, values) => {
      out.count(values.length);
      for (const value of values) of.write(out, value);
    },
    read: (from) => Array.from({ length: from.length() }, () => of.read(from)),
  };
}

/** Bytes a number, by the kind that is written first. */
const WIDTHS = [1, 2, 4, 8] as const;

function widthOf(values: readonly number[]): (typeof WIDTHS)[number] {
  let most = 0;
  for (const value of values) {
    if (!(Number.isInteger(value) && value >= 0) || Object.is(value, -0)) return 8;
    if (value > most) most = value;
  }
  return most < 0x100 ? 1 : most < 0x1_00_00 ? 2 : most < 0x1_0000_0000 ? 4 : 8;
}

/** Finite numbers: all of them as the narrowest whole numbers that hold them, else as doubles. */
export const numbers: Codec<readonly number[]> = {
  write: (out, values) => {
    const width = widthOf(values);
    out.byte(width);
    out.count(values.length);
    const { bytes, at } = out.take(width * values.length);
    for (const [i, value] of values.entries()) {
      if (width === 8) bytes.writeDoubleLE(value, at + 8 * i);
      else bytes.writeUIntLE(value, at + width * i, width);
    }
  },
  read: (from) => {
    const width = from.byte();
    if (!WIDTHS.some((known) => known === width)) throw from.broken(`there are no numbers of ${width} bytes`);
    const block = from.block(width * from.length(width));
    const values = Array.from({ length: block.length / width }, (_, i) =>
      width === 8 ? block.readDoubleLE(8 * i) : block.readUIntLE(width * i, width),
    );
    if (values.every(Number.isFinite)) return values;
    throw from.broken('a number is not finite');
  },
};

/** The members of a record, in this order; one that may be left out is `optional`. */
export function struct<T extends object>(members: { readonly [K in keyof T]-?: Codec<T[K]> }): Codec<T> {
  const names = Object.keys(members) as (keyof T)[]; // A record of the members' own names.
  return {
    write: (out, value) => {
      for (const name of names) members[name].write(out, value[name]);
    },
    read: (from) => {
      const read: Partial<T> = {};
      for (const name of names) {
        const value = members[name].read(from);
        if (value !== undefined) read[name] = value;
      }
      // Every member was read, by a codec of its own.
      return read as T;
    },
  };
}
