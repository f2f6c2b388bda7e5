import type { ColumnProfile, TableProfile } from '../../stats/profile.ts';
import { xxHash32 } from '../arrow/xx-hash-32.ts';
import { shown, unreadable } from '../unreadable.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { disagreement } from './consistency.ts';
import { type NamedProfile, namedProfile, type ProfileVersion, versionOf } from './profile-codec.ts';

/** As PNG begins: no text does, and what changes line ends changes it. */
const MAGIC = Buffer.from('\x89TMPROF\r\n\x1a\n', 'latin1');
/** Magic, version, two bytes that are 0, and the checksum and the length of the content. */
const HEADER = MAGIC.length + 2 + 2 + 4 + 4;

/** Bytes at the beginning of a file that say whether it is one of these. */
export const SNIFFED = MAGIC.length;

/** Whether bytes begin as such a file does. */
export const isProfileFile = (bytes: Buffer): boolean => bytes.subarray(0, SNIFFED).equals(MAGIC);

/**
 * A profile as a file: magic, version, checksum (xxHash32), and its members behind each other, lists of numbers as typed
 * arrays. The same profile gives the same bytes; `readProfileFile` gives it back, equal in everything.
 */
export function writeProfileFile(named: NamedProfile): Buffer<ArrayBuffer> {
  const version = versionOf(named.profile);
  const out = new ByteWriter();
  namedProfile(version).write(out, named);
  const content = out.finish();
  const header = Buffer.alloc(HEADER);
  MAGIC.copy(header);
  header.writeUInt16LE(version, MAGIC.length);
  header.writeUInt32LE(xxHash32(content), MAGIC.length + 4);
  header.writeUInt32LE(content.length, MAGIC.length + 8);
  return Buffer.concat([header, content]);
}

/**
 * Reads such a file, whoever wrote it: one of another version is refused by its number, a broken one by its checksum,
 * and one whose members do not fit together by what does not. @throws TidemarkError `unreadable-data`.
 */
export function readProfileFile(bytes: Buffer): NamedProfile {
  if (!isProfileFile(bytes)) throw unreadable('The file does not begin as a profile does.');
  if (bytes.length < HEADER) throw unreadable(`The profile ends within its first ${HEADER} bytes.`);
  const version = bytes.readUInt16LE(MAGIC.length);
  if (!isKnown(version)) {
    throw unreadable(`The profile is of version ${version} of its format; this release reads versions 1 and 2.`);
  }
  const content = bytes.subarray(HEADER);
  const length = bytes.readUInt32LE(MAGIC.length + 8);
  if (content.length !== length) {
    throw unreadable(`The profile has ${content.length} bytes of content, where it announces ${length}.`);
  }
  if (xxHash32(content) !== bytes.readUInt32LE(MAGIC.length + 4)) {
    throw unreadable('The profile is broken: its bytes do not have the checksum that stands in it.');
  }
  const from = new ByteReader(content);
  const named = namedProfile(version).read(from);
  if (from.left > 0) throw unreadable(`The profile has ${from.left} bytes behind its end.`);
  checkColumns(named.profile);
  return named;
}

const isKnown = (version: number): version is ProfileVersion => version === 1 || version === 2;

function checkColumns({ rows, columns }: TableProfile): void {
  const names = new Set(columns.map(({ name }) => name));
  if (names.size < columns.length) throw unreadable('The profile has two columns of one name.');
  const disagrees = (column: ColumnProfile): string | null =>
    column.rows === rows ? disagreement(column) : `it has ${column.rows} rows, the table ${rows}`;
  for (const column of columns) {
    const what = disagrees(column);
    if (what !== null)
      throw unreadable(`Column "${shown(column.name)}" of the profile does not fit together: ${what}.`);
  }
}
