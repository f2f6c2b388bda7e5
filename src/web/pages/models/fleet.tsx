import { readCounts } from '../../../domain/log/read-batches.ts';
import type { ModelWithVersion } from '../../../domain/model/create-model.ts';
import { type MonitorDetail, readModelMonitors } from '../../../domain/monitor/read.ts';
import { readWindows, type WindowDetail } from '../../../domain/monitor/read-windows.ts';
import { metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { Spark } from '../../charts/spark.tsx';
import { formatAge, formatCount, formatNumber, formatShare, formatTime } from '../../format.ts';
import { State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import { driftedOf, leadingMetric, metricOf } from '../../measured.ts';
import type { Visit } from '../../page.tsx';

/** Windows in a spark: enough to see a step, few enough to see it at this size. */
const WINDOWS = 40;

/** What the overview and the list of models say of one model. */
export type FleetRow = {
  readonly model: ModelWithVersion;
  readonly counts: Awaited<ReturnType<typeof readCounts>>;
  /** The monitor whose windows are shown: the first that is on. */
  readonly watch: MonitorDetail | null;
  readonly monitors: number;
  /** In order of time. */
  readonly windows: readonly WindowDetail[];
};

export async function loadFleetRow(visit: Visit, model: ModelWithVersion): Promise<FleetRow> {
  const { ctx, actor } = visit;
  const { name } = model.model;
  const [counts, monitors] = await Promise.all([readCounts(ctx, actor, name), readModelMonitors(ctx, actor, name)]);
  const watch = monitors.find(({ monitor }) => monitor.enabled === 'on') ?? monitors[0] ?? null;
  if (watch === null) return { model, counts, watch, monitors: 0, windows: [] };
  const page = { from: null, to: null, limit: WINDOWS, newest: true };
  const windows = await readWindows(ctx, actor, { model: name, monitor: watch.monitor.name, ...page });
  return { model, counts, watch, monitors: monitors.length, windows: windows.toReversed() };
}

/** Models, one a row: what came in, what was found, what is open. */
export function FleetTable({
  rows,
  links,
  now,
  alerts,
}: {
  rows: readonly FleetRow[];
  links: Links;
  now: Date;
  /** State and id of the living alert, by model. */
  alerts: ReadonlyMap<string, { readonly id: string; readonly state: string }>;
}) {
  return (
    <div class="card flush scroll">
      <table class="stack fleet">
        <thead>
          <tr>
            <th>Model</th>
            <th>Traffic</th>
            <th>Last window judged</th>
            <th>Columns drifted</th>
            <th>Performance</th>
            <th>Labelled</th>
            <th>Reference</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              <td data-label="Model">
                <a class="strong" href={links.model(row.model.model.name)}>
                  <bdi>{row.model.model.name}</bdi>
                </a>
                <ModelNote row={row} alert={alerts.get(row.model.model.name)} links={links} />
              </td>
              <td data-label="Traffic">
                <Traffic row={row} />
              </td>
              <td data-label="Last window judged">
                <LastWindow row={row} links={links} />
              </td>
              <td data-label="Columns drifted">
                <Drifted row={row} />
              </td>
              <td data-label="Performance">
                <Performance row={row} />
              </td>
              <td data-label="Labelled">{coverage(row)}</td>
              <td data-label="Reference">
                <Reference row={row} links={links} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type RowProps = { row: FleetRow; links: Links };

function ModelNote({ row, alert, links }: RowProps & { alert: { id: string; state: string } | undefined }) {
  const { model, currentVersion } = row.model;
  return (
    <div class="small soft note">
      {alert !== undefined && (
        <a href={links.alert(alert.id)}>
          <State of={alert.state} />
        </a>
      )}
      <span>
        {model.task}
        {currentVersion !== null && (
          <>
            {', version '}
            <bdi>{currentVersion}</bdi>
          </>
        )}
      </span>
    </div>
  );
}

function Traffic({ row }: { row: FleetRow }) {
  const { windows, counts } = row;
  const total = `${formatCount(counts.predictions.accepted)} predictions`;
  if (windows.length === 0) return <span class="small soft">{total}</span>;
  return (
    <>
      <Spark values={windows.map(({ window }) => window.rows)} label={`Predictions a window; ${total} in all`} />
      <span class="small soft">{total}</span>
    </>
  );
}

function LastWindow({ row, links }: RowProps) {
  const last = row.windows.findLast(({ window }) => window.verdict !== null);
  if (row.watch === null) return <span class="faint">not watched</span>;
  if (last === undefined) return <span class="faint">none yet</span>;
  const { window } = last;
  const place = { model: row.model.model.name, monitor: row.watch.monitor.name, start: window.start };
  return (
    <>
      <a href={links.window(place)}>
        <State of={window.verdict ?? 'open'} />
      </a>
      <div class="small soft">from {formatTime(window.start)}</div>
    </>
  );
}

function Drifted({ row }: { row: FleetRow }) {
  const values = row.windows.map(driftedOf);
  const last = values.findLast((value) => value !== null);
  if (last === undefined) return <span class="faint">–</span>;
  const of = row.windows.findLast((detail) => driftedOf(detail) !== null)?.columns.length ?? 0;
  return (
    <>
      <Spark values={values} tone="drift" label={`Drifted columns a window, ${last} in the last`} />
      <span class="small soft">
        {last} of {of}
      </span>
    </>
  );
}

function Performance({ row }: { row: FleetRow }) {
  const name = leadingMetric(row.model.model.task);
  const values = row.windows.map((detail) => metricOf(detail, name)?.value ?? null);
  const last = values.findLast((value) => value !== null);
  if (last === undefined) return <span class="small faint">no labels yet</span>;
  return (
    <>
      <Spark
        values={values}
        area={false}
        fit
        label={`${metricTitle(name)} a window, ${formatNumber(last)} in the last`}
      />
      <span class="small soft">
        {metricTitle(name)} {formatNumber(last)}
      </span>
    </>
  );
}

function coverage({ counts }: FleetRow): string {
  const { accepted } = counts.predictions;
  return accepted === 0 ? '–' : formatShare(counts.labelled / accepted);
}

function Reference({ row, links, now }: RowProps & { now: Date }) {
  if (row.watch === null) return <span class="faint">–</span>;
  const { dataset, version, createdAt } = row.watch.revision;
  return (
    <>
      <a href={links.version(dataset, version)}>
        <bdi>{dataset}</bdi>@v{version}
      </a>
      <div class="small soft">set {formatAge(createdAt, now)}</div>
    </>
  );
}
