import type { AlertEvidence } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import type { NamedMonitor, NamedRevision } from '../../store/monitor/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { pointerOf } from '../dataset/version-pointer.ts';
import { linkTo } from '../webhook/link.ts';

export type About = {
  readonly project: string;
  readonly monitor: NamedMonitor;
  readonly revision: NamedRevision;
  readonly window: {
    /** Null for a time in which no window was made. */
    readonly id: number | null;
    readonly start: Date;
    readonly end: Date;
    readonly rows: number;
    readonly revision: number;
    readonly reportId: string | null;
  };
  readonly episodeId: string;
  readonly fingerprint: string;
  readonly severity: AlertEvidence['severity'];
  readonly problem: NonNullable<AlertEvidence['problem']>;
  readonly found: { readonly columns: AlertEvidence['worst_columns'] };
};

/** What an alert on the data itself says: where it looked and what is wrong, with no word of drift. */
export async function troubleEvidence(tx: Db, ctx: Pick<Context, 'publicUrl'>, about: About): Promise<AlertEvidence> {
  const { project, monitor, revision, window, problem } = about;
  const reference = await findVersionById(tx, revision.referenceVersionId);
  // Versions are never deleted.
  if (reference === null) throw new Error(`reference version ${revision.referenceVersionId} is gone`);
  const place = `/models/${monitor.model}/monitors/${monitor.name}/windows`;
  return {
    severity: about.severity,
    alert: about.episodeId,
    fingerprint: about.fingerprint,
    project,
    model: monitor.model,
    monitor: monitor.name,
    config_revision: revision.revision,
    reference: {
      dataset: revision.dataset,
      version: revision.version,
      oid: revision.referenceOid,
      pointer: pointerOf(reference),
    },
    window: { start: window.start.toISOString(), end: window.end.toISOString(), revision: window.revision },
    report: window.reportId ?? '',
    problem,
    rows: window.rows,
    columns_judged: 0,
    columns_drifted: 0,
    share_drifted: null,
    worst_columns: [...about.found.columns],
    truncated: 0,
    links: {
      alert: linkTo(ctx, project, `/alerts/${about.episodeId}`),
      report: linkTo(ctx, project, window.reportId === null ? place : `/reports/${window.reportId}`),
    },
  };
}
