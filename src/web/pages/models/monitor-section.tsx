import { configOf } from '../../../domain/configuration/config.ts';
import { describeReference } from '../../../domain/configuration/reference-rule.ts';
import { readModelVersions } from '../../../domain/model/bind-version.ts';
import { type MonitorDetail, readMonitor, readRevisions } from '../../../domain/monitor/read.ts';
import { type Heatmap as HeatmapData, readHeatmap } from '../../../domain/monitor/read-reports.ts';
import { readSegmentSeries } from '../../../domain/monitor/read-segments.ts';
import { describeMeasure } from '../../../domain/report/describe-measure.ts';
import { describeWindowing } from '../../../domain/window/windowing.ts';
import { type HeatCell, Heatmap } from '../../charts/heatmap.tsx';
import type { Links } from '../../links.ts';
import { ratioOf } from '../../measured.ts';
import type { Visit } from '../../page.tsx';
import { Section } from '../../parts.tsx';
import { Performance } from '../windows/performance.tsx';
import { referenceMarkers } from '../windows/reference-markers.ts';
import { Lints } from './lints.tsx';
import { Revisions } from './revisions.tsx';
import { SegmentSeriesTable } from './segment-series.tsx';

const COLUMNS = 60;
const WINDOWS = 36;

/** The page shows the windows that begin before this point; the newest ones when it is null. */
function beforeOf(visit: Visit): Date | null {
  const text = visit.query('before');
  return text === null || Number.isNaN(Date.parse(text)) ? null : new Date(text);
}

/** A monitor with what its windows found. */
export async function loadMonitor(visit: Visit, detail: MonitorDetail) {
  const { model, name } = detail.monitor;
  const named = { model, monitor: name };
  const before = beforeOf(visit);
  const [heatmap, revisions, versions, { lints }, segments] = await Promise.all([
    readHeatmap(visit.ctx, visit.actor, { ...named, before, limit: WINDOWS }),
    readRevisions(visit.ctx, visit.actor, named),
    readModelVersions(visit.ctx, visit.actor, model),
    readMonitor(visit.ctx, visit.actor, named),
    readSegmentSeries(visit.ctx, visit.actor, { ...named, before, limit: WINDOWS }),
  ]);
  return { ...detail, heatmap, revisions, versions, lints, segments, before };
}

type LoadedMonitor = Awaited<ReturnType<typeof loadMonitor>>;

type MonitorProps = { monitor: LoadedMonitor; task: string; links: Links; alone: boolean };

/** What a monitor saw: its windows by columns, and how well the model did in them. */
export function MonitorSection({ monitor, task, links, alone }: MonitorProps) {
  const { heatmap, revision } = monitor;
  const { name, model } = monitor.monitor;
  const config = configOf(revision);
  const others = describeReference(config.reference);
  const markers = referenceMarkers(monitor);
  return (
    <>
      <Section
        title={alone ? 'Columns over time' : `Columns over time: ${name}`}
        aside={
          <span class="small soft">
            monitor <bdi>{name}</bdi>, {describeWindowing(config)}
            {config.model_version !== undefined && (
              <>
                {' '}
                of rows that name <bdi>{config.model_version}</bdi>
              </>
            )}
            , against {others !== null && `${others}, in the columns of `}
            <a href={links.version(revision.dataset, revision.version)}>
              <bdi>{revision.dataset}</bdi>@v{revision.version}
            </a>
          </span>
        }
      >
        {heatmap.windows.length === 0 ? (
          <p class="card empty">No window yet. One is judged once events pass its end by the allowed lateness.</p>
        ) : (
          <div class="card">
            <div class="scroll">
              <Heatmap
                {...heatOf(heatmap)}
                columnHref={(column, start) => links.column({ model, monitor: name, start }, column)}
                windowHref={(start) => links.window({ model, monitor: name, start })}
                markers={markers}
              />
            </div>
            <HeatLegend moved={markers.length > 0} hidden={heatmap.columns.length - COLUMNS} />
            <Paging monitor={monitor} href={links.model(model)} />
          </div>
        )}
      </Section>
      <SegmentSeriesTable series={monitor.segments} hrefOf={(start) => links.window({ model, monitor: name, start })} />
      <Lints lints={monitor.lints} />
      <Revisions revisions={monitor.revisions} />
      <Performance
        windows={heatmap.windows}
        task={task}
        markers={markers}
        hrefOf={(start) => links.window({ model, monitor: name, start })}
      />
    </>
  );
}

/** The columns that drift most stand first. */
function heatOf({ windows, columns, cells }: HeatmapData) {
  const rows = columns.map((column, c) => {
    const found = (cells[c] ?? []).map(
      (row): HeatCell | null =>
        row && { ...row, measure: row.measure && describeMeasure(row.measure).title, ratio: ratioOf(row) },
    );
    const drifted = found.filter((cell) => cell?.verdict === 'drift').length;
    const mean = found.reduce((sum, cell) => sum + Math.min(cell?.ratio ?? 0, 10), 0) / Math.max(1, found.length);
    return { column, found, strength: drifted * 100 + mean };
  });
  const sorted = rows.sort((a, b) => b.strength - a.strength).slice(0, COLUMNS);
  return {
    windows: windows.map(({ window }) => ({
      start: window.start,
      state: window.verdict ?? window.state,
      rows: window.rows,
    })),
    columns: sorted.map(({ column }) => column),
    cells: sorted.map(({ found }) => found),
  };
}

/** Leads to windows from before the first one shown, and back. */
function Paging({ monitor, href }: { monitor: LoadedMonitor; href: string }) {
  const { windows } = monitor.heatmap;
  const first = windows.length < WINDOWS ? undefined : windows[0]?.window.start;
  if (first === undefined && monitor.before === null) return null;
  return (
    <p class="small row">
      {first !== undefined && <a href={`${href}?before=${encodeURIComponent(first.toISOString())}`}>← older windows</a>}
      {monitor.before !== null && <a href={href}>the newest →</a>}
    </p>
  );
}

function HeatLegend({ moved, hidden }: { moved: boolean; hidden: number }) {
  return (
    <p class="legend">
      <span>
        <i class="is-h1" />
        <i class="is-h3" />
        below its limit
      </span>
      <span>
        <i class="is-d1" />
        <i class="is-d3" />
        drifted: at or above its limit, and unlikely by chance
      </span>
      <span>
        <i class="is-hatch" />
        too few rows, or not comparable
      </span>
      {moved && (
        <span>
          <i class="is-marker" />
          another reference from here on
        </span>
      )}
      {hidden > 0 && <span>{hidden} calmer columns are not shown</span>}
    </p>
  );
}
