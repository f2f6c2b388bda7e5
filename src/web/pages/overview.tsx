import { readDatasets } from '../../domain/dataset/read.ts';
import { readModels } from '../../domain/model/create-model.ts';
import { readRuns } from '../../domain/run/runs.ts';
import { formatCount, formatShare } from '../format.ts';
import type { Content, Visit } from '../page.tsx';
import { Fact, Section } from '../parts.tsx';
import { AlertLine } from './alerts/alert-line.tsx';
import { type AlertItem, openAlerts } from './alerts/alert-lists.ts';
import { DatasetTable } from './datasets/datasets.tsx';
import { EmptyProject } from './empty-project.tsx';
import { type FleetRow, FleetTable, loadFleetRow } from './models/fleet.tsx';
import { RunTable } from './retraining/runs.tsx';

/** Shown here; the lists behind the headings have them all. */
const MODELS = 30;
const ALERTS = 5;
const RUNS = 5;
const DATASETS = 8;

/** The whole project at a glance. */
export async function overviewPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now, project } = visit;
  const [models, datasets, alerts, runs] = await Promise.all([
    readModels(ctx, actor),
    readDatasets(ctx, actor, { after: '', limit: DATASETS }),
    openAlerts(visit),
    readRuns(ctx, actor, { limit: RUNS }),
  ]);
  const frame = { section: 'overview', title: project } as const;
  if (models.length === 0 && datasets.length === 0) {
    return { ...frame, refresh: 3, body: <EmptyProject project={project} base={ctx.publicUrl()} /> };
  }
  const rows = await Promise.all(models.slice(0, MODELS).map((model) => loadFleetRow(visit, model)));
  const byModel = new Map(alerts.toReversed().map((alert) => [alert.model, alert]));
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>
            <bdi>{project}</bdi>
          </h1>
          <p class="lede">{summary(rows, alerts)}</p>
        </div>
      </div>
      {alerts.length > 0 && (
        <div class="alerts">
          {alerts.slice(0, ALERTS).map((alert) => (
            <AlertLine alert={alert} links={links} now={now} />
          ))}
          {alerts.length > ALERTS && <a href={links.alerts}>and {alerts.length - ALERTS} more</a>}
        </div>
      )}
      {rows.length > 0 && (
        <Section title="Models" aside={<a href={links.models}>all models</a>}>
          <FleetTable rows={rows} links={links} now={now} alerts={byModel} />
        </Section>
      )}
      <Ingestion rows={rows} />
      {runs.items.length > 0 && (
        <Section title="Recent retrainings" aside={<a href={links.runs}>all runs</a>}>
          <RunTable runs={runs.items} links={links} now={now} />
        </Section>
      )}
      <Section title="Datasets" aside={<a href={links.datasets}>all datasets</a>}>
        <DatasetTable rows={datasets} links={links} now={now} />
      </Section>
    </>
  );
  return { ...frame, refresh: 5, body };
}

function summary(rows: readonly FleetRow[], alerts: readonly AlertItem[]): string {
  const watched = rows.filter(({ watch }) => watch !== null).length;
  const firing = alerts.filter(({ state }) => state === 'firing' || state === 'no_data' || state === 'error').length;
  const models = `${formatCount(watched)} ${watched === 1 ? 'model' : 'models'} watched`;
  if (firing === 0) return watched === 0 ? 'No model is watched yet.' : `${models}, no alert firing.`;
  return `${models}, ${formatCount(firing)} ${firing === 1 ? 'alert' : 'alerts'} firing.`;
}

/** Where the rows of all models went. */
function Ingestion({ rows }: { rows: readonly FleetRow[] }) {
  if (rows.length === 0) return null;
  const sum = (of: (row: FleetRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const sent = sum(({ counts }) => counts.predictions.sent);
  const accepted = sum(({ counts }) => counts.predictions.accepted);
  const repeated = sum(({ counts }) => counts.predictions.duplicates);
  const rejected = sum(({ counts }) => counts.predictions.rejected);
  const labelled = sum(({ counts }) => counts.labelled);
  return (
    <Section title="Logged">
      <dl class="facts">
        <Fact name="Predictions sent">{formatCount(sent)}</Fact>
        <Fact name="Accepted">{formatCount(accepted)}</Fact>
        <Fact name="Repeated">{formatCount(repeated)}</Fact>
        <Fact name="Rejected">{formatCount(rejected)}</Fact>
        <Fact name="Labelled">{accepted === 0 ? '–' : formatShare(labelled / accepted)}</Fact>
      </dl>
    </Section>
  );
}
