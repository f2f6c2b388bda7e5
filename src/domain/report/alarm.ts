import { z } from 'zod';
import type { Alarm } from '../../../schemas/wire/alarm.ts';
import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { presentMeasure } from '../../stats/verdict/former-measures.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';
import { type JudgedDrift, rarityOf } from '../../stats/verdict/rarity.ts';
import { rounded } from '../../stats/verdict/rounded.ts';
import { findRevisionById } from '../../store/monitor/monitors.ts';
import { findReport, listLooks, type ReportRow } from '../../store/monitor/reports.ts';
import type { WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { policyOf } from '../configuration/policy.ts';
import { segmentsPolicy } from '../configuration/segments-config.ts';
import { type Weighed, weighLooks } from './looks.ts';
import { calibrationOfReport } from './report-calibration.ts';

/**
 * What the drift of a report is to the alert: a function of the reports of its window up to it, under its configuration.
 * Null for a report that found none.
 */
export async function alarmOf(
  db: Db,
  report: Pick<ReportRow, 'projectId' | 'windowId' | 'monitorRevisionId' | 'revision' | 'verdict' | 'body'>,
): Promise<Alarm | null> {
  if (report.verdict !== 'drift') return null;
  const revision = await findRevisionById(db, report.monitorRevisionId);
  if (revision === null) throw new Error(`revision ${report.monitorRevisionId} of a report vanished`);
  const config = configOf(revision);
  const weighed = await weighLooks(await listLooks(db, report), async (id) => {
    const look = await findReport(db, report.projectId, id);
    if (look === null) return 0;
    return rarityOfReport(look.body, { config, calibration: await calibrationOfReport(db, look) });
  });
  return told(weighed, (await calibrationOfReport(db, report))?.perWindow ?? config.alpha);
}

/** What a judged window is to the alert: drift that is too little for a later look is none to it. */
export async function verdictToAlert(db: Db, window: WindowRow): Promise<WindowRow['verdict']> {
  const { verdict, revision, reportId, projectId } = window;
  if (verdict !== 'drift' || revision === 1 || reportId === null) return verdict;
  const report = await findReport(db, projectId, reportId);
  const alarm = report === null ? null : await alarmOf(db, report);
  return alarm === null || alarm.alarms ? verdict : 'no_drift';
}

/** `share`: of healthy windows that drift at their first look. */
function told({ look, needed, rarity, alarms }: Weighed, share: number): Alarm {
  if (needed === null || rarity === null) return { look, alarms, chance: null, needed_chance: null, why: null };
  const [chance, least] = [share / rarity, share / needed];
  const found = `Drift that was not found before, at look ${look} at this window: chance gives as much in ${rounded(chance)} of healthy windows`;
  const why = alarms
    ? `${found}, rarer than the ${rounded(least)} that look ${look} takes.`
    : `${found}, and look ${look} takes ${rounded(least)} or less, so it raises no alert.`;
  return { look, alarms, chance, needed_chance: least, why };
}

/** Limits have the names that measures have now, whatever they were called when the report was made. */
const measure = z.string().transform(presentMeasure);

const effect = z.object({ measure, value: z.number(), limit: z.number() }).nullable();

const bodyPart = z.object({
  columns: z.array(
    z.object({
      name: z.string(),
      verdict: z.enum(['drift', 'no_drift', 'insufficient_data', 'not_comparable']),
      weight: z.number().default(1),
      q: z.number().nullable(),
      effect,
      findings: z.array(z.object({ measure, null_95: z.number().nullable() })),
    }),
  ),
  /** Absent where no measure of whole rows was asked for. */
  table: z.array(z.object({ q: z.number().nullish(), drift: z.boolean().optional() })).default([]),
  /** Absent where none were asked for. */
  segments: z
    .array(
      z.object({
        values: z.array(
          z.object({
            columns: z.array(
              z.object({
                name: z.string(),
                verdict: z.enum(['drift', 'no_drift', 'insufficient_data', 'not_comparable']),
                q: z.number().nullable(),
                effect,
              }),
            ),
          }),
        ),
      }),
    )
    .default([]),
});

type Found = z.infer<typeof bodyPart>;
type Judged = { readonly config: MonitorConfig; readonly calibration: StoredCalibration | null };

/** How many times rarer the drift of a stored report could have been asked to be: of its table, or of a segment. */
function rarityOfReport(body: unknown, { config, calibration }: Judged): number {
  const { columns, table, segments } = bodyPart.parse(body);
  const policy = policyOf(config, calibration);
  const tables = table.flatMap(({ drift, q }) => (drift === true ? [q ?? 1] : []));
  const whole = rarityOf(columns.map(withNull95), tables, policy);
  if (config.segments === undefined) return whole;
  const own: JudgePolicy = segmentsPolicy(policy, config.segments);
  const ofSegments = segments.flatMap(({ values }) =>
    values.map((segment) => rarityOf(segment.columns.map(withLimit), [], own)),
  );
  return Math.max(whole, ...ofSegments);
}

function withNull95({ findings, ...column }: Found['columns'][number]): JudgedDrift {
  const found = findings.find(({ measure }) => measure === column.effect?.measure);
  return { ...column, null95: found?.null_95 ?? null };
}

/** Of a segment its limits alone are kept. */
const withLimit = (column: Omit<JudgedDrift, 'weight' | 'null95'>): JudgedDrift => ({
  ...column,
  weight: 1,
  null95: null,
});
