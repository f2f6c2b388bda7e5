/**
 * The units of times stay what they are: DuckDB reads milliseconds, and nanoseconds in UTC, as microseconds, and writes them
 * as such unless it is told. It has neither in UTC; those are written as local times, and the footer is then corrected.
 * (What is beyond the microseconds of nanoseconds in UTC is lost before it can be written.)
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { bytesAt, headOf } from '../byte-source.ts';
import { type DuckDbSession, sqlName, sqlText } from './duckdb-session.ts';
import { structIn, structsIn, ThriftReader, type ThriftStruct } from './pages/thrift.ts';

/** DuckDB's type of a column all of whose times have a unit that would be lost, and whether they are said to be UTC. */
type UnitOfTimes = { readonly type: string; readonly utc: boolean };

/** Such columns, by name. Times in UTC within lists and structures are none: they become microseconds. */
export async function unitsOfTimes(
  session: DuckDbSession,
  path: string,
  types: ReadonlyMap<string, string>,
): Promise<Map<string, UnitOfTimes>> {
  const rows = await session.rows(
    `SELECT name, CAST(coalesce(num_children, 0) AS DOUBLE), coalesce(logical_type, ''), coalesce(converted_type, '')
      FROM parquet_schema(${sqlText(path)})`,
  );
  const found = new Map<string, UnitOfTimes>();
  const elements = rows.slice(1);
  for (let i = 0; i < elements.length; ) {
    const end = endOf(elements, i);
    const units = elements
      .slice(i, end)
      .flatMap(([, , logical, converted]) => unitOf(String(logical), String(converted)));
    const name = String(elements[i]![0]);
    const type = castOf(types.get(name) ?? '', units);
    if (type !== null) found.set(name, type);
    i = end;
  }
  return found;
}

/** A column as it is written. */
export const writtenAs = (name: string, times: UnitOfTimes | undefined): string => {
  if (times === undefined) return sqlName(name);
  // Times in UTC are those of a day without a zone, said of UTC.
  const value = times.utc ? `CAST(${sqlName(name)} AS TIMESTAMP)` : sqlName(name);
  return `CAST(${value} AS ${times.type}) AS ${sqlName(name)}`;
};

/** Says of columns of a file that was written that their times are UTC. Each takes one byte of the footer. */
export function sayUtc(path: string, names: ReadonlySet<string>): void {
  if (names.size === 0) return;
  const { size } = headOf(path, 0);
  const length = bytesAt(path, size - 8, 4).readUInt32LE(0);
  const start = size - 8 - length;
  const places = new Map<ThriftStruct, number>();
  const footer = new ThriftReader(bytesAt(path, start, length), 0, (struct, field, at) => {
    if (field === ADJUSTED) places.set(struct, start + at);
  });
  const file = openSync(path, 'r+');
  try {
    for (const element of structsIn(footer.struct(), SCHEMA)) {
      const name = element.get(NAME);
      const at = places.get(structIn(structIn(element, LOGICAL), TIMESTAMP) ?? element);
      if (!(name instanceof Uint8Array) || !names.has(Buffer.from(name).toString('utf8')) || at === undefined) continue;
      // The first field of its structure, and true.
      writeSync(file, Uint8Array.of(0x11), 0, 1, at);
    }
  } finally {
    closeSync(file);
  }
}

/** Numbers of fields, as Parquet has them. */
const SCHEMA = 2;
const NAME = 4;
const LOGICAL = 10;
const TIMESTAMP = 8;
const ADJUSTED = 1;

type Unit = 'millis' | 'millis-utc' | 'nanos-utc' | 'other';

function unitOf(logical: string, converted: string): Unit[] {
  if (!logical.startsWith('TimestampType')) {
    // Files from before there were logical types have all their times in UTC.
    return converted === 'TIMESTAMP_MILLIS' ? ['millis-utc'] : converted === 'TIMESTAMP_MICROS' ? ['other'] : [];
  }
  const utc = logical.includes('isAdjustedToUTC=1');
  if (logical.includes('MILLIS=MilliSeconds')) return [utc ? 'millis-utc' : 'millis'];
  return [utc && logical.includes('NANOS=NanoSeconds') ? 'nanos-utc' : 'other'];
}

function castOf(type: string, units: readonly Unit[]): UnitOfTimes | null {
  const [first] = units;
  if (first === undefined || units.some((unit) => unit !== first)) return null;
  if (first === 'millis-utc' || first === 'nanos-utc') {
    const own = first === 'millis-utc' ? 'TIMESTAMP_MS' : 'TIMESTAMP_NS';
    return type === 'TIMESTAMP WITH TIME ZONE' ? { type: own, utc: true } : null;
  }
  // A member of a structure may be called so, in quotes.
  if (first !== 'millis' || type.includes('"')) return null;
  return { type: type.replaceAll(/\bTIMESTAMP\b/gu, 'TIMESTAMP_MS'), utc: false };
}

/** Elements stand in order, each before its children. */
function endOf(elements: readonly (readonly unknown[])[], at: number): number {
  let end = at + 1;
  for (let left = Number(elements[at]![1]); left > 0; left--) end = endOf(elements, end);
  return end;
}
