import { readDatasets } from '../../domain/dataset/read.ts';
import { readModels } from '../../domain/model/create-model.ts';
import { formatBytes, formatCount, formatShare, formatTime } from '../format.ts';
import type { Content, Visit } from '../page.tsx';
import { EmptyProject } from './empty-project.tsx';
import { type FleetRow, FleetTable, loadFleetRow } from './fleet.tsx';

/** Models shown here; the list of models has them all. */
const MODELS = 30;

/** The whole project at a glance. */
export async function overviewPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now, project } = visit;
  const [models, datasets] = await Promise.all([
    readModels(ctx, actor),
    readDatasets(ctx, actor, { after: '', limit: 12 }),
  ]);
  const frame = { section: 'overview', title: project } as const;
  if (models.length === 0 && datasets.length === 0) {
    return { ...frame, refresh: 3, body: <EmptyProject project={project} base={ctx.publicUrl()} /> };
  }
  const rows = await Promise.all(models.slice(0, MODELS).map((model) => loadFleetRow(visit, model)));
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>
            <bdi>{project}</bdi>
          </h1>
        </div>
      </div>
      <Totals rows={rows} datasets={datasets.length} />
      {rows.length > 0 && (
        <section class="section">
          <header>
            <h2>Models</h2>
          </header>
          <FleetTable rows={rows} links={links} now={now} alerts={new Map()} />
        </section>
      )}
      <section class="section">
        <header>
          <h2>Datasets</h2>
          <a href={links.datasets}>all</a>
        </header>
        <div class="card flush">
          <table>
            <tbody>
              {datasets.map(({ dataset, latest }) => (
                <tr>
                  <td>
                    <a class="strong" href={links.dataset(dataset.name)}>
                      <bdi>{dataset.name}</bdi>
                    </a>
                  </td>
                  {latest !== null && (
                    <>
                      <td>
                        <a href={links.version(dataset.name, latest.number)}>v{latest.number}</a>
                      </td>
                      <td class="num">{formatBytes(latest.bytes)}</td>
                      <td class="num soft">{formatTime(latest.createdAt)}</td>
                    </>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </>
  );
  return { ...frame, refresh: 5, body };
}

function Totals({ rows, datasets }: { rows: readonly FleetRow[]; datasets: number }) {
  const sum = (of: (row: FleetRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const accepted = sum(({ counts }) => counts.predictions.accepted);
  const labelled = sum(({ counts }) => counts.labelled);
  const rejected = sum(({ counts }) => counts.predictions.rejected + counts.labels.rejected);
  return (
    <dl class="facts">
      <div>
        <dt>Datasets</dt>
        <dd>{formatCount(datasets)}</dd>
      </div>
      <div>
        <dt>Models</dt>
        <dd>{formatCount(rows.length)}</dd>
      </div>
      <div>
        <dt>Predictions</dt>
        <dd>{formatCount(accepted)}</dd>
      </div>
      <div>
        <dt>Labelled</dt>
        <dd>{accepted === 0 ? '–' : formatShare(labelled / accepted)}</dd>
      </div>
      <div>
        <dt>Rows rejected</dt>
        <dd>{formatCount(rejected)}</dd>
      </div>
    </dl>
  );
}
