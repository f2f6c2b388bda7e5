import type { z } from 'zod';
import type { MonitorConfig, monitorRevisionView } from '../../../schemas/wire/monitors.ts';
import { formatDuration } from '../window/duration.ts';
import { viewWindowing } from '../window/windowing.ts';

export type ShownConfig = z.infer<typeof monitorRevisionView>['config'];

/** A configuration as it is asked for and answered: lengths of time are durations. */
export function shownConfig(config: MonitorConfig): ShownConfig {
  const { window_seconds, windowing, lateness_seconds, idle_after_seconds, ...rest } = config;
  return {
    window: viewWindowing({ window_seconds, windowing }),
    lateness: formatDuration(lateness_seconds),
    idle_after: formatDuration(idle_after_seconds),
    ...rest,
  };
}
