import { readTrash } from '../../domain/retention/trash.ts';
import {
  type QuarantinedObject,
  type RemoteState,
  readQuarantined,
  readRemote,
  readSpace,
} from '../../domain/storage/read.ts';
import { formatAge, formatBytes, formatCount, formatDuration } from '../format.ts';
import { Command, State } from '../layout.tsx';
import type { Links } from '../links.ts';
import type { Content, Visit } from '../page.tsx';
import { Fact, Section, Time } from '../parts.tsx';
import { StackTable } from '../stack-table.tsx';
import { shellWord, tidemarkCommand } from '../tidemark-command.ts';

const SHOWN = 50;

/** Where the bytes lie: whether they are whole, what takes the room, and what is on its way out. */
export async function storagePage(visit: Visit): Promise<Content> {
  const { ctx, actor, now } = visit;
  const [remote, quarantined, trash, space] = await Promise.all([
    readRemote(ctx, actor),
    readQuarantined(ctx, actor, { after: '', limit: SHOWN }),
    readTrash(ctx, actor, { before: Number.MAX_SAFE_INTEGER, limit: SHOWN }),
    readSpace(ctx, actor, SHOWN),
  ]);
  const { objects, bytes, oldestVerifiedAt, quarantined: sick } = remote.totals;
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>Storage</h1>
          <p class="lede">
            <bdi>{remote.location}</bdi>
          </p>
        </div>
      </div>
      <dl class="facts">
        <Fact name="Objects">{formatCount(objects)}</Fact>
        <Fact name="Stored">{formatBytes(bytes)}</Fact>
        <Fact name="Quarantined">{formatCount(sick)}</Fact>
        <Fact name="Oldest reading">{oldestVerifiedAt === null ? '–' : formatAge(oldestVerifiedAt, now)}</Fact>
        <Fact name="Waiting to be removed">{formatBytes(space.trash.bytes)}</Fact>
      </dl>
      <Quarantined rows={quarantined} total={sick} visit={visit} />
      <Runs runs={remote.runs} seconds={ctx.config.storage.scrubSeconds} project={visit.project} />
      <Space rows={space.datasets} links={visit.links} />
      <Trash rows={trash} visit={visit} />
    </>
  );
  const running = remote.runs.some(({ state }) => state === 'running');
  return { section: 'storage', title: 'Storage', refresh: running ? 5 : 30, body };
}

type QuarantinedProps = { rows: readonly QuarantinedObject[]; total: number; visit: Visit };

function Quarantined({ rows, total, visit: { links, now } }: QuarantinedProps) {
  if (rows.length === 0) return null;
  return (
    <Section
      title="Quarantined"
      aside={<span class="small soft">answered as missing until good bytes are pushed</span>}
    >
      <StackTable
        rows={rows}
        columns={[
          { head: 'Object', cell: (row) => <code>{row.oid}</code> },
          { head: 'Part of', class: 'small', cell: (row) => <UsesOf row={row} links={links} /> },
          { head: 'Size', class: 'num', cell: (row) => formatBytes(row.size) },
          { head: 'Last read and good', class: 'num soft', cell: (row) => <Time at={row.verifiedAt} /> },
          {
            head: 'Quarantined',
            class: 'num',
            cell: (row) => (row.quarantinedAt === null ? '' : formatAge(row.quarantinedAt, now)),
          },
        ]}
      />
      {total > rows.length && <p class="small soft">… and {formatCount(total - rows.length)} more</p>}
    </Section>
  );
}

const USES_SHOWN = 3;

function UsesOf({ row, links }: { row: QuarantinedObject; links: Links }) {
  if (row.total === 0) return <span class="faint">no version</span>;
  const more = row.total - Math.min(row.uses.length, USES_SHOWN);
  return (
    <>
      {row.uses.slice(0, USES_SHOWN).map(({ dataset, number, path }) => (
        <div>
          <a href={links.version(dataset, number)}>
            <bdi>{dataset}</bdi> v{number}
          </a>{' '}
          <bdi class="soft">{path}</bdi>
        </div>
      ))}
      {more > 0 && <div class="soft">and {formatCount(more)} more</div>}
    </>
  );
}

