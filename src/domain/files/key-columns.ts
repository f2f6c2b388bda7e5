import type { LocalProfile } from './profile-files.ts';

/** Why a column that names rows in both tables is not compared. */
export const NAMES_ROWS = 'Every value is different in both, as in a column that names rows.';

/** The columns of a table that name its rows, as far as their values show it. */
export const keysOf = ({ schema }: LocalProfile): Set<string> =>
  new Set(schema.columns.filter(({ hints }) => hints.includes('key')).map(({ name }) => name));
