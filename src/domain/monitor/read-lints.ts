import type { Lint } from '../../../schemas/wire/lints.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { hasPredictionsWithin } from '../../store/log/batches.ts';
import type { NamedMonitor, NamedRevision } from '../../store/monitor/monitors.ts';
import { findReport, listColumnCounts } from '../../store/monitor/reports.ts';
import { listWindows, type WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { readBeginnings } from '../log/prepare/logged-columns.ts';
import { readReferences } from '../report/stored-inputs.ts';
import { lintMonitor } from './lint.ts';
import type { ComparedWindows, WindowSummary } from './lint-facts.ts';
import type { WindowColumn } from './lint-window-columns.ts';

/** Windows looked at: the newest closed ones. */
const LOOKED_AT = 100;
/** Reports whose columns are looked at: a wide one is long. */
const REPORTS_READ = 8;

/** What is wrong with a monitor's newest configuration, as far as its reference and its windows show it. */
export async function readLints(db: Db, monitor: NamedMonitor, revision: NamedRevision): Promise<Lint[]> {
  const page = { from: null, to: null, limit: LOOKED_AT, newest: true };
  const found = await listWindows(db, monitor.id, page);
  const windows = found.filter(({ state }) => state === 'judged' || state === 'failed');
  const { modelId, watermark } = monitor;
  return lintCandidate(db, {
    modelId,
    watermark,
    config: configOf(revision),
    versionId: revision.referenceVersionId,
    windows,
    compared: await comparedIn(db, windows),
    columns: await listColumnCounts(db, windows.flatMap(({ reportId }) => reportId ?? []).slice(0, REPORTS_READ)),
  });
}

/** What the newest report was compared with, where that were earlier windows. */
async function comparedIn(db: Db, newestFirst: readonly WindowRow[]): Promise<ComparedWindows | null> {
  const newest = newestFirst.find(({ reportId }) => reportId !== null);
  const report = newest?.reportId == null ? null : await findReport(db, newest.projectId, newest.reportId);
  const rows = report === null ? null : readReferences(report.referenceInputs).rows;
  if (newest === undefined || rows === null) return null;
  const { windows, lacking = null, adopted = 0 } = rows;
  return { start: newest.start.getTime(), ends: windows.map(({ end }) => end), lacking, adopted };
}

type Candidate = {
  readonly modelId: number;
  readonly watermark: Date | null;
  readonly config: MonitorConfig;
  readonly versionId: number;
  readonly windows: readonly WindowSummary[];
  readonly compared: ComparedWindows | null;
  readonly columns: readonly WindowColumn[];
};

/** The same of a configuration that need not be in force. */
export async function lintCandidate(db: Db, candidate: Candidate): Promise<Lint[]> {
  const { modelId, watermark, config, versionId, windows, compared, columns } = candidate;
  const [known, version, beginnings, healthyEmpty] = await Promise.all([
    findVersionProfile(db, versionId),
    findVersionById(db, versionId),
    readBeginnings(db, modelId),
    isHealthyEmpty(db, modelId, config),
  ]);
  // Profiling writes it whenever the state is this one.
  const profile = known?.state === 'ready' ? (known.profile as TableProfile) : null;
  const age = watermark === null || version === null ? null : watermark.getTime() - version.createdAt.getTime();
  const referenceAgeDays = age === null ? null : age / 86_400_000;
  const { sentSince: since } = beginnings;
  return lintMonitor({ config, profile, since, windows, referenceAgeDays, healthyEmpty, compared, columns });
}

async function isHealthyEmpty(db: Db, modelId: number, config: MonitorConfig): Promise<boolean | null> {
  const span = config.false_alarms?.healthy;
  if (span === undefined) return null;
  return !(await hasPredictionsWithin(db, modelId, { from: new Date(span.from), to: new Date(span.to) }));
}
