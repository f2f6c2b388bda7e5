import { describe, expect, it } from 'vitest';
import { isTidemarkError } from '../../../src/errors.ts';
import { xxHash32 } from '../../../src/formats/arrow/xx-hash-32.ts';
import { isProfileFile, readProfileFile, writeProfileFile } from '../../../src/formats/profile/profile-file.ts';
import { mergeProfiles } from '../../../src/stats/merge-profiles.ts';
import type { TableProfile } from '../../../src/stats/profile.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { compareProfiles } from '../../../src/stats/verdict/compare-profiles.ts';
import { judgeProfiles } from '../../../src/stats/verdict/judge-profiles.ts';
import { integers, numbers, profileOf, texts, times, vectors } from '../../stats/columns.ts';

/** Where the version, the checksum, the length and the content stand. */
const AT = { version: 11, checksum: 15, length: 19, content: 23 };

function everything(rows: number, seed = 1): TableProfile {
  const random = xoshiro128(seed);
  const draw = <T>(of: (u: number, i: number) => T): T[] => Array.from({ length: rows }, (_, i) => of(random(), i));
  return profileOf({
    number: numbers(
      draw((u) => (u < 0.1 ? null : u < 0.12 ? Number.NaN : u < 0.13 ? Number.POSITIVE_INFINITY : -u * 1e6)),
    ),
    few: numbers(
      draw((u) => Math.floor(u * 5) - 1),
      'int64',
    ),
    large: integers(draw((u) => 2n ** 60n + BigInt(Math.floor(u * 1e6)))),
    same: numbers(draw(() => 7)),
    none: numbers(draw(() => null)),
    plan: texts(draw((u) => (u < 0.2 ? null : `plan ${Math.floor(u * 6)}`))),
    id: texts(draw((_, i) => `id-${i}`)),
    odd: texts(draw((u) => (u < 0.5 ? '\ud800 half' : 'größe 漢字'))),
    yes: texts(
      draw((u) => String(u < 0.5)),
      'boolean',
    ),
    at: times(draw((u) => (u < 0.1 ? null : 1.7e12 + Math.floor(u * 1e10)))),
    day: times(
      draw((u) => Math.floor(u * 400) * 86_400_000),
      'date',
    ),
    embedding: vectors(
      draw((u) => (u < 0.1 ? null : [u, u < 0.2 ? Number.NaN : -u, 1])),
      3,
    ),
  });
}

const named = (profile: TableProfile) => ({ name: 'train.csv', profile });

/** The file with other content, and the checksum and length of that. */
function sealed(file: Buffer, content: Buffer): Buffer {
  const header = Buffer.from(file.subarray(0, AT.content));
  header.writeUInt32LE(xxHash32(content), AT.checksum);
  header.writeUInt32LE(content.length, AT.length);
  return Buffer.concat([header, content]);
}

const refusal = (bytes: Buffer): string => {
  try {
    readProfileFile(bytes);
  } catch (error) {
    if (isTidemarkError(error, 'unreadable-data')) return error.message;
    throw error;
  }
  return 'read';
};

