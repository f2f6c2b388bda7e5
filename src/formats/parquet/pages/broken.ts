import type { TidemarkError } from '../../../errors.ts';
import { unreadable } from '../../unreadable.ts';

/** Bytes that are not what Parquet's description asks for. */
export function broken(what: string): TidemarkError {
  return unreadable(`The Parquet file cannot be read: ${what}; write the file again.`);
}
