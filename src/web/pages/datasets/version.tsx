import type { Knowledge } from '../../../domain/dataset/read.ts';
import { pointerOf } from '../../../domain/dataset/version-pointer.ts';
import { formatBytes, formatCount, shortOid } from '../../format.ts';
import { Command, Crumbs, State } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { Fact, Section } from '../../parts.tsx';
import { shellWord, tidemarkCommand } from '../../tidemark-command.ts';
import { LineageTable } from '../lineage-table.tsx';
import { ColumnsTable } from './columns-table.tsx';
import { type LoadedVersion, loadVersion } from './load-version.ts';
import { ColumnPages, pickColumns } from './shown-columns.tsx';
import { VersionOrigin } from './version-origin.tsx';

/** One version: what it is, how to get it, and what is in it. */
export async function versionPage(visit: Visit): Promise<Content> {
  const loaded = await loadVersion(visit);
  const { dataset, version, knowledge } = loaded;
  const { links } = visit;
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
            <bdi>{dataset}</bdi> v{version.number}{' '}
            {loaded.tags.map((tag) => (
              <bdi class="tag">{tag}</bdi>
            ))}
          </h1>
          {version.message !== '' && (
            <p class="lede">
              <bdi>{version.message}</bdi>
            </p>
          )}
        </div>
      </div>
      <VersionFacts loaded={loaded} />
      <Degraded loaded={loaded} />
      <Section title="Columns">
        <Columns knowledge={knowledge} visit={visit} path={links.version(dataset, version.number)} />
      </Section>
      <div class="columns">
        <Section title="Get it">
          <PullCommands visit={visit} loaded={loaded} />
        </Section>
        <Section title="Where it stands">
          <VersionOrigin visit={visit} loaded={loaded} />
        </Section>
      </div>
      {loaded.lineage.edges.length > 0 && (
        <Section title="Lineage">
          <LineageTable lineage={loaded.lineage} links={links} />
        </Section>
      )}
      {version.files > 1 && (
        <Section title="Files">
          <Files loaded={loaded} />
        </Section>
      )}
    </>
  );
  const refresh = knowledge.state === 'pending' ? { refresh: 2 } : {};
  return { section: 'datasets', title: `${dataset} v${version.number}`, ...refresh, body };
}

function VersionFacts({ loaded }: { loaded: LoadedVersion }) {
  const { version, knowledge, quarantined } = loaded;
  const ready = knowledge.state === 'ready' ? knowledge.profile : null;
  return (
    <dl class="facts">
      <Fact name="Rows">{ready === null ? '–' : formatCount(ready.rows)}</Fact>
      <Fact name="Columns">{ready === null ? '–' : formatCount(ready.columns.length)}</Fact>
      <Fact name="Files">{formatCount(version.files)}</Fact>
      <Fact name="Size">{formatBytes(version.bytes)}</Fact>
      <Fact name="Content (oid)">
        <code title={version.oid}>{shortOid(version.oid)}</code>
      </Fact>
      <Fact name="Profile">
        <State of={knowledge.state} />
      </Fact>
      {quarantined > 0 && (
        <Fact name="Health">
          <State of="degraded" />
        </Fact>
      )}
    </dl>
  );
}

/** That the version cannot be pulled whole, and what mends it. */
function Degraded({ loaded: { quarantined } }: { loaded: LoadedVersion }) {
  if (quarantined === 0) return null;
  return (
    <p class="card" role="status">
      {formatCount(quarantined)} {quarantined === 1 ? 'object is' : 'objects are'} corrupt or lost in the store. Push
      the good bytes again, from any copy: that heals it.
    </p>
  );
}

function Columns({ knowledge, visit, path }: { knowledge: Knowledge; visit: Visit; path: string }) {
  if (knowledge.state === 'ready') {
    const shown = pickColumns(visit, knowledge.profile.columns);
    return (
      <>
        <ColumnPages shown={shown} path={path} />
        <ColumnsTable columns={shown.columns} schema={knowledge.schema} />
      </>
    );
  }
  if (knowledge.state === 'pending') {
    return (
      <p class="card empty" role="status">
        A worker is reading the file; the columns appear here by themselves.
      </p>
    );
  }
  return (
    <p class="card empty">
      {knowledge.state === 'failed' ? 'The content could not be read: ' : 'This content is kept, but not read: '}
      <bdi>{knowledge.failure.message}</bdi>
    </p>
  );
}

function PullCommands({ visit, loaded }: { visit: Visit; loaded: LoadedVersion }) {
  const { dataset, version, files } = loaded;
  const ref = `v${version.number}`;
  const address = `${visit.ctx.publicUrl()}/v1/datasets/${encodeURIComponent(dataset)}/versions/${ref}`;
  const project = visit.project === 'default' ? '' : `?project=${encodeURIComponent(visit.project)}`;
  const [file] = files;
  const one = version.files === 1 && file !== undefined;
  const path = one ? file.path.split('/').map(encodeURIComponent).join('/') : '';
  const what = one ? `files/${path}${project}` : `archive${project}`;
  const sink = one ? `-o ${shellWord(file.path.split('/').at(-1) ?? 'file')}` : '| tar -x';
  return (
    <div class="card stacked">
      <Command text={`curl -sS '${address}/${what}' ${sink}`} />
      <Command text={tidemarkCommand(visit.project, `pull ${shellWord(`${dataset}@${ref}`)} --to data`)} />
      <details>
        <summary>
          The <code>.dvc</code> file, for a repository that uses DVC
        </summary>
        <Command text={pointerOf(version)} />
      </details>
    </div>
  );
}

function Files({ loaded }: { loaded: LoadedVersion }) {
  const { files, version } = loaded;
  return (
    <div class="card flush scroll">
      <table class="stack">
        <thead>
          <tr>
            <th>Path</th>
            <th class="num">Size</th>
            <th>MD5</th>
          </tr>
        </thead>
        <tbody>
          {files.map((file) => (
            <tr>
              <td data-label="Path">
                <bdi>{file.path}</bdi> {file.quarantined && <State of="failed" />}
              </td>
              <td class="num" data-label="Size">
                {formatBytes(file.size)}
              </td>
              <td data-label="MD5">
                <code class="soft">{shortOid(file.oid)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {version.files > files.length && (
        <p class="small soft pad">and {formatCount(version.files - files.length)} more</p>
      )}
    </div>
  );
}
