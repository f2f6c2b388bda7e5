import type { Visit } from '../../page.tsx';
import { Time } from '../../parts.tsx';
import type { LoadedVersion } from './load-version.ts';
import { Labels, ProvenanceLine, UserLinks } from './provenance.tsx';

/** Where a version comes from, what is said of it and who uses it. */
export function VersionOrigin({ visit, loaded }: { visit: Visit; loaded: LoadedVersion }) {
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
