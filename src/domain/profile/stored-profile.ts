import { TidemarkError } from '../../errors.ts';
import { isReadableFormat, type TableProfile } from '../../stats/profile.ts';

/**
 * A profile as the database holds it. One that a later release wrote is refused by its name, instead of being read as
 * what it is not. @throws TidemarkError `unreadable-data`.
 */
export function storedProfile(stored: unknown): TableProfile {
  // Profiling writes these rows, and nothing else does; only the format can be another.
  const profile = stored as TableProfile;
  if (isReadableFormat(profile.format)) return profile;
  const name = String((stored as { readonly format?: unknown }).format).slice(0, 100);
  throw new TidemarkError(
    'unreadable-data',
    `The profile has the format "${name}", which this release does not know; a later release wrote it.`,
  );
}
