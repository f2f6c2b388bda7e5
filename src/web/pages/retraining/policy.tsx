import { blockedShape } from '../../../../schemas/wire/policies.ts';
import { type Preview, previewPolicy } from '../../../domain/backtest/preview.ts';
import { causeOf } from '../../../domain/policy/causes.ts';
import { readCauses, readPolicy } from '../../../domain/policy/policies.ts';
import { formatAge, formatCount } from '../../format.ts';
import { Crumbs, State } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { Fact, More, Section, Time } from '../../parts.tsx';
import { StackTable } from '../../stack-table.tsx';
import { PolicyTable } from './policy-table.tsx';

const PAGE = 50;

/** One policy: whether it would start a run now, what asked for runs, and what it would have done so far. */
export async function policyPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links } = visit;
  const name = visit.param('policy');
  const cursor = visit.query('before') ?? undefined;
  const [policy, preview, causes] = await Promise.all([
    readPolicy(ctx, actor, name),
    previewPolicy(ctx, actor, { name, since: null }),
    readCauses(ctx, actor, { policy: name, limit: PAGE, cursor }),
  ]);
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs path={[['Retraining', links.runs]]} />
          <h1>
            <bdi>{policy.name}</bdi>
          </h1>
        </div>
      </div>
      <PolicyTable policies={[policy]} visit={visit} />
      <Section title="Now">
        <Now preview={preview} />
      </Section>
      <Section title="So far, on the windows there are">
        <SoFar preview={preview} />
      </Section>
      <Section title="What asked for runs">
        <Causes rows={causes.items} visit={visit} />
        <More href={causes.next === null ? null : `${links.policy(name)}?before=${encodeURIComponent(causes.next)}`} />
      </Section>
    </>
  );
  // Looking back reads many reports, so that it is done when somebody asks and not every few seconds.
  return { section: 'runs', title: policy.name, body };
}

function Now({ preview }: { preview: Preview }) {
  const { blocked, config, labelled } = preview;
  return (
    <div class="card pad">
      {blocked.length === 0 && <p>A cause would start a run this moment.</p>}
      {blocked.length > 0 && (
        <ul>
          {blocked.map(({ code, detail, lifts, until }) => (
            <li>
              <span class="tag">{code.replaceAll('_', ' ')}</span> <bdi>{detail}.</bdi>{' '}
              <span class="soft">
                What would lift it: <bdi>{lifts}</bdi>
                {until !== undefined && (
                  <>
                    , <Time at={new Date(until)} />
                  </>
                )}
                .
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="small soft">
        {formatCount(labelled)} of {formatCount(config.minimum_labelled_rows)} labelled rows are there
        {config.approval_seconds !== null && '; somebody has to approve each run'}.
      </p>
    </div>
  );
}

const SHOWN = 20;

function SoFar({ preview }: { preview: Preview }) {
  const { history, past } = preview;
  const blocked = Object.entries(past.blocked);
  return (
    <>
      <dl class="facts">
        <Fact name="Would have started">{formatCount(past.starts.length)}</Fact>
        <Fact name="Looked back to">
          <small>
            <Time at={history.since} />
          </small>
        </Fact>
        {blocked.map(([guard, count]) => (
          <Fact name={`Held back: ${guard.replaceAll('_', ' ')}`}>{formatCount(count)}</Fact>
        ))}
      </dl>
      {past.starts.length > 0 && (
        <ol class="timeline card">
          {past.starts
            .slice(-SHOWN)
            .toReversed()
            .map(({ at, cause }) => (
              <li>
                <Time at={at} /> <span class="soft">{cause.replaceAll('_', ' ')}</span>
              </li>
            ))}
        </ol>
      )}
    </>
  );
}

type Rows = Awaited<ReturnType<typeof readCauses>>['items'];

function Causes({ rows, visit }: { rows: Rows; visit: Visit }) {
  const { links, now } = visit;
  if (rows.length === 0) return <p class="card empty">Nothing has asked for a run yet.</p>;
  return (
    <StackTable
      rows={rows}
      columns={[
        { head: 'Cause', cell: (row) => <Cause row={row} links={links} /> },
        {
          head: 'What became of it',
          cell: (row) => (
            <>
              <State of={row.state} /> {row.runId !== null && <a href={links.run(row.runId)}>the run</a>}
            </>
          ),
        },
        { head: 'Held back by', class: 'soft', cell: (row) => <HeldBack blocked={row.blocked} /> },
        { head: 'When', class: 'num soft', cell: (row) => formatAge(row.createdAt, now) },
      ]}
    />
  );
}

function Cause({ row, links }: { row: Rows[number]; links: Visit['links'] }) {
  const { kind, version } = causeOf(row);
  return (
    <>
      {row.episodeId === null ? kind.replaceAll('_', ' ') : <a href={links.alert(row.episodeId)}>{kind}</a>}{' '}
      {version !== undefined && (
        <a href={links.version(version.dataset, version.version)}>
          <bdi>{version.dataset}</bdi>@v{version.version}
        </a>
      )}
    </>
  );
}

function HeldBack({ blocked }: { blocked: Rows[number]['blocked'] }) {
  const [first, ...others] = blockedShape.array().parse(blocked);
  if (first === undefined) return null;
  return (
    <>
      <bdi>{first.detail}</bdi>
      {others.length > 0 && ` and ${others.length} more`}
    </>
  );
}
