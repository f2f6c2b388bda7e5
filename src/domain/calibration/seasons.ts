import type { TableProfile } from '../../stats/profile.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import { completeRoles } from '../model/roles.ts';
import { usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';
import type { ResampleTaskInput } from './resample-task.ts';

const DAY_SECONDS = 86_400;
/** The event times of a reference show seasons when they span so many windows, and so long. */
const FEWEST_WINDOWS = 7;
const SHORTEST_SECONDS = 7 * DAY_SECONDS;

/** The column of a reference that tells when its rows were, where windows are made by time and are no finer than it. */
export function seasonsOf(profile: TableProfile, config: MonitorConfig): ResampleTaskInput['seasons'] {
  const grid = windowingOf(config);
  if (grid.kind === 'rows') return null;
  const { timestamp } = completeRoles(config.roles, profile.columns);
  const column = profile.columns.find(({ name }) => name === timestamp);
  if (column?.kind !== 'time') return null;
  if (column.type === 'date' && (usualSeconds(grid) ?? 0) < DAY_SECONDS) return null;
  return { column: column.name, type: column.type, grid };
}

/** Whether the event times of a reference span enough to show the seasons of windows. */
export function showsSeasons(profile: TableProfile, config: MonitorConfig): boolean {
  const seasons = seasonsOf(profile, config);
  const column = profile.columns.find(({ name }) => name === seasons?.column);
  if (seasons === null || column?.kind !== 'time' || column.min === null || column.max === null) return false;
  const seconds = (column.max - column.min) / 1000;
  return seconds >= Math.max(SHORTEST_SECONDS, FEWEST_WINDOWS * (usualSeconds(seasons.grid) ?? 0));
}
