import type { Column } from '../../../stats/column.ts';
import type { VersionRows } from '../../../store/log/version-rows.ts';

/** A batch that names more versions than this is no model's: of the others it is not kept which rows are theirs. */
const MOST_VERSIONS = 32;

/** Which rows name which model version, most of them first. Pure. */
export function namedVersions(column: Column | null): VersionRows[] {
  if (column?.kind !== 'category') return [];
  const { codes, dictionary, length } = column;
  const counts = new Int32Array(dictionary.length);
  for (const code of codes) if (code >= 0) counts[code]!++;
  return [...counts.keys()]
    .filter((code) => counts[code]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MOST_VERSIONS)
    .map((code) => ({
      name: dictionary[code]!,
      rows: counts[code] === length ? null : bitsWhere(codes, code),
    }));
}

function bitsWhere(codes: Int32Array, wanted: number): Uint8Array {
  const bits = new Uint8Array((codes.length + 7) >> 3);
  codes.forEach((code, row) => {
    if (code === wanted) bits[row >> 3]! |= 1 << (row & 7);
  });
  return bits;
}
