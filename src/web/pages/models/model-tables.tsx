import type { readCounts } from '../../../domain/log/read-batches.ts';
import type { readModelVersions } from '../../../domain/model/bind-version.ts';
import { formatCount } from '../../format.ts';
import type { Links } from '../../links.ts';
import { Time } from '../../parts.tsx';
import { ReportedMetrics } from '../reported-metrics.tsx';

type Counts = Awaited<ReturnType<typeof readCounts>>;

const COLUMNS = [
  ['sent', 'sent'],
  ['accepted', 'accepted'],
  ['duplicates', 'duplicates'],
  ['conflicts', 'of them differing'],
  ['rejected', 'rejected'],
] as const;

/** Where every row went that was sent. */
export function Accounts({ counts }: { counts: Counts }) {
  const { labelled, labelsWaiting, unsettledBatches } = counts;
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Rows</th>
            <th class="num">Predictions</th>
            <th class="num">Labels</th>
          </tr>
        </thead>
        <tbody>
          {COLUMNS.map(([key, name]) => (
            <tr>
              <td>{name}</td>
              <td class={counts.predictions[key] === 0 ? 'num faint' : 'num'}>
                {formatCount(counts.predictions[key])}
              </td>
              <td class={counts.labels[key] === 0 ? 'num faint' : 'num'}>{formatCount(counts.labels[key])}</td>
            </tr>
          ))}
          <tr>
            <td>batches</td>
            <td class="num">{formatCount(counts.predictions.batches)}</td>
            <td class="num">{formatCount(counts.labels.batches)}</td>
          </tr>
        </tbody>
      </table>
      <p class="small soft pad">
        {formatCount(labelled)} predictions have a label; {formatCount(labelsWaiting)} labels wait for theirs
        {unsettledBatches > 0 && `; ${formatCount(unsettledBatches)} batches are being settled`}.
      </p>
    </div>
  );
}

type Versions = Awaited<ReturnType<typeof readModelVersions>>;

/** What was trained on what. */
export function ModelVersions(props: { versions: Versions; links: Links; current: string | null }) {
  const { versions, links, current } = props;
  if (versions.length === 0) return <p class="card empty">No version yet: bind one to the data it was trained on.</p>;
  return (
    <div class="card flush scroll">
      <table>
        <thead>
          <tr>
            <th>Version</th>
            <th>Trained on</th>
            <th>At training</th>
            <th class="num">Made</th>
          </tr>
        </thead>
        <tbody>
          {versions.toReversed().map(({ version }) => (
            <tr>
              <td>
                <bdi class="strong">{version.name}</bdi>{' '}
                {version.name === current && <span class="small soft">in service</span>}
              </td>
              <td>
                <a href={links.version(version.dataset, version.datasetVersion)}>
                  <bdi>{version.dataset}</bdi>@v{version.datasetVersion}
                </a>
              </td>
              <td class="soft">
                <ReportedMetrics metrics={version.metrics} />
              </td>
              <td class="num soft">
                <Time at={version.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
