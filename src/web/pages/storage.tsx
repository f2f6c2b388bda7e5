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
      <div class="card flush scroll">
        <table class="stack">
          <thead>
            <tr>
              <th>Object</th>
              <th>Part of</th>
              <th class="num">Size</th>
              <th class="num">Last read and good</th>
              <th class="num">Quarantined</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                <td data-label="Object">
                  <code>{row.oid}</code>
                </td>
                <td class="small" data-label="Part of">
                  <UsesOf row={row} links={links} />
                </td>
                <td class="num" data-label="Size">
                  {formatBytes(row.size)}
                </td>
                <td class="num soft" data-label="Last read and good">
                  <Time at={row.verifiedAt} />
                </td>
                <td class="num" data-label="Quarantined">
                  {row.quarantinedAt === null ? '' : formatAge(row.quarantinedAt, now)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
      <div class="card flush scroll">
        <table class="stack">
          <thead>
            <tr>
              <th>Work</th>
              <th>State</th>
              <th>So far</th>
              <th class="num">Findings</th>
              <th class="num">Begun</th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <tr>
                <td data-label="Work">{WHAT[run.kind]}</td>
                <td data-label="State">
                  <State of={run.state} />
                </td>
                <td class="small soft" data-label="So far">
                  <bdi>{run.error ?? soFar(run.progress)}</bdi>
                </td>
                <td class="num" data-label="Findings">
                  {formatCount(countsOf(run.progress).findings ?? 0)}
                </td>
                <td class="num soft" data-label="Begun">
                  <Time at={run.startedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
      <div class="card flush scroll">
        <table class="stack">
          <thead>
            <tr>
              <th>Dataset</th>
              <th class="num">Versions</th>
              <th class="num">In the trash</th>
              <th class="num">Size</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                <td data-label="Dataset">
                  <a class="strong" href={links.dataset(row.dataset)}>
                    <bdi>{row.dataset}</bdi>
                  </a>
                </td>
                <td class="num" data-label="Versions">
                  {formatCount(row.versions)}
                </td>
                <td class="num soft" data-label="In the trash">
                  {formatCount(row.trashedVersions)}
                </td>
                <td class="num" data-label="Size">
                  {formatBytes(row.bytes)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
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
        <div class="card flush scroll">
          <table class="stack">
            <thead>
              <tr>
                <th>Version</th>
                <th>Restore it</th>
                <th class="num">Size</th>
                <th class="num">Since</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr>
                  <td data-label="Version">
                    <bdi class="strong">{row.dataset}</bdi> v{row.number}
                  </td>
                  <td data-label="Restore it">
                    <code class="small">
                      <bdi>
                        {tidemarkCommand(visit.project, `restore ${shellWord(`${row.dataset}@v${row.number}`)}`)}
                      </bdi>
                    </code>
                  </td>
                  <td class="num" data-label="Size">
                    {formatBytes(row.bytes)}
                  </td>
                  <td class="num soft" data-label="Since">
                    {row.trashedAt === null ? '' : formatAge(row.trashedAt, visit.now)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}
