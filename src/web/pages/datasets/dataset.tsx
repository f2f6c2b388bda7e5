import type { z } from 'zod';
import type { readingView } from '../../../../schemas/wire/reading.ts';
import { readDataset, readVersions, type VersionDetails } from '../../../domain/dataset/read.ts';
import { readTags } from '../../../domain/dataset/tags.ts';
import { readVersionUsers } from '../../../domain/model/read-users.ts';
import { readPushes } from '../../../domain/push/read.ts';
import { readDatasetRetention } from '../../../domain/retention/dataset-retention.ts';
import { formatAge, formatBytes, formatCount, formatDuration, shortOid } from '../../format.ts';
import { Crumbs, State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import type { Content, Visit } from '../../page.tsx';
import { More, Section } from '../../parts.tsx';
import { Labels, ProvenanceLine, UserLinks } from './provenance.tsx';
import { PushList } from './push-list.tsx';

const PAGE = 50;
const PUSHES = 5;
/** Seconds; a push that runs shows more each time. */
const REFRESH = 2;

/** One dataset: how it came to be what it is, version by version. */
export async function datasetPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now } = visit;
  const name = visit.param('dataset');
  const before = Number(visit.query('before') ?? '') || 2 ** 31 - 1;
  const [{ dataset, formerNames, latest }, found, tags, users, pushes, { rule }] = await Promise.all([
    readDataset(ctx, actor, name),
    readVersions(ctx, actor, { dataset: name, before, limit: PAGE + 1 }),
    readTags(ctx, actor, name),
    readVersionUsers(ctx, actor, name),
    readPushes(ctx, actor, { dataset: name, before: null, limit: PUSHES }),
    readDatasetRetention(ctx, actor, name),
  ]);
  const shown = found.slice(0, PAGE);
  const older = found.length > PAGE ? `${links.dataset(name)}?before=${shown.at(-1)?.version.number}` : null;
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs path={[['Datasets', links.datasets]]} />
          <h1>
            <bdi>{dataset.name}</bdi>
          </h1>
          <p class="lede">
            {latest === null
              ? 'No version yet.'
              : `${formatCount(latest.number)} ${latest.number === 1 ? 'version' : 'versions'}.`}{' '}
            {dataset.description}
          </p>
          {rule !== null && <p class="small soft">{describeRule(rule)}</p>}
          {formerNames.length > 0 && (
            <p class="small soft">
              Found as <bdi>{formerNames.join(', ')}</bdi> too, as it was called.
            </p>
          )}
          {/* `readingRequest` let it through. */}
          <Reading {...(dataset.reading as z.infer<typeof readingView>)} />
        </div>
        <p class="tags">
          {tags.map((tag) => (
            <a class="tag" href={links.version(name, tag.name)}>
              <bdi>{tag.name}</bdi> → v{tag.version}
            </a>
          ))}
        </p>
      </div>
      {shown.length > 0 && (
        <Section title="Versions">
          <ol class="timeline card">
            {shown.map((details, i) => (
              <VersionItem
                details={details}
                previous={found[i + 1]}
                users={users.filter(({ versionId }) => versionId === details.version.id)}
                links={links}
                now={now}
              />
            ))}
          </ol>
          <More href={older} />
        </Section>
      )}
      {pushes.length > 0 && (
        <Section title="Pushes with dvc">
          <PushList pushes={pushes} links={links} now={now} />
        </Section>
      )}
    </>
  );
  const refresh = pushes.some(({ state }) => state === 'running') ? { refresh: REFRESH } : {};
  return { section: 'datasets', title: dataset.name, ...refresh, body };
}

/** Which versions stay by the dataset's own rule. */
function describeRule(rule: NonNullable<Awaited<ReturnType<typeof readDatasetRetention>>['rule']>): string {
  const parts = [
    rule.last === null ? [] : [`the newest ${formatCount(rule.last)}`],
    rule.withinSeconds === null ? [] : [`those of the last ${formatDuration(rule.withinSeconds)}`],
    rule.daily === null ? [] : [`one of each of ${formatCount(rule.daily)} days`],
    rule.tags === null ? ['tagged ones'] : rule.tags.map((tag) => `those tagged ${tag}`),
  ].flat();
  return `Kept by rule: ${parts.join(', ')}, and what is needed elsewhere; other versions go into the trash.`;
}

type VersionItemProps = {
  details: VersionDetails;
  /** The version before it, if there is one. */
  previous: VersionDetails | undefined;
  users: Awaited<ReturnType<typeof readVersionUsers>>;
  links: Links;
  now: Date;
};

function VersionItem({ details, previous, users, links, now }: VersionItemProps) {
  const { version, tags, profile, quarantined } = details;
  return (
    <li>
      <div class="row">
        <a class="strong" href={links.version(details.dataset, version.number)}>
          v{version.number}
        </a>
        <code class="soft">{shortOid(version.oid)}</code>
        {tags.map((tag) => (
          <bdi class="tag">{tag}</bdi>
        ))}
        {profile !== 'ready' && <State of={profile} />}
        {quarantined > 0 && <State of="degraded" />}
        <Labels labels={version.labels} />
        <span class="soft">
          {formatCount(version.files)} {version.files === 1 ? 'file' : 'files'}, {formatBytes(version.bytes)}
        </span>
      </div>
      {version.message !== '' && (
        <p>
          <bdi>{version.message}</bdi>
        </p>
      )}
      <div class="small soft row">
        <time datetime={version.createdAt.toISOString()}>{formatAge(version.createdAt, now)}</time>
        <ProvenanceLine provenance={version.provenance} links={links} />
        {previous !== undefined && (
          <a href={links.diff(details.dataset, previous.version.number, version.number)}>
            what changed since v{previous.version.number}
          </a>
        )}
        <UserLinks users={users} links={links} />
      </div>
    </li>
  );
}

const datesText = (dates: string | Readonly<Record<string, string>>): string =>
  typeof dates === 'string'
    ? `“${dates}”`
    : Object.entries(dates)
        .map(([column, how]) => `“${how}” in “${column}”`)
        .join(', ');

/** How its tables are read, where that is not as any other is. */
function Reading({ decimal = '.', thousands, dates, missing = [], partitions = true }: z.infer<typeof readingView>) {
  const numbers = [
    `“${decimal}” before decimals`,
    ...(thousands === undefined ? [] : [`“${thousands}” between thousands`]),
  ];
  const said = [
    ...(decimal === '.' && thousands === undefined ? [] : [`Its numbers are read with ${numbers.join(' and ')}.`]),
    ...(dates === undefined ? [] : [`Its dates are read as ${datesText(dates)}.`]),
    ...(missing.length === 0
      ? []
      : [`A cell has no value that holds ${missing.map((word) => `“${word}”`).join(' or ')}.`]),
    ...(partitions ? [] : ['The keys in the names of its folders are no columns.']),
  ];
  return said.length === 0 ? null : <p class="small soft">{said.join(' ')}</p>;
}
