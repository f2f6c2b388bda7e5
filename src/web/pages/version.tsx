import { type Knowledge, readFiles, readKnowledge, readVersion, readVersions } from '../../domain/dataset/read.ts';
import { pointerOf } from '../../domain/dataset/version-pointer.ts';
import { readVersionUsers } from '../../domain/model/read-users.ts';
import { formatBytes, formatCount, shortOid } from '../format.ts';
import { Command, Crumbs, State } from '../layout.tsx';
import type { Content, Visit } from '../page.tsx';
import { Fact, Section, Time } from '../parts.tsx';
import { ColumnsTable } from './columns-table.tsx';
import { Labels, ProvenanceLine, UserLinks } from './provenance.tsx';

const FILES = 50;

type Loaded = Awaited<ReturnType<typeof load>>;

async function load(visit: Visit) {
  const { ctx, actor } = visit;
  const given = { dataset: visit.param('dataset'), ref: visit.param('ref') };
  const details = await readVersion(ctx, actor, given);
  // By number from here on: a tag may move between two reads.
  const exact = { ...given, ref: `v${details.version.number}` };
  const [{ knowledge }, { files }, users, [previous]] = await Promise.all([
    readKnowledge(ctx, actor, exact),
    readFiles(ctx, actor, { ...exact, after: -1, limit: FILES }),
    readVersionUsers(ctx, actor, given.dataset),
    readVersions(ctx, actor, { dataset: given.dataset, before: details.version.number, limit: 1 }),
  ]);
  return {
    ...details,
    knowledge,
    files,
    previous,
    users: users.filter(({ versionId }) => versionId === details.version.id),
  };
}

/** One version: what it is, how to get it, and what is in it. */
export async function versionPage(visit: Visit): Promise<Content> {
  const loaded = await load(visit);
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
      <Section title="Columns">
        <Columns knowledge={knowledge} />
      </Section>
      <div class="columns">
        <Section title="Get it">
          <PullCommands visit={visit} loaded={loaded} />
        </Section>
        <Section title="Where it stands">
          <Origin visit={visit} loaded={loaded} />
        </Section>
      </div>
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

function VersionFacts({ loaded }: { loaded: Loaded }) {
  const { version, knowledge } = loaded;
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
    </dl>
  );
}

function Columns({ knowledge }: { knowledge: Knowledge }) {
  if (knowledge.state === 'ready') return <ColumnsTable profile={knowledge.profile} schema={knowledge.schema} />;
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

function PullCommands({ visit, loaded }: { visit: Visit; loaded: Loaded }) {
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
      <Command text={`npx tidemark pull ${shellWord(`${dataset}@${ref}`)} --to data`} />
      <details>
        <summary>
          The <code>.dvc</code> file, for a repository that uses DVC
        </summary>
        <Command text={pointerOf(version)} />
      </details>
    </div>
  );
}

/** A word as a shell takes it, whatever is in it. */
const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

function Origin({ visit, loaded }: { visit: Visit; loaded: Loaded }) {
  const { version, users } = loaded;
  return (
    <div class="card">
      <dl class="pairs">
        <dt>Made</dt>
        <dd>
          <Time at={version.createdAt} />, <ProvenanceLine provenance={version.provenance} links={visit.links} />
        </dd>
        {version.author !== null && <Note name="Author" text={version.author} />}
        {version.gitRev !== null && <Note name="Git commit" text={version.gitRev} />}
        {Object.keys(version.labels as object).length > 0 && (
          <>
            <dt>Labels</dt>
            <dd class="row">
              <Labels labels={version.labels} />
            </dd>
          </>
        )}
        {loaded.parents.length > 0 && (
          <>
            <dt>Made from</dt>
            <dd class="row">
              {loaded.parents.map((parent) => (
                <a href={visit.links.version(parent.dataset, parent.number)}>
                  <bdi>{parent.dataset}</bdi> v{parent.number}
                </a>
              ))}
            </dd>
          </>
        )}
        {loaded.previous !== undefined && (
          <>
            <dt>Changes</dt>
            <dd>
              <a href={visit.links.diff(loaded.dataset, loaded.previous.version.number, version.number)}>
                since v{loaded.previous.version.number}
              </a>
            </dd>
          </>
        )}
        <dt>Used by</dt>
        <dd>
          {users.length === 0 ? (
            <span class="faint">no model yet</span>
          ) : (
            <UserLinks users={users} links={visit.links} />
          )}
        </dd>
        <dt>oid</dt>
        <dd>
          <code>{version.oid}</code>
        </dd>
        <dt>SHA-256 root</dt>
        <dd>
          <code>{version.sha256Root}</code>
        </dd>
      </dl>
    </div>
  );
}

function Note({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <bdi>{text}</bdi>
      </dd>
    </>
  );
}

function Files({ loaded }: { loaded: Loaded }) {
  const { files, version } = loaded;
  return (
    <div class="card flush scroll">
      <table>
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
              <td>
                <bdi>{file.path}</bdi> {file.quarantined && <State of="failed" />}
              </td>
              <td class="num">{formatBytes(file.size)}</td>
              <td>
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
