import { diffVersions, type VersionDiff } from '../../../domain/dataset/diff.ts';
import { diffVersionRows } from '../../../domain/row-diff/diff-rows.ts';
import { TidemarkError } from '../../../errors.ts';
import { formatBytes, formatCount } from '../../format.ts';
import { Crumbs } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { Fact, Section } from '../../parts.tsx';
import { DiffColumns } from './diff-columns.tsx';
import { DiffRows } from './diff-rows.tsx';

const FILES = 100;
const ROWS = 20;

/** What changed between two versions of a dataset: `v1..v2` in the address. */
export async function diffPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links } = visit;
  const dataset = visit.param('dataset');
  const [against = '', ref = '', ...rest] = visit.param('pair').split('..');
  if (against === '' || ref === '' || rest.length > 0) {
    throw new TidemarkError('not-found', 'Name two versions in the address, like "v1..v2".');
  }
  const diff = await diffVersions(ctx, actor, { dataset, ref, against, after: '', limit: FILES });
  const { from, to, content } = diff;
  const key = visit.query('key') ?? '';
  const rowsAsked = visit.query('rows') === 'true' ? key : null;
  const exact = { dataset, ref: `v${to.version.number}`, against: `v${from.version.number}` };
  const rows =
    rowsAsked === null
      ? null
      : await diffVersionRows(ctx, actor, { ...exact, key: key === '' ? null : key, samples: ROWS });
  const title = `${dataset} v${from.version.number} → v${to.version.number}`;
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs
            path={[
              ['Datasets', links.datasets],
              [dataset, links.dataset(dataset)],
            ]}
          />
          <h1>
            <bdi>{dataset}</bdi> <a href={links.version(from.dataset, from.version.number)}>v{from.version.number}</a> →{' '}
            <a href={links.version(to.dataset, to.version.number)}>v{to.version.number}</a>
          </h1>
          <p class="lede">{summaryOf(diff)}</p>
        </div>
      </div>
      <DiffFacts diff={diff} />
      {content.state === 'ready' ? (
        <DiffColumns content={content} />
      ) : (
        <Section title="Columns">
          <p class="card empty" role="status">
            {content.reason}
          </p>
        </Section>
      )}
      <DiffRows content={content} asked={rowsAsked} rows={rows} />
      <Section title="Files">
        <ChangedFiles diff={diff} />
      </Section>
    </>
  );
  const waits = content.state === 'pending' || (rows !== null && 'begun' in rows && rows.begun.state === 'waiting');
  const refresh = waits ? { refresh: 2 } : {};
  return { section: 'datasets', title, ...refresh, body };
}

/** The one sentence that a hurried reader takes along. */
function summaryOf({ files, content }: VersionDiff): string {
  if (files.counts.size === 0) return 'Both hold the same files.';
  if (content.state !== 'ready') return 'The files differ.';
  const { schema, columns } = content;
  const drifted = columns.filter(({ judgement }) => judgement?.verdict === 'drift').length;
  const shape = schema.added.length + schema.removed.length + schema.changed.length;
  const columnsDrifted = `${drifted === 0 ? 'No' : drifted} ${drifted === 1 ? 'column has' : 'columns have'} drifted`;
  return `${columnsDrifted}, the schema has ${shape === 0 ? 'no' : shape} ${shape === 1 ? 'change' : 'changes'}.`;
}

function DiffFacts({ diff }: { diff: VersionDiff }) {
  const { from, to, files, content } = diff;
  const counted = (['added', 'removed', 'renamed', 'changed'] as const)
    .map((change) => ({ change, n: files.counts.get(change)?.files ?? 0 }))
    .filter(({ n }) => n > 0)
    .map(({ change, n }) => `${formatCount(n)} ${change}`);
  return (
    <dl class="facts">
      {content.state === 'ready' && (
        <Fact name="Rows">
          {formatCount(content.rows.from)} → {formatCount(content.rows.to)}
        </Fact>
      )}
      <Fact name="Size">
        {formatBytes(from.version.bytes)} → {formatBytes(to.version.bytes)}
      </Fact>
      <Fact name="Files">
        {formatCount(from.version.files)} → {formatCount(to.version.files)}
        <small> {[...counted, `${formatCount(files.unchanged)} unchanged`].join(', ')}</small>
      </Fact>
    </dl>
  );
}

function ChangedFiles({ diff }: { diff: VersionDiff }) {
  const { files } = diff;
  const all = [...files.counts.values()].reduce((sum, count) => sum + count.files, 0);
  if (all === 0) return <p class="card empty">No file differs.</p>;
  return (
    <div class="card flush scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Change</th>
            <th>Path</th>
            <th class="num">Size</th>
          </tr>
        </thead>
        <tbody>
          {files.items.map(({ change, path, from, to }) => (
            <tr>
              <td class="soft" data-label="Change">
                {change}
              </td>
              <td data-label="Path">
                {change === 'renamed' && (
                  <>
                    <bdi>{from?.path}</bdi> →{' '}
                  </>
                )}
                <bdi>{path}</bdi>
              </td>
              <td class="num" data-label="Size">
                {from !== null && change !== 'renamed' && formatBytes(from.size)}
                {change === 'changed' && ' → '}
                {to !== null && formatBytes(to.size)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {all > files.items.length && <p class="small soft pad">and {formatCount(all - files.items.length)} more</p>}
    </div>
  );
}
