import { z } from 'zod';
import { type Lineage, readLineage } from '../../../domain/lineage/read-lineage.ts';
import { readModel } from '../../../domain/model/create-model.ts';
import { readRevisions } from '../../../domain/monitor/read.ts';
import { readWindows, type WindowDetail } from '../../../domain/monitor/read-windows.ts';
import { metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { isLiving } from '../../../domain/run/run.ts';
import { type RunRecord, readRun } from '../../../domain/run/runs.ts';
import { Series } from '../../charts/series.tsx';
import { formatNumber } from '../../format.ts';
import { Crumbs, State } from '../../layout.tsx';
import { outsideLink } from '../../links.ts';
import { leadingMetric, metricOf } from '../../measured.ts';
import type { Content, Visit } from '../../page.tsx';
import { Fact, Section, Time } from '../../parts.tsx';
import { LineageTable } from '../lineage-table.tsx';
import { ReportedMetrics } from '../reported-metrics.tsx';
import { Deliveries } from '../webhooks/deliveries.tsx';
import { performancePoints } from '../windows/performance.tsx';
import { RunApproval } from './run-approval.tsx';
import { RunComparison } from './run-comparison.tsx';
import { RunSteps } from './run-steps.tsx';

const AROUND = 12;

/** From the data of the model in service over windows and alert to the model that was made. */
const LINEAGE_STEPS = 5;
const LINEAGE_NODES = 60;

/** One retraining, from request to promotion. */
export async function runPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links } = visit;
  const record = await readRun(ctx, actor, visit.param('run'));
  const { run, messages } = record;
  const lineage = await lineageOf(visit, run.id);
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs path={[['Retraining', links.runs]]} />
          <h1>
            <bdi>{run.model}</bdi> retrained <State of={run.state} />
          </h1>
          <p class="lede">
            By the policy{' '}
            <a href={links.policy(run.policy)}>
              <bdi>{run.policy}</bdi>
            </a>
            {run.episodeId !== null && (
              <>
                {', started by '}
                <a href={links.alert(run.episodeId)}>an alert</a>
              </>
            )}
            .
          </p>
        </div>
      </div>
      <div class="card">
        <RunSteps record={record} />
      </div>
      {run.error !== null && (
        <p class="card refused">
          <bdi>{run.error}</bdi>
        </p>
      )}
      <RunApproval record={record} visit={visit} />
      <RunFacts visit={visit} record={record} />
      {run.promotedAt !== null && <BeforeAfter {...(await loadAround(visit, record))} />}
      <RunComparison run={run} />
      {lineage !== null && lineage.edges.length > 0 && (
        <Section title="From the data to the model">
          <LineageTable lineage={lineage} links={links} />
        </Section>
      )}
      <Section title="What was reported">
        <EventLog record={record} />
      </Section>
      <Section title="Who was told">
        <Deliveries messages={messages} links={links} />
      </Section>
    </>
  );
  const over = !isLiving(run.state) && run.state !== 'succeeded';
  return { section: 'runs', title: `Retraining of ${run.model}`, ...(over ? {} : { refresh: 2 }), body };
}

/** Null for whoever may not see the data. */
async function lineageOf({ ctx, actor }: Visit, id: string): Promise<Lineage | null> {
  if (!actor.scopes.has('data:read') && !actor.scopes.has('admin')) return null;
  const start = { kind: 'run', id } as const;
  return readLineage(ctx, actor, { start, direction: 'both', depth: LINEAGE_STEPS, limit: LINEAGE_NODES });
}

