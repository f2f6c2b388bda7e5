import { TidemarkError } from '../../errors.ts';
import { isReadableFormat, type TableProfile } from '../../stats/profile.ts';

/**
 * A profile as the database holds it. @throws TidemarkError `unreadable-data`, as `requireReadable`.
 */
export function storedProfile(stored: unknown): TableProfile {
  // Profiling writes these rows, and nothing else does; only the format can be another.
  const profile = stored as TableProfile;
  requireReadable(profile.format);
  return profile;
}

/**
 * One that a later release wrote is refused by its name, instead of being read as what it is not.
 * @throws TidemarkError `unreadable-data`.
 */
export function requireReadable(format: unknown): void {
  if (typeof format === 'string' && isReadableFormat(format)) return;
  throw new TidemarkError(
    'unreadable-data',
    `The profile has the format "${String(format).slice(0, 100)}", which this release does not know; a later release wrote it.`,
  );
}
