import type { z } from 'zod';
import type { calibrationView, StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import type { heatmapView } from '../../../schemas/wire/heatmaps.ts';
import type {
  monitorDetail,
  monitorRevisionView,
  monitorView,
  reportView,
  windowView,
} from '../../../schemas/wire/monitors.ts';
import {
  type estimateView,
  type performanceView,
  storedEstimate,
  storedPerformance,
} from '../../../schemas/wire/performance.ts';
import type { replayView } from '../../../schemas/wire/replays.ts';
import type { explanationView } from '../../../schemas/wire/slices.ts';
import { configOf } from '../../domain/configuration/config.ts';
import { shownConfig } from '../../domain/configuration/shown-config.ts';
import type { DescribedRevision } from '../../domain/monitor/changes.ts';
import type { LintedMonitor, MonitorDetail } from '../../domain/monitor/read.ts';
import type { Heatmap, ReportDetail } from '../../domain/monitor/read-reports.ts';
import type { WindowDetail } from '../../domain/monitor/read-windows.ts';
import type { Explanation } from '../../domain/report/explain-report.ts';
import type { Replay } from '../../domain/report/replay.ts';
import { sliceOf } from '../../domain/report/report.ts';
import { readChecks } from '../../domain/report/usual-windows.ts';

type Revision = MonitorDetail['revision'];
type Verdict = WindowDetail['columns'][number];

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

const viewReference = ({ dataset, version, referenceOid }: Revision) => ({ dataset, version, oid: referenceOid });

export const viewMonitor = ({ monitor, revision }: MonitorDetail): z.infer<typeof monitorView> => ({
  name: monitor.name,
  model: monitor.model,
  enabled: monitor.enabled === 'on',
  revision: revision.revision,
  effective_from: iso(revision.effectiveFrom),
  reference: viewReference(revision),
  config: shownConfig(configOf(revision)),
  watermark: iso(monitor.watermark),
  created_at: monitor.createdAt.toISOString(),
});

function viewCalibration(calibration: StoredCalibration): z.infer<typeof calibrationView> {
  const { scales: _, until: __, perWindow, windowRows, since = null, ...rest } = calibration;
  return { ...rest, per_window: perWindow, window_rows: windowRows, since };
}

export const viewLinted = (linted: LintedMonitor): z.infer<typeof monitorDetail> => ({
  ...viewMonitor(linted),
  lints: [...linted.lints],
  calibration: linted.calibration && viewCalibration(linted.calibration),
  scheduled: linted.scheduled.map(viewRevision),
});

export const viewRevision = ({ revision, changes }: DescribedRevision): z.infer<typeof monitorRevisionView> => ({
  revision: revision.revision,
  effective_from: iso(revision.effectiveFrom),
  author: revision.author,
  reason: revision.reason,
  changes: [...changes],
  reference: viewReference(revision),
  config: shownConfig(configOf(revision)),
  created_at: revision.createdAt.toISOString(),
});

export function viewPerformance(row: NonNullable<WindowDetail['performance']>): z.infer<typeof performanceView> {
  const { rows, labelled } = row;
  return { rows, labelled, coverage: rows === 0 ? null : labelled / rows, ...storedPerformance.parse(row.metrics) };
}

/** An estimate beside what the labels that have come say of the same metrics. */
export function viewEstimate({
  estimate: row,
  performance,
}: Pick<WindowDetail, 'estimate' | 'performance'>): z.infer<typeof estimateView> | null {
  if (row === null) return null;
  const estimate = storedEstimate.parse(row.estimate);
  const realised = performance === null ? {} : storedPerformance.parse(performance.metrics).metrics;
  const against = Object.entries(estimate.metrics).flatMap(([name, { value, low, high }]) => {
    const found = realised[name]?.value ?? null;
    if (value === null || found === null) return [];
    const inside = low === null || high === null ? null : found >= low && found <= high;
    return [[name, { realised: found, error: value - found, inside_band: inside }] as const];
  });
  return { ...estimate, against_labels: Object.fromEntries(against) };
}

export const viewWindow = (detail: WindowDetail): z.infer<typeof windowView> => {
  const { window, columns, performance } = detail;
  return {
    start: window.start.toISOString(),
    end: window.end.toISOString(),
    revision: window.revision,
    state: window.state,
    verdict: window.verdict,
    rows: window.rows,
    report: window.reportId,
    drifted_columns: columns.filter(({ verdict }) => verdict === 'drift').map(({ column }) => column),
    unsound: [...detail.unsound],
    performance: performance === null ? null : viewPerformance(performance),
    estimate: viewEstimate(detail),
    // Written by `judge-window` as a code and a message.
    error: window.error as Record<string, unknown> | null,
    closes_at: iso(detail.closesAt),
    judged_at: iso(window.judgedAt),
  };
};

export const viewReport = ({
  report,
  monitor,
  current,
  summary,
  mattering,
  alarm,
}: ReportDetail): z.infer<typeof reportView> => ({
  id: report.id,
  model: monitor.model,
  monitor: monitor.name,
  created_at: report.createdAt.toISOString(),
  current,
  summary,
  checks: readChecks(report.checks),
  mattering,
  alarm,
  // Reports are stored as objects, by `judge-window` alone.
  body: report.body as Record<string, unknown>,
});

export const viewReplay = (replay: Replay): z.infer<typeof replayView> => ({
  report: replay.report,
  agrees: replay.agrees,
  methods_changed: [...replay.methodsChanged],
  differences: replay.differences.map(({ pointer, stored, recomputed }) => ({
    pointer,
    stored: stored ?? null,
    recomputed: recomputed ?? null,
  })),
  differences_total: replay.differencesTotal,
  error: replay.error,
});

export const viewCell = ({ verdict, measure, effect, limit }: Verdict) => ({
  verdict,
  measure,
  effect,
  limit,
  ratio: effect === null || limit === null || limit === 0 ? null : Math.abs(effect) / limit,
});

export const viewHeatmap = ({ windows, columns, cells }: Heatmap): z.infer<typeof heatmapView> => ({
  windows: windows.map(({ window }) => ({
    start: window.start.toISOString(),
    end: window.end.toISOString(),
    revision: window.revision,
    verdict: window.verdict,
    rows: window.rows,
    report: window.reportId,
  })),
  columns: [...columns],
  cells: cells.map((row) => row.map((cell) => (cell === null ? null : viewCell(cell)))),
});

export const viewExplanation = ({ slices, drifted, ...rest }: Explanation): z.infer<typeof explanationView> => ({
  ...rest,
  drifted: [...drifted],
  slices: slices.map(sliceOf),
});
