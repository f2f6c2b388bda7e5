import { readPolicies } from '../../../domain/policy/policies.ts';
import { readStop } from '../../../domain/retraining/stop.ts';
import { readRuns } from '../../../domain/run/runs.ts';
import { formatAge } from '../../format.ts';
import { State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import type { Content, Visit } from '../../page.tsx';
import { More, Section } from '../../parts.tsx';
import { StackTable } from '../../stack-table.tsx';
import { ReportedMetrics } from '../reported-metrics.tsx';
import { PolicyTable } from './policy-table.tsx';

const PAGE = 50;

export type RunItem = Awaited<ReturnType<typeof readRuns>>['items'][number];

/** Retrainings: what starts them, and how each went. */
export async function runsPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now } = visit;
  const cursor = visit.query('before') ?? undefined;
  const [runs, policies, stop] = await Promise.all([
    readRuns(ctx, actor, { limit: PAGE, cursor }),
    readPolicies(ctx, actor),
    readStop(ctx, actor),
  ]);
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>Retraining</h1>
          <p class="lede">An alert starts a run through a guard; its result comes back and moves the reference.</p>
        </div>
      </div>
      {stop !== null && (
        <p class="card refused">
          <bdi>{stop.author}</bdi> stopped all retraining {formatAge(stop.at, now)}: <bdi>{stop.reason}</bdi>
        </p>
      )}
      <Section title="Runs">
        {runs.items.length === 0 ? (
          <p class="card empty">
            No run yet. A policy starts one when its monitor's alert fires, its time comes or new data is there.
          </p>
        ) : (
          <RunTable runs={runs.items} links={links} now={now} />
        )}
        <More href={runs.next === null ? null : `${links.runs}?before=${encodeURIComponent(runs.next)}`} />
      </Section>
      <Section title="Policies">
        <PolicyTable policies={policies} visit={visit} />
      </Section>
    </>
  );
  return { section: 'runs', title: 'Retraining', refresh: 5, body };
}

/** Runs, newest first. */
export function RunTable({ runs, links, now }: { runs: readonly RunItem[]; links: Links; now: Date }) {
  return (
    <StackTable
      rows={runs}
      columns={[
        {
          head: 'Run',
          cell: (run) => (
            <a class="strong" href={links.run(run.id)}>
              <bdi>{run.policy}</bdi>
            </a>
          ),
        },
        { head: 'State', cell: (run) => <State of={run.state} /> },
        {
          head: 'Model',
          cell: (run) => (
            <>
              <a href={links.model(run.model)}>
                <bdi>{run.model}</bdi>
              </a>
              {run.modelVersion !== null && (
                <span class="soft">
                  {' '}
                  <bdi>{run.modelVersion}</bdi>
                </span>
              )}
            </>
          ),
        },
        {
          head: 'Learned from',
          cell: (run) =>
            run.training === null ? (
              <span class="faint">–</span>
            ) : (
              <a href={links.version(run.training.dataset, run.training.version)}>
                <bdi>{run.training.dataset}</bdi>@v{run.training.version}
              </a>
            ),
        },
        { head: 'Result', class: 'soft', cell: (run) => <ReportedMetrics metrics={run.metrics} /> },
        { head: 'Started', class: 'num soft', cell: (run) => formatAge(run.createdAt, now) },
      ]}
    />
  );
}
