/**
 * What Arrow knows of columns beyond Parquet (names of time zones, categories, long texts, durations) lies in the footer as
 * its own schema. DuckDB leaves it out; where all columns are copied in their order, the same schema is true of the copy.
 */
import { tableFromIPC } from '@uwdata/flechette';
import { type DuckDbSession, sqlText } from './duckdb-session.ts';

const KEY = 'ARROW:schema';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** A longer one is left out. */
const MOST_BYTES = 2 ** 20;

/**
 * The schema of these files, as the first has it; null where one has none, or other columns. What is beside them, such as
 * what pandas says of its index, may differ.
 * @param names of the columns that the files have, in their order
 */
export async function commonArrowSchema(
  session: DuckDbSession,
  paths: readonly string[],
  names: readonly string[],
): Promise<string | null> {
  const [first, ...others] = new Set(paths);
  const schema = first === undefined ? null : await arrowSchema(session, first);
  const columns = columnsOf(schema, names);
  if (columns === null) return null;
  for (const path of others) if (columnsOf(await arrowSchema(session, path), names) !== columns) return null;
  return schema;
}

/** The columns with their types, as a text to compare by; null where it is no schema of such columns. */
function columnsOf(schema: string | null, names: readonly string[]): string | null {
  if (schema === null) return null;
  try {
    const { fields } = tableFromIPC(Buffer.from(schema, 'base64')).schema;
    // One of other columns makes the file unreadable to Arrow.
    const fits = fields.length === names.length && fields.every(({ name }, i) => name === names[i]);
    return fits ? JSON.stringify(fields) : null;
  } catch {
    return null;
  }
}

/** The option of COPY that writes it; nothing for null. */
export const withArrowSchema = (schema: string | null): string =>
  schema === null ? '' : `, KV_METADATA {${sqlText(KEY)}: ${sqlText(schema)}}`;

async function arrowSchema(session: DuckDbSession, path: string): Promise<string | null> {
  const [row] = await session.rows(
    `SELECT decode(value) FROM parquet_kv_metadata(${sqlText(path)})
      WHERE decode(key) = ${sqlText(KEY)} AND octet_length(value) <= ${MOST_BYTES}`,
  );
  const value = row?.[0];
  return typeof value === 'string' && BASE64.test(value) ? value : null;
}
