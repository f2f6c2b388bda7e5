import { z } from 'zod';
import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { findCalibration } from '../../store/monitor/calibrations.ts';
import type { ReportRow } from '../../store/monitor/reports.ts';
import type { Db } from '../../store/postgres/db.ts';

/** Reports that were judged by limits of their own name none, and those of the beginning name no change. */
const naming = z.object({
  configuration: z.object({ calibration: z.object({ since: z.iso.datetime().optional() }).optional() }),
});

/** The limits that a report was judged by, whichever were made since; null where its configuration had its own. */
export function calibrationOfReport(
  db: Db,
  { monitorRevisionId, body }: Pick<ReportRow, 'monitorRevisionId' | 'body'>,
): Promise<StoredCalibration | null> {
  const since = naming.parse(body).configuration.calibration?.since;
  return findCalibration(db, monitorRevisionId, since === undefined ? null : Date.parse(since));
}