function RunFacts({ visit, record }: { visit: Visit; record: RunRecord }) {
  const { run } = record;
  const { links } = visit;
  const outside = outsideLink(run.externalUrl);
  return (
    <dl class="facts">
      <Fact name="Model in service learned from">
        <small>
          <a href={links.version(run.reference.dataset, run.reference.version)}>
            <bdi>{run.reference.dataset}</bdi>@v{run.reference.version}
          </a>
        </small>
      </Fact>
      <Fact name="Derived for this run">
        <small>
          {run.training === null ? (
            '–'
          ) : (
            <a href={links.version(run.training.dataset, run.training.version)}>
              <bdi>{run.training.dataset}</bdi>@v{run.training.version}
            </a>
          )}
        </small>
      </Fact>
      <Fact name="Model version">{run.modelVersion === null ? '–' : <bdi>{run.modelVersion}</bdi>}</Fact>
      {run.progress !== null && <Fact name="Done">{Math.round(run.progress * 100)} %</Fact>}
      {run.cost !== null && <Fact name="Cost so far">{Number(run.cost.toFixed(2))}</Fact>}
      <Fact name="Reported by the pipeline">
        <small>
          <ReportedMetrics metrics={run.metrics} />
        </small>
      </Fact>
      {run.externalUrl !== null && (
        <Fact name="Pipeline">
          <small>
            {outside === null ? (
              <bdi>{run.externalUrl}</bdi>
            ) : (
              <a href={outside} rel="noreferrer noopener">
                <bdi>{run.externalUrl}</bdi>
              </a>
            )}
          </small>
        </Fact>
      )}
    </dl>
  );
}

type Around = { windows: readonly WindowDetail[]; from: Date; metric: string; hrefOf: (start: Date) => string };

/** The windows around the promotion: before it, the old model and reference; from it on, the new ones. */
async function loadAround(visit: Visit, { run }: RunRecord): Promise<Around> {
  const { ctx, actor, links } = visit;
  const named = { model: run.model, monitor: run.monitor };
  const [revisions, { model }] = await Promise.all([
    readRevisions(ctx, actor, named),
    readModel(ctx, actor, run.model),
  ]);
  const moved = revisions.find(({ revision }) => revision.referenceVersionId === run.derivedVersionId);
  const from = moved?.revision.effectiveFrom ?? run.promotedAt ?? run.updatedAt;
  const [before, after] = await Promise.all([
    readWindows(ctx, actor, { ...named, from: null, to: from, limit: AROUND, newest: true }),
    readWindows(ctx, actor, { ...named, from, to: null, limit: AROUND, newest: false }),
  ]);
  return {
    windows: [...before.toReversed(), ...after],
    from,
    metric: leadingMetric(model.task),
    hrefOf: (start) => links.window({ ...named, start }),
  };
}

function BeforeAfter({ windows, from, metric, hrefOf }: Around) {
  const measured = windows.filter((detail) => metricOf(detail, metric)?.value != null);
  if (measured.length === 0) return null;
  const before = measured.findLast(({ window }) => window.start < from);
  const after = measured.find(({ window }) => window.start >= from);
  const text = (detail: WindowDetail | undefined): string =>
    detail === undefined ? '–' : formatNumber(metricOf(detail, metric)?.value);
  return (
    <Section
      title={`${metricTitle(metric)} before and after`}
      aside={
        <span class="small soft">
          last window before {text(before)}, first window after {text(after)}
        </span>
      }
    >
      <div class="card">
        <div class="scroll">
          <Series
            points={performancePoints(windows, metric, hrefOf)}
            label={`${metricTitle(metric)} around the promotion`}
            markers={[{ at: from, text: 'promoted' }]}
            fromZero={false}
            height={180}
          />
        </div>
      </div>
    </Section>
  );
}

const detailShape = z.looseObject({
  message: z.string().optional().catch(undefined),
  metrics: z.record(z.string(), z.number()).optional().catch(undefined),
  waiting_for: z.string().optional().catch(undefined),
  effective_from: z.string().optional().catch(undefined),
});

function EventLog({ record }: { record: RunRecord }) {
  return (
    <ol class="timeline card">
      {record.events.map((event) => {
        const { data: detail } = detailShape.safeParse(event.detail);
        return (
          <li class={event.state}>
            <div class="row">
              <State of={event.state} />
              {detail?.message !== undefined && <bdi>{detail.message}</bdi>}
              {detail?.waiting_for !== undefined && <span>waits for {detail.waiting_for}</span>}
              {detail?.effective_from !== undefined && <span>in force from {detail.effective_from.slice(0, 10)}</span>}
              {detail?.metrics !== undefined && (
                <span class="soft">
                  <ReportedMetrics metrics={detail.metrics} />
                </span>
              )}
            </div>
            <div class="small faint">
              <Time at={event.at} precise /> by <bdi>{event.author}</bdi>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
