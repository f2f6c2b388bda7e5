import type { Context } from '../../context.ts';
import { isReadableFormat, type TableProfile } from '../../stats/profile.ts';
import { findVersionProfile, type VersionProfileRow } from '../../store/dataset/profiles.ts';
import type { ConfigRequest, MonitorConfig } from '../configuration/config.ts';
import { usualFalseAlarms } from '../configuration/false-alarms.ts';
import { readWhilePending } from '../object/read-while-pending.ts';
import { showsSeasons } from './seasons.ts';

type Known = Pick<VersionProfileRow, 'state' | 'profile'>;

const MISSING: Known = { state: 'unsupported', profile: null };

/**
 * A monitor that was told nothing of false alarms has its limits from the periods of its reference, where the reference
 * tells when its rows were: against all of its days and hours at once, what comes every weekend would be drift. Where it
 * takes long to find out, the configuration says that it is undecided: what a monitor does must not depend on who was
 * faster.
 */
export async function knowingSeasons(
  { db, config: { limits } }: Pick<Context, 'db' | 'config'>,
  {
    asked,
    given,
    versionId,
  }: { asked: MonitorConfig; given: Pick<ConfigRequest, 'false_alarms' | 'reference'>; versionId: number },
): Promise<MonitorConfig> {
  if (saysItself(given)) return asked;
  const read = async () => (await findVersionProfile(db, versionId)) ?? MISSING;
  // So that the answer usually shows what the monitor will do.
  return decideSeasons(
    { ...asked, seasons: 'undecided' },
    await readWhilePending(read, limits.profileWaitMilliseconds),
  );
}

/** Whether a request leaves nothing to be found out. The windows before lie in other seasons, as all of the reference does. */
export const saysItself = ({ false_alarms, reference }: Pick<ConfigRequest, 'false_alarms' | 'reference'>): boolean =>
  false_alarms !== undefined || (reference !== undefined && reference.kind !== 'trailing');

/** Decides what is undecided in a configuration, by its reference; as it is while that is still being profiled. */
export function decideSeasons(config: MonitorConfig, known: Known | null): MonitorConfig {
  const { seasons, ...decided } = config;
  if (seasons === undefined || known?.state === 'pending') return config;
  // Profiling writes it whenever the state is this one; one that a later release wrote fails windows, and says so there.
  const profile = known?.state === 'ready' ? (known.profile as TableProfile) : null;
  if (profile === null || !isReadableFormat(profile.format) || !showsSeasons(profile, decided)) return decided;
  return withSeasons(decided);
}

/** The limits of a configuration whose reference shows seasons. */
export const withSeasons = (config: MonitorConfig): MonitorConfig => ({
  ...config,
  false_alarms: usualFalseAlarms(config),
});
