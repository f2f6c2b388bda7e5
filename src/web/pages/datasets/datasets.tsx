import { readDatasets } from '../../../domain/dataset/read.ts';
import { formatAge, formatBytes, formatCount, shortOid } from '../../format.ts';
import { Command, State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import type { Content, Visit } from '../../page.tsx';
import { More } from '../../parts.tsx';
import { tidemarkCommand } from '../../tidemark-command.ts';

const PAGE = 100;

/** Every dataset of the project with its newest version. */
export async function datasetsPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now } = visit;
  const rows = await readDatasets(ctx, actor, { after: visit.query('after') ?? '', limit: PAGE + 1 });
  const shown = rows.slice(0, PAGE);
  const next = rows.length > PAGE ? (shown.at(-1)?.dataset.name ?? null) : null;
  const push = tidemarkCommand(visit.project, 'push train.csv --dataset churn --message "first export"');
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>Datasets</h1>
          <p class="lede">Each version is immutable and named by its content.</p>
        </div>
      </div>
      {shown.length === 0 ? (
        <section class="card empty">
          <h2>No dataset yet</h2>
          <p>Push a file and it becomes version 1.</p>
          <Command text={push} />
        </section>
      ) : (
        <DatasetTable rows={shown} links={links} now={now} />
      )}
      <More href={next === null ? null : `${links.datasets}?after=${encodeURIComponent(next)}`} />
    </>
  );
  return { section: 'datasets', title: 'Datasets', body };
}

/** Datasets by name. */
export function DatasetTable({
  rows,
  links,
  now,
}: {
  rows: Awaited<ReturnType<typeof readDatasets>>;
  links: Links;
  now: Date;
}) {
  return (
    <div class="card flush scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Dataset</th>
            <th>Latest</th>
            <th>Content</th>
            <th class="num">Files</th>
            <th class="num">Size</th>
            <th class="num">Pushed</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ dataset, latest, quarantined }) => (
            <tr>
              <td data-label="Dataset">
                <a class="strong" href={links.dataset(dataset.name)}>
                  <bdi>{dataset.name}</bdi>
                </a>
              </td>
              {latest === null ? (
                <td colspan={5} class="faint">
                  no version yet
                </td>
              ) : (
                <>
                  <td data-label="Latest">
                    <a href={links.version(dataset.name, latest.number)}>v{latest.number}</a>{' '}
                    {quarantined > 0 && <State of="degraded" />}
                  </td>
                  <td data-label="Content">
                    <code class="soft">{shortOid(latest.oid)}</code>
                  </td>
                  <td class="num" data-label="Files">
                    {formatCount(latest.files)}
                  </td>
                  <td class="num" data-label="Size">
                    {formatBytes(latest.bytes)}
                  </td>
                  <td class="num soft" data-label="Pushed">
                    {formatAge(latest.createdAt, now)}
                  </td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
