import { storedPerformance } from '../../../schemas/wire/monitors.ts';
import { describeMeasure } from '../../domain/monitor/describe-measure.ts';
import { type ReportDetail, readWindowReport } from '../../domain/monitor/read-reports.ts';
import { readWindow, readWindows } from '../../domain/monitor/read-windows.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { formatCount, formatNumber, formatShare, formatTime, shortOid } from '../format.ts';
import { Command, Crumbs, State } from '../layout.tsx';
import type { WindowPlace } from '../links.ts';
import { leadingMetric, metricOf, metricTitle } from '../measured.ts';
import type { Content, Visit } from '../page.tsx';
import { Fact, Section, Time } from '../parts.tsx';
import { type ReportBody, readBody } from '../report-body.ts';
import { NotJudged } from './not-judged.tsx';
import { ReportColumns } from './report-columns.tsx';
import { TableFindings } from './table-findings.tsx';

/** A start as the address says it. @throws TidemarkError `bad-request`. */
export function startOf(text: string | null): Date {
  const start = new Date(text ?? '');
  if (Number.isNaN(start.getTime())) throw new TidemarkError('bad-request', 'The address names no point in time.');
  return start;
}

type Loaded = Awaited<ReturnType<typeof load>>;

async function load(visit: Visit) {
  const { ctx, actor } = visit;
  const place: WindowPlace = {
    model: visit.param('model'),
    monitor: visit.param('monitor'),
    start: startOf(visit.param('start')),
  };
  const revision = Number(visit.query('revision')) || null;
  const near = { model: place.model, monitor: place.monitor, limit: 1 };
  const [detail, [before], after, report] = await Promise.all([
    readWindow(ctx, actor, place),
    readWindows(ctx, actor, { ...near, from: null, to: place.start, newest: true }),
    readWindows(ctx, actor, { ...near, from: place.start, to: null, newest: false, limit: 2 }),
    readReport(visit, { ...place, revision }),
  ]);
  return { place, detail, report, before, after: after[1] };
}

/** The report, or null while there is none; an address that names a revision must find it. */
async function readReport(
  visit: Visit,
  given: WindowPlace & { revision: number | null },
): Promise<ReportDetail | null> {
  try {
    return await readWindowReport(visit.ctx, visit.actor, given);
  } catch (error) {
    if (given.revision === null && isTidemarkError(error, 'not-found')) return null;
    throw error;
  }
}

/** One window: what was found, how, and from what. */
export async function windowPage(visit: Visit): Promise<Content> {
  const loaded = await load(visit);
  const { place, detail, report } = loaded;
  const { links } = visit;
  const body = report === null ? null : readBody(report.report.body);
  const { window } = detail;
  const title = `${formatTime(window.start)} – ${formatTime(window.end)}`;
  const content = (
    <>
      <div class="headline">
        <div>
          <Crumbs
            path={[
              ['Models', links.models],
              [place.model, links.model(place.model)],
              [place.monitor, links.model(place.model)],
            ]}
          />
          <h1>
            {title} <State of={body?.verdict ?? window.verdict ?? window.state} />
          </h1>
          <p class="lede">{body?.why ?? whyNot(detail)}</p>
        </div>
        <Neighbours loaded={loaded} visit={visit} />
      </div>
      {report !== null && !report.current && (
        <p class="notice framed">
          A newer revision of this window exists: <a href={links.window(place)}>see the current report</a>.
        </p>
      )}
      <Facts loaded={loaded} body={body} />
      {(report?.current ?? true) && <NotJudged reasons={detail.notJudged} />}
      {body !== null && (
        <Section title="Columns" aside={<span class="small soft">the strongest first</span>}>
          <ReportColumns columns={body.columns} hrefOf={(column) => links.column(place, column)} />
        </Section>
      )}
      {body?.table !== undefined && (
        <Section
          title="Whole rows"
          aside={<span class="small soft">shown beside the verdict, which the columns make</span>}
        >
          <TableFindings findings={body.table} />
        </Section>
      )}
      {body !== null && report !== null && (
        <div class="columns">
          <Section title="What it was computed from">
            <Inputs visit={visit} body={body} report={report} />
          </Section>
          <Section title="Again, from the bytes">
            <div class="card stacked">
              <p class="soft">
                The report is a function of the reference, the batches, the configuration and the methods. This computes
                it again and compares every digit:
              </p>
              <Command text={`npx tidemark replay ${report.report.id}`} />
            </div>
            <Revisions loaded={loaded} visit={visit} />
          </Section>
        </div>
      )}
    </>
  );
  const moving = window.state === 'ready' ? { refresh: 2 } : {};
  return { section: 'models', title: `${place.model}, ${title}`, ...moving, body: content };
}

