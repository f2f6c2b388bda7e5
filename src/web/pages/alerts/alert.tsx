import { type AlertRecord, readAlert } from '../../../domain/alert/alerts.ts';
import { readWindows } from '../../../domain/monitor/read-windows.ts';
import { formatCount } from '../../format.ts';
import { Crumbs, State } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { Fact, Section, Time } from '../../parts.tsx';
import { RunTable } from '../retraining/runs.tsx';
import { Deliveries } from '../webhooks/deliveries.tsx';
import { AlertActions } from './alert-actions.tsx';
import { evidenceOf } from './alert-line.tsx';
import { AlertTimeline } from './alert-timeline.tsx';
import { WorstColumns } from './worst-columns.tsx';

const WINDOWS = 500;

/** One alert: what happened, who was told, and what came of it. */
export async function alertPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now } = visit;
  const record = await readAlert(ctx, actor, visit.param('alert'));
  const { alert, runs, messages } = record;
  const named = { model: alert.model, monitor: alert.monitor };
  const span = { from: alert.from, to: null, limit: WINDOWS, newest: false };
  const windows = await readWindows(ctx, actor, { ...named, ...span });
  const starts = new Map(windows.map(({ window }) => [window.id, window.start]));
  const evidence = evidenceOf(alert);
  const place = { ...named, start: new Date(evidence.window.start) };
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs
            path={[
              ['Alerts', links.alerts],
              [alert.model, links.model(alert.model)],
            ]}
          />
          <h1>
            <Headline record={record} /> <State of={alert.state} />{' '}
            {alert.severity === 'critical' && <State of="critical" />}{' '}
            {alert.flapping && <span class="tag">flapping</span>}
          </h1>
          <p class="lede">
            Against{' '}
            <a href={links.version(evidence.reference.dataset, evidence.reference.version)}>
              <bdi>{evidence.reference.dataset}</bdi>@v{evidence.reference.version}
            </a>
            , by the monitor <bdi>{alert.monitor}</bdi>.
          </p>
        </div>
      </div>
      <AlertFacts alert={alert} />
      <div class="columns">
        <Section title="Timeline">
          <AlertTimeline record={record} links={links} starts={starts} />
        </Section>
        <Section title="Worst columns" aside={<a href={links.window(place)}>the report</a>}>
          <WorstColumns evidence={evidence} hrefOf={(column) => links.column(place, column)} />
        </Section>
      </div>
      <Section title="Retraining">
        {runs.length === 0 ? (
          <p class="card empty">No run was started.</p>
        ) : (
          <RunTable runs={runs} links={links} now={now} />
        )}
      </Section>
      <Section title="Who was told">
        <Deliveries messages={messages} links={links} />
      </Section>
      <AlertActions alert={alert} visit={visit} />
    </>
  );
  const moving = alert.state === 'resolved' ? {} : { refresh: 5 };
  return { section: 'alerts', title: `Alert on ${alert.model}`, ...moving, body };
}

function AlertFacts({ alert }: Pick<AlertRecord, 'alert'>) {
  const evidence = evidenceOf(alert);
  return (
    <dl class="facts">
      <Fact name="First breach">
        <Time at={alert.from} />
      </Fact>
      <Fact name="Looked at up to">
        <Time at={alert.through} />
      </Fact>
      <Fact name={alert.state === 'recovering' ? 'Clean windows in a row' : 'Windows in a row'}>{alert.streak}</Fact>
      {evidence.problem === undefined && (
        <Fact name="Columns drifted">
          {evidence.columns_drifted} <small>of {evidence.columns_judged}</small>
        </Fact>
      )}
      {alert.assignedTo !== null && (
        <Fact name="Assigned to">
          <small>
            <bdi>{alert.assignedTo}</bdi>
          </small>
        </Fact>
      )}
      {alert.mutedUntil !== null && alert.state !== 'resolved' && (
        <Fact name="Muted until">
          <Time at={alert.mutedUntil} />
        </Fact>
      )}
      {alert.acknowledgedAt !== null && (
        <Fact name="Acknowledged">
          <small>
            <bdi>{alert.acknowledgedBy}</bdi>, <Time at={alert.acknowledgedAt} />
          </small>
        </Fact>
      )}
    </dl>
  );
}

/** The alert in one sentence. */
function Headline({ record }: { record: AlertRecord }) {
  const { alert } = record;
  const { columns_drifted, columns_judged, problem } = evidenceOf(alert);
  if (problem !== undefined) {
    return (
      <>
        <bdi>{alert.model}</bdi>: <bdi>{problem.detail}</bdi>
      </>
    );
  }
  const columns = `${formatCount(columns_drifted)} of ${formatCount(columns_judged)} columns`;
  const ended = alert.state === 'resolved';
  return (
    <>
      <bdi>{alert.model}</bdi> {ended ? 'drifted' : 'drifts'} in {columns} {ended ? 'from' : 'since'}{' '}
      <Time at={alert.from} />
      {ended && (
        <>
          {' to '}
          <Time at={alert.through} />
        </>
      )}
    </>
  );
}
