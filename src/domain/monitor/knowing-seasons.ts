import type { Context } from '../../context.ts';
import { isReadableFormat, type TableProfile } from '../../stats/profile.ts';
import { findVersionProfile } from '../../store/profiles.ts';
import { readWhilePending } from '../dataset/read-while-pending.ts';
import type { ConfigRequest, MonitorConfig } from './config.ts';
import { usualFalseAlarms } from './false-alarms.ts';
import { showsSeasons } from './seasons.ts';

const MISSING = { state: 'unsupported', profile: null } as const;

/**
 * A monitor that was told nothing of false alarms has its limits from the periods of its reference, where the reference
 * tells when its rows were: against all of its days and hours at once, what comes every weekend would be drift.
 */
export async function knowingSeasons(
  { db, config: { limits } }: Pick<Context, 'db' | 'config'>,
  {
    asked,
    given,
    versionId,
  }: { asked: MonitorConfig; given: Pick<ConfigRequest, 'false_alarms' | 'reference'>; versionId: number },
): Promise<MonitorConfig> {
  if (given.false_alarms !== undefined || given.reference !== undefined) return asked;
  const read = async () => (await findVersionProfile(db, versionId)) ?? MISSING;
  // As batches do: what a monitor does must not depend on who was faster.
  const known = await readWhilePending(read, limits.profileWaitMilliseconds);
  // Profiling writes it whenever the state is this one; one that a later release wrote fails windows, and says so there.
  const profile = known.state === 'ready' ? (known.profile as TableProfile) : null;
  if (profile === null || !isReadableFormat(profile.format) || !showsSeasons(profile, asked)) return asked;
  return { ...asked, false_alarms: usualFalseAlarms(asked) };
}
