import { findNewestArrival } from '../../store/log/batches.ts';
import { findMonitorById, revisionInForce } from '../../store/monitor/monitors.ts';
import { countJudgedBefore, type WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf } from '../configuration/config.ts';
import { isLive } from '../window/watermark.ts';
import { usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';

/** A monitor that has judged fewer windows does not know yet what its feed is like. */
const FEWEST_JUDGED = 5;

/**
 * Whether a window without data counts for an alert. Where somebody said after how many it is raised, every one does; else
 * those after the last prediction of a feed that was live: gaps of a history that is filled in are no news.
 */
export async function countsAsSilence(tx: Db, window: WindowRow): Promise<boolean> {
  const config = configOf(await revisionInForce(tx, window.monitorId, window.start));
  if (config.alert.no_data_after !== undefined) return config.alert.no_data_after !== null;
  const length = usualSeconds(windowingOf(config));
  const monitor = await findMonitorById(tx, window.monitorId);
  const arrival = monitor === null ? null : await findNewestArrival(tx, monitor.modelId);
  if (length === null || arrival === null || arrival.newest >= window.start) return false;
  if (!isLive(arrival, { lengthSeconds: length, latenessSeconds: config.lateness_seconds })) return false;
  return (await countJudgedBefore(tx, window.monitorId, window.start, FEWEST_JUDGED)) >= FEWEST_JUDGED;
}