const WHAT = {
  scrub: 'Every byte read again',
  scan: 'Search for new objects',
  check: 'Comparison',
  collect: 'Collection',
};

type RunsProps = { readonly runs: RemoteState['runs']; readonly seconds: number; readonly project: string };

function Runs({ runs, seconds, project }: RunsProps) {
  const often =
    seconds === 0 ? 'no scrub begins by itself' : `every object is read again within ${formatDuration(seconds)}`;
  if (runs.length === 0) {
    return (
      <Section title="Work">
        <section class="card empty">
          <h2>Nothing has been looked through yet</h2>
          <p>A scrub reads every object again and quarantines what is corrupt or lost.</p>
          <Command text={tidemarkCommand(project, 'remote scrub')} />
        </section>
      </Section>
    );
  }
  return (
    <Section title="Work" aside={<span class="small soft">{often}</span>}>
      <StackTable
        rows={runs}
        columns={[
          { head: 'Work', cell: (run) => WHAT[run.kind] },
          { head: 'State', cell: (run) => <State of={run.state} /> },
          { head: 'So far', class: 'small soft', cell: (run) => <bdi>{run.error ?? soFar(run.progress)}</bdi> },
          { head: 'Findings', class: 'num', cell: (run) => formatCount(countsOf(run.progress).findings ?? 0) },
          { head: 'Begun', class: 'num soft', cell: (run) => <Time at={run.startedAt} /> },
        ]}
      />
    </Section>
  );
}

/** Written by the work itself, as counters by name. */
const countsOf = (progress: unknown): Readonly<Record<string, number>> => progress as Record<string, number>;

function soFar(progress: unknown): string {
  return Object.entries(countsOf(progress))
    .filter(([name, count]) => count > 0 && name !== 'findings')
    .map(([name, count]) =>
      name.endsWith('bytes') ? formatBytes(count) : `${formatCount(count)} ${name.replaceAll('_', ' ')}`,
    )
    .join(' · ');
}

function Space({ rows, links }: { rows: Awaited<ReturnType<typeof readSpace>>['datasets']; links: Links }) {
  if (rows.length === 0) return null;
  return (
    <Section
      title="Space by dataset"
      aside={<span class="small soft">all versions, each counted whole; what they share is stored once</span>}
    >
      <StackTable
        rows={rows}
        columns={[
          {
            head: 'Dataset',
            cell: (row) => (
              <a class="strong" href={links.dataset(row.dataset)}>
                <bdi>{row.dataset}</bdi>
              </a>
            ),
          },
          { head: 'Versions', class: 'num', cell: (row) => formatCount(row.versions) },
          { head: 'In the trash', class: 'num soft', cell: (row) => formatCount(row.trashedVersions) },
          { head: 'Size', class: 'num', cell: (row) => formatBytes(row.bytes) },
        ]}
      />
    </Section>
  );
}

function Trash({ rows, visit }: { rows: Awaited<ReturnType<typeof readTrash>>; visit: Visit }) {
  const { trashSeconds } = visit.ctx.config.storage;
  return (
    <Section title="Trash" aside={<span class="small soft">restorable for {formatDuration(trashSeconds)}</span>}>
      {rows.length === 0 ? (
        <section class="card empty">
          <h2>The trash is empty</h2>
          <p>See what a collection would delete, and why it would keep the rest.</p>
          <Command text={tidemarkCommand(visit.project, 'gc --dry-run --keep-last 10 --keep-within 30d')} />
        </section>
      ) : (
        <StackTable
          rows={rows}
          columns={[
            {
              head: 'Version',
              cell: (row) => (
                <>
                  <bdi class="strong">{row.dataset}</bdi> v{row.number}
                </>
              ),
            },
            {
              head: 'Restore it',
              cell: (row) => (
                <code class="small">
                  <bdi>{tidemarkCommand(visit.project, `restore ${shellWord(`${row.dataset}@v${row.number}`)}`)}</bdi>
                </code>
              ),
            },
            { head: 'Size', class: 'num', cell: (row) => formatBytes(row.bytes) },
            {
              head: 'Since',
              class: 'num soft',
              cell: (row) => (row.trashedAt === null ? '' : formatAge(row.trashedAt, visit.now)),
            },
          ]}
        />
      )}
    </Section>
  );
}
