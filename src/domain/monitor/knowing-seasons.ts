import { isReadableFormat, type TableProfile } from '../../stats/profile.ts';
import type { Db } from '../../store/postgres/db.ts';
import { findVersionProfile } from '../../store/profiles.ts';
import type { ConfigRequest, MonitorConfig } from './config.ts';
import { usualFalseAlarms } from './false-alarms.ts';
import { showsSeasons } from './seasons.ts';

/** How long the profile of a reference is waited for: what a monitor does must not depend on who was faster. */
const PATIENCE_MILLISECONDS = 2000;
const PAUSE_MILLISECONDS = 50;

/**
 * A monitor that was told nothing of false alarms has its limits from the periods of its reference, where the reference
 * tells when its rows were: against all of its days and hours at once, what comes every weekend would be drift.
 */
export async function knowingSeasons(
  db: Db,
  {
    asked,
    given,
    versionId,
  }: { asked: MonitorConfig; given: Pick<ConfigRequest, 'false_alarms' | 'reference'>; versionId: number },
): Promise<MonitorConfig> {
  if (given.false_alarms !== undefined || given.reference !== undefined) return asked;
  let known = await findVersionProfile(db, versionId);
  for (let waited = 0; known?.state === 'pending' && waited < PATIENCE_MILLISECONDS; waited += PAUSE_MILLISECONDS) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    known = await findVersionProfile(db, versionId);
  }
  // Profiling writes it whenever the state is this one; one that a later release wrote fails windows, and says so there.
  const profile = known?.state === 'ready' ? (known.profile as TableProfile) : null;
  if (profile === null || !isReadableFormat(profile.format) || !showsSeasons(profile, asked)) return asked;
  return { ...asked, false_alarms: usualFalseAlarms(asked) };
}
