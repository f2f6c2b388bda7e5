import { isGroup, isVector, type Value } from '../../../domain/prediction/logged-row.ts';
import { type PredictionDetail, readPrediction } from '../../../domain/prediction/read-prediction.ts';
import { Crumbs, State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import type { Content, Visit } from '../../page.tsx';
import { Fact, Section, Time } from '../../parts.tsx';

/** One prediction: what was sent, what came of it, and how the windows that it lies in were judged. */
export async function predictionPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links } = visit;
  const model = visit.param('model');
  const found = await readPrediction(ctx, actor, { model, id: visit.param('prediction') });
  const { version } = found;
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs
            path={[
              ['Models', links.models],
              [model, links.model(model)],
              ['Predictions', links.predictions(model)],
            ]}
          />
          <h1>
            <bdi>{found.predictionId}</bdi>
          </h1>
        </div>
      </div>
      <dl class="facts">
        <Fact name="Event">{found.timestamp === null ? '–' : <Time at={new Date(found.timestamp)} precise />}</Fact>
        <Fact name="Predicted">
          <bdi>{String(found.prediction ?? '–')}</bdi>
        </Fact>
        <Fact name="Label">
          <bdi>{found.labels[0]?.label ?? '–'}</bdi>
        </Fact>
        <Fact name="Model version">
          <bdi>{found.modelVersion ?? '–'}</bdi>
        </Fact>
        <Fact name="Trained on">
          {version === null ? (
            '–'
          ) : (
            <a href={links.version(version.dataset, version.datasetVersion)}>
              <bdi>{version.dataset}</bdi>@v{version.datasetVersion}
            </a>
          )}
        </Fact>
        <Fact name="Received">
          <Time at={found.batch.receivedAt} precise /> <small>in batch {found.batch.batchId}</small>
        </Fact>
      </dl>
      <div class="columns">
        <Section title="What was sent">
          <Sent found={found} />
        </Section>
        <div>
          <Section title="Windows">
            <Windows found={found} model={model} links={links} />
          </Section>
          <Section title="Labels">
            <Labels found={found} />
          </Section>
        </div>
      </div>
    </>
  );
  return { section: 'models', title: found.predictionId, body };
}

function Sent({ found }: { found: PredictionDetail }) {
  const { scores } = found;
  const groups: readonly (readonly [string, Readonly<Record<string, Value>>])[] = [
    ['', found.features],
    ['score ', isGroup(scores) ? scores : { '': scores }],
    ['tag ', found.tags],
    ['', { segment: found.segment }],
  ];
  const rows = groups.flatMap(([start, group]) =>
    Object.entries(group).flatMap(([name, value]) => (value === null ? [] : [[start + name, shown(value)] as const])),
  );
  return (
    <div class="card flush scroll">
      <table>
        <tbody>
          {rows.map(([name, value]) => (
            <tr>
              <th scope="row">
                <bdi>{name.trim()}</bdi>
              </th>
              <td>
                <bdi>{value}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const SHOWN_COMPONENTS = 8;

function shown(value: Value): string {
  if (!isVector(value)) return String(value);
  const rest = value.length - SHOWN_COMPONENTS;
  const listed = value.slice(0, SHOWN_COMPONENTS).map((part) => (part === null ? 'NaN' : String(part)));
  return `[${listed.join(', ')}${rest > 0 ? `, … ${rest} more` : ''}]`;
}

function Windows({ found, model, links }: { found: PredictionDetail; model: string; links: Links }) {
  if (found.windows.length === 0) return <p class="card empty">No monitor has a window at this time.</p>;
  return (
    <ul class="timeline card">
      {found.windows.map(({ monitor, start, state, verdict, counted }) => (
        <li>
          <div class="row">
            <State of={verdict ?? state} />
            <a href={links.window({ model, monitor, start })}>
              <bdi>{monitor}</bdi> <Time at={start} />
            </a>
          </div>
          {verdict !== null && !counted && <div class="small faint">judged before this row was in it</div>}
        </li>
      ))}
    </ul>
  );
}

function Labels({ found }: { found: PredictionDetail }) {
  if (found.labels.length === 0) return <p class="card empty">None has come yet.</p>;
  return (
    <ol class="timeline card">
      {found.labels.map(({ label, revision, batchId, labelledAt }) => (
        <li>
          <div class="row">
            <bdi class="strong">{label}</bdi>
            <span class="soft">revision {revision}</span>
          </div>
          <div class="small faint">
            {labelledAt !== null && (
              <>
                <Time at={labelledAt} precise />,{' '}
              </>
            )}
            batch {batchId}
          </div>
        </li>
      ))}
    </ol>
  );
}
