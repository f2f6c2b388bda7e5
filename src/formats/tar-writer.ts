/**
 * Headers of a POSIX.1-2001 tar archive (pax interchange format): ustar where it suffices, an extended header
 * before it where the name is long or not ASCII, or the file larger than 8 GiB.
 */

const BLOCK = 512;

export type TarEntry = {
  /** Relative, divided by `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly modified: number;
};

/** What ends an archive: two blocks of zeros. */
export const TAR_END: Uint8Array = new Uint8Array(2 * BLOCK);

const NAME_BYTES = 100;

/** Eleven octal digits. */
const USTAR_SIZE = 8 ** 11 - 1;

/** The header block or blocks of a regular file. */
export function tarHeader(entry: TarEntry): Uint8Array {
  const records = extendedRecords(entry);
  if (records.byteLength === 0) return ustar(entry, { name: entry.path, type: '0' });
  const name = plainName(entry.path);
  const extended = ustar({ ...entry, size: records.byteLength }, { name: plainName(`PaxHeaders/${name}`), type: 'x' });
  const size = Math.min(entry.size, USTAR_SIZE);
  const file = ustar({ ...entry, size }, { name, type: '0' });
  return Buffer.concat([extended, records, tarPadding(records.byteLength), file]);
}

/** The zeros that fill a file's last block. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/** Bytes that a file takes in the archive, header and padding included. */
export function tarSize(entry: TarEntry): number {
  return tarHeader(entry).byteLength + entry.size + tarPadding(entry.size).byteLength;
}

function extendedRecords(entry: TarEntry): Uint8Array {
  const records: string[] = [];
  const ascii = /^[\x20-\x7e]*$/.test(entry.path);
  if (!ascii || entry.path.length > NAME_BYTES) records.push(record('path', entry.path));
  if (entry.size > USTAR_SIZE) records.push(record('size', String(entry.size)));
  return Buffer.from(records.join(''), 'utf8');
}

/** `length key=value\n`, where the length counts its own digits too. */
function record(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  // One more digit can itself need one more.
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** A name for readers that know no extended headers. */
function plainName(path: string): string {
  return path.replace(/[^\x20-\x7e]/g, '_').slice(0, NAME_BYTES);
}

function ustar(entry: TarEntry, as: { name: string; type: '0' | 'x' }): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.write(as.name, 0, NAME_BYTES, 'latin1');
  block.write(octal(0o644, 7), 100, 'latin1');
  block.write(octal(0, 7), 108, 'latin1');
  block.write(octal(0, 7), 116, 'latin1');
  block.write(octal(entry.size, 11), 124, 'latin1');
  block.write(octal(Math.max(0, entry.modified), 11), 136, 'latin1');
  // The checksum is taken with blanks in its own place.
  block.write('        ', 148, 'latin1');
  block.write(as.type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
