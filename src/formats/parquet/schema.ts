/** What a Parquet file's own schema says of its columns that DuckDB's types of them do not. */
import { type DuckDbSession, sqlText } from './duckdb-session.ts';

/**
 * `nothing`: there never is a value, though DuckDB has integers of it. `too-precise`: a decimal, or a list of such, that
 * DuckDB reads wrong (1.5.5): of more than 38 digits in bytes that are no multiple of 8, by which powers of 256 too large.
 */
type Told = 'nothing' | 'too-precise';

export type ParquetSchema = {
  readonly names: readonly string[];
  /** By the names of a column and what it is part of, joined with dots. */
  readonly told: ReadonlyMap<string, Told>;
};

/** Digits of the decimals that DuckDB has. */
const MOST_DIGITS = 38;

/** Reads the schema. Its elements stand in order, each before its children. */
export async function schemaOf(session: DuckDbSession, path: string): Promise<ParquetSchema> {
  const rows = await session.rows(
    `SELECT name, CAST(coalesce(num_children, 0) AS DOUBLE), CAST(coalesce(precision, 0) AS DOUBLE),
      coalesce(type = 'FIXED_LEN_BYTE_ARRAY' AND CAST(type_length AS BIGINT) % 8 = 0, false), coalesce(logical_type, '')
      FROM parquet_schema(${sqlText(path)})`,
  );
  const names: string[] = [];
  const told = new Map<string, Told>();
  /** The elements around the next one, outermost first. */
  const around: { readonly name: string; left: number }[] = [];
  for (const [name, children, digits, whole, logical] of rows.slice(1)) {
    while (around.length > 0 && around.at(-1)!.left === 0) around.pop();
    if (around.length > 0) around.at(-1)!.left--;
    else names.push(String(name));
    around.push({ name: String(name), left: Number(children) });
    const lineage = around.map((element) => element.name);
    if (logical === 'NullType()') told.set(lineage.join('.'), 'nothing');
    if (Number(digits) <= MOST_DIGITS || whole === true) continue;
    for (let depth = 1; depth <= lineage.length; depth++) told.set(lineage.slice(0, depth).join('.'), 'too-precise');
  }
  return { names, told };
}