describe('a profile as a file', () => {
  it.each([0, 1, 60, 5000])('holds all that there is to know of a table, %i rows', (rows) => {
    const file = writeProfileFile(named(everything(rows)));
    expect(isProfileFile(file)).toBe(true);
    expect(readProfileFile(file)).toEqual(named(everything(rows)));
    // The same profile is the same bytes.
    expect(writeProfileFile(named(everything(rows))).equals(file)).toBe(true);
  });

  it('holds merged profiles and those of earlier releases, and is smaller than JSON', () => {
    const merged = mergeProfiles(everything(3000, 2), everything(4000, 3), profileOf({ plan: numbers([1, 2]) }));
    const file = writeProfileFile(named(merged));
    expect(readProfileFile(file)).toEqual(named(merged));
    expect(file.length).toBeLessThan(0.7 * JSON.stringify(merged).length);
    const early: TableProfile = {
      ...merged,
      format: 'tidemark.profile/1',
      columns: merged.columns.map((column) => {
        if (column.kind !== 'category') return column;
        const { shapes: _, ...before } = column;
        return before;
      }),
    };
    const read = readProfileFile(writeProfileFile(named(early)));
    expect(read.profile).toEqual(early);
    expect(read.profile.columns.filter((column) => 'shapes' in column)).toEqual([]);
  });

  it('is of the first version unless a mean has more digits than that holds', () => {
    const of = (values: readonly number[]) => profileOf({ x: numbers(values) });
    const [usual, far] = [of([1, 2, 4]), of([2 ** 50, 2 ** 50 + 1, 2 ** 50 + 1])];
    const files = [usual, far].map((profile) => writeProfileFile(named(profile)));
    expect(files.map((file) => file.readUInt16LE(AT.version))).toEqual([1, 2]);
    expect(files.map((file) => readProfileFile(file).profile)).toEqual([usual, far]);
    // Also of lengths of vectors.
    const long = profileOf({ v: vectors([[2 ** 50], [2 ** 50 + 1], [2 ** 50 + 1]], 1) });
    const file = writeProfileFile(named(long));
    expect(file.readUInt16LE(AT.version)).toBe(2);
    expect(readProfileFile(file).profile).toEqual(long);
  });

  it('is refused by name where it is of another version or of nothing known', () => {
    const file = writeProfileFile(named(everything(60)));
    const later = Buffer.from(file);
    later.writeUInt16LE(3, AT.version);
    expect(refusal(later)).toBe('The profile is of version 3 of its format; this release reads versions 1 and 2.');
    expect(refusal(Buffer.from('a,b\n1,2\n'))).toBe('The file does not begin as a profile does.');
    const place = file.indexOf('tidemark.profile/3');
    const content = Buffer.from(file.subarray(AT.content));
    content.write('9', place - AT.content + 'tidemark.profile/'.length);
    expect(refusal(sealed(file, content))).toBe(
      'The profile has the format "tidemark.profile/9", which this release does not know.',
    );
  });

  it('is refused wherever a byte is another, or missing, or too many', () => {
    const file = writeProfileFile(named(everything(60)));
    for (let at = 0; at < file.length; at += 37) {
      const changed = Buffer.from(file);
      changed[at]! ^= 0x41;
      // Two bytes of the header are for later.
      if (at !== AT.version + 2 && at !== AT.version + 3) expect(refusal(changed), `byte ${at}`).not.toBe('read');
      expect(refusal(file.subarray(0, at)), `${at} bytes`).not.toBe('read');
    }
    expect(refusal(Buffer.concat([file, Buffer.of(0)]))).toMatch(/announces/);
    expect(refusal(sealed(file, Buffer.concat([file.subarray(AT.content), Buffer.of(0)])))).toMatch(/behind its end/);
  });

  it('is refused where a text of two bytes a character ends within one, rather than read beyond it', () => {
    const file = writeProfileFile(named(everything(60)));
    const content = Buffer.from(file.subarray(AT.content));
    // The name of the table comes first: how it is encoded, its bytes, and nine of them.
    expect([...content.subarray(0, 3)]).toEqual([0, 9, 't'.charCodeAt(0)]);
    content[0] = 1;
    expect(refusal(sealed(file, content))).toMatch(/a text ends within a character/);
  });

  it('never crashes what reads it or compares by it, whatever stands under a right checksum', () => {
    const reference = everything(400);
    const file = writeProfileFile(named(reference));
    const content = file.subarray(AT.content);
    const random = xoshiro128(17);
    const below = (n: number): number => Math.floor(random() * n);
    let read = 0;
    for (let trial = 0; trial < 400; trial++) {
      const changed = Buffer.from(content);
      for (let k = below(3); k >= 0; k--) changed[below(changed.length)] = random() < 0.3 ? 0xff : below(256);
      const bytes = sealed(file, random() < 0.1 ? changed.subarray(0, below(changed.length)) : changed);
      if (refusal(bytes) !== 'read') continue;
      read++;
      const current = readProfileFile(bytes).profile;
      const after = new Map(current.columns.map((column) => [column.name, column]));
      const pairs = reference.columns.flatMap((column) => {
        const other = after.get(column.name);
        return other === undefined ? [] : [compareProfiles(column, other), compareProfiles(other, column)];
      });
      for (const { findings, q } of judgeProfiles(pairs)) {
        const told = findings.flatMap(({ value, lower, upper, p }) => [value, lower, upper, p?.lower, p?.upper]);
        for (const v of [...told, q?.lower, q?.upper]) expect(v == null || Number.isFinite(v)).toBe(true);
      }
      if (trial % 20 === 0) mergeProfiles(reference, current);
    }
    // Most bytes are those of numbers that could be so.
    expect(read).toBeGreaterThan(40);
  });

  it.each<[string, (profile: TableProfile) => TableProfile, RegExp]>([
    ['two columns of a name', (p) => ({ ...p, columns: [...p.columns, p.columns[0]!] }), /two columns of one name/],
    ['another number of rows', (p) => ({ ...p, rows: 61 }), /it has 60 rows, the table 61/],
    [
      'a grid of other values',
      (p) => ({
        ...p,
        columns: p.columns.map((c) => (c.kind === 'number' && c.grid ? { ...c, grid: { ...c.grid, n: 1 } } : c)),
      }),
      /its grid is of another number of values/,
    ],
    [
      'more missing than rows',
      (p) => ({ ...p, columns: p.columns.map((c) => ({ ...c, nulls: 99 })) }),
      /more rows are missing than there are/,
    ],
  ])('is refused where it does not fit together: %s', (_, change, message) => {
    expect(refusal(writeProfileFile(named(change(everything(60)))))).toMatch(message);
  });
});