function whyNot({ window, notJudged }: Loaded['detail']): string {
  if (window.state === 'open') return 'Open: more predictions may come into it.';
  if (window.state === 'ready') return 'Complete, and not judged yet.';
  return notJudged[0]?.message ?? '';
}

function Neighbours({ loaded, visit }: { loaded: Loaded; visit: Visit }) {
  const link = (of: Loaded['before'], text: string) =>
    of === undefined ? (
      <span class="faint">{text}</span>
    ) : (
      <a href={visit.links.window({ ...loaded.place, start: of.window.start })}>{text}</a>
    );
  return (
    <nav class="steps-nav" aria-label="Neighbouring windows">
      {link(loaded.before, '← before')}
      {link(loaded.after, 'after →')}
    </nav>
  );
}

function Facts({ loaded, body }: { loaded: Loaded; body: ReportBody | null }) {
  const { window, performance } = loaded.detail;
  const parsed = performance === null ? null : storedPerformance.parse(performance.metrics);
  const leading = leadingMetric(parsed?.task ?? 'other');
  const metric = metricOf(loaded.detail, leading);
  return (
    <dl class="facts">
      <Fact name="Predictions">{formatCount(window.rows)}</Fact>
      {body !== null && (
        <Fact name="Columns drifted">
          {body.counts.drifted} <small>of {body.counts.judged} judged</small>
        </Fact>
      )}
      {body !== null && body.counts.insufficient + body.counts.not_comparable > 0 && (
        <Fact name="Not judged">{body.counts.insufficient + body.counts.not_comparable}</Fact>
      )}
      <Fact name="Labelled">
        {performance === null || performance.rows === 0 ? '–' : formatShare(performance.labelled / performance.rows)}
      </Fact>
      {metric?.value != null && (
        <Fact name={metricTitle(leading)}>
          {formatNumber(metric.value)}{' '}
          <small>
            {formatNumber(metric.low)} – {formatNumber(metric.high)}
          </small>
        </Fact>
      )}
    </dl>
  );
}

const BATCHES = 12;

function Inputs({ visit, body, report }: { visit: Visit; body: ReportBody; report: ReportDetail }) {
  const { reference, inputs, configuration } = body;
  const repeats = inputs.reduce((sum, input) => sum + input.repeats, 0);
  const measures = [
    ...new Set(
      [...body.columns.flatMap(({ findings }) => findings), ...(body.table ?? [])].map(({ measure }) => measure),
    ),
  ];
  return (
    <div class="card">
      <dl class="pairs">
        <dt>Reference</dt>
        <dd>
          <a href={visit.links.version(reference.dataset, reference.version)}>
            <bdi>{reference.dataset}</bdi>@v{reference.version}
          </a>
          , {formatCount(reference.rows)} rows, <code>{reference.oid}</code>
        </dd>
        <dt>Configuration</dt>
        <dd>revision {configuration.revision}</dd>
        <dt>Batches</dt>
        <dd>
          {formatCount(inputs.length)}
          {repeats > 0 && `, with ${formatCount(repeats)} repeated rows left out`}
          <details>
            <summary class="small soft">their contents</summary>
            {inputs.slice(0, BATCHES).map((input) => (
              <div class="small">
                <code>{shortOid(input.oid)}</code> {formatCount(input.rows)} rows
              </div>
            ))}
            {inputs.length > BATCHES && <div class="small soft">and {formatCount(inputs.length - BATCHES)} more</div>}
          </details>
        </dd>
        <dt>Measures</dt>
        <dd class="small">{measures.map((name) => describeMeasure(name).title).join(', ')}</dd>
        <dt>Report</dt>
        <dd>
          <code>{report.report.id}</code>
        </dd>
      </dl>
      {body.violations.length > 0 && (
        <ul class="plain small">
          {body.violations.slice(0, 10).map((violation) => (
            <li>
              <bdi>{violation.column}</bdi>: {violation.code.replaceAll('-', ' ')} in {formatCount(violation.count)}{' '}
              rows
              {violation.examples.length > 0 && (
                <>
                  , e.g. <bdi>{violation.examples.slice(0, 2).join(', ')}</bdi>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Revisions({ loaded, visit }: { loaded: Loaded; visit: Visit }) {
  return (
    <div class="card flush">
      <table>
        <thead>
          <tr>
            <th>Revision</th>
            <th>Verdict</th>
            <th class="num">Rows</th>
            <th class="num">Judged</th>
          </tr>
        </thead>
        <tbody>
          {loaded.detail.reports.map((report) => (
            <tr>
              <td>
                <a href={visit.links.window(loaded.place, report.revision)}>{report.revision}</a>
              </td>
              <td>
                <State of={report.verdict} />
              </td>
              <td class="num">{formatCount(report.rows)}</td>
              <td class="num soft">
                <Time at={report.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
