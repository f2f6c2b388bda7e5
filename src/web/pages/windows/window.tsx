import { storedPerformance } from '../../../../schemas/wire/performance.ts';
import { type ReportDetail, readWindowReport } from '../../../domain/monitor/read-reports.ts';
import { readWindow, readWindows } from '../../../domain/monitor/read-windows.ts';
import { metricTitle } from '../../../domain/outcome/describe-metric.ts';
import { explainReport } from '../../../domain/report/explain-report.ts';
import { readChecks } from '../../../domain/report/usual-windows.ts';
import { isTidemarkError, TidemarkError } from '../../../errors.ts';
import { formatCount, formatNumber, formatShare, formatTime, neededText } from '../../format.ts';
import { Command, Crumbs, State } from '../../layout.tsx';
import type { WindowPlace } from '../../links.ts';
import { leadingMetric, metricOf } from '../../measured.ts';
import type { Content, Visit } from '../../page.tsx';
import { Fact, Section, Time } from '../../parts.tsx';
import { hasDrifted, type ReportBody, readBody } from '../../report-body.ts';
import { tidemarkCommand } from '../../tidemark-command.ts';
import { SlicesTable } from '../findings/slices-table.tsx';
import { TableFindings } from '../findings/table-findings.tsx';
import { Checks } from './checks.tsx';
import { Inputs } from './inputs.tsx';
import { MatteringTable } from './mattering.tsx';
import { NotJudged } from './not-judged.tsx';
import { ReportColumns } from './report-columns.tsx';
import { SegmentsTable } from './segments-table.tsx';
import { WindowPerformance } from './window-performance.tsx';

/** A start as the address says it. @throws TidemarkError `bad-request`. */
export function startOf(text: string | null): Date {
  const start = new Date(text ?? '');
  if (Number.isNaN(start.getTime()))
    throw new TidemarkError('bad-request', 'The address names no point in time; write one like 2026-01-08T00:00:00Z.');
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
  // Reading every row again takes a moment, so it is done when it is asked for.
  const known = report !== null && readBody(report.report.body).slices;
  const asked = report !== null && (known || visit.query('slices') !== null);
  const explanation = asked ? await explainReport(ctx, actor, report.report.id) : null;
  return { place, detail, report, before, after: after[1], explanation };
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
  const checks = readChecks(report?.report.checks ?? null);
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
          <p class="lede">{report?.summary ?? body?.why ?? whyNot(detail)}</p>
          {body?.previous && <p class="lede">{body.previous.change.why}</p>}
        </div>
        <Neighbours loaded={loaded} visit={visit} />
      </div>
      {report !== null && !report.current && (
        <p class="notice framed">
          A newer revision of this window exists: <a href={links.window(place)}>see the current report</a>.
        </p>
      )}
      {report?.alarm?.why != null && <p class="notice framed">{report.alarm.why}</p>}
      <Facts loaded={loaded} body={body} />
      {(report?.current ?? true) && <NotJudged reasons={detail.notJudged} />}
      <WindowPerformance detail={detail} />
      {body !== null && (
        <Section title="Columns" aside={<span class="small soft">the strongest first</span>}>
          <ReportColumns columns={body.columns} hrefOf={(column) => links.column(place, column)} />
          {body.needed != null && <p class="small soft">{neededText(body.needed, 'window')}</p>}
        </Section>
      )}
      {report !== null && report.mattering.columns.length > 0 && (
        <Section title="Whether it matters" aside={<span class="small soft">what matters most first</span>}>
          <MatteringTable mattering={report.mattering} hrefOf={(column) => links.column(place, column)} />
        </Section>
      )}
      {checks.length > 0 && (
        <Section title="The rows themselves">
          <Checks checks={checks} />
        </Section>
      )}
      {body?.table !== undefined && (
        <Section title="Whole rows">
          <TableFindings findings={body.table} />
        </Section>
      )}
      {body?.segments !== undefined && (
        <Section title="Segments">
          <SegmentsTable segments={body.segments} />
        </Section>
      )}
      {body !== null && hasDrifted(body.columns, body.table ?? []) && (
        <Section title="Which rows carry it">
          <Slices loaded={loaded} visit={visit} />
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
              <Command text={tidemarkCommand(visit.project, `replay ${report.report.id}`)} />
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

function whyNot({ window, notJudged, closesAt }: Loaded['detail']): string {
  if (window.state === 'open') {
    return closesAt === null
      ? 'Open: more predictions come into it.'
      : `Open: closes once events pass ${formatTime(closesAt)}.`;
  }
  if (window.state === 'ready') return 'Complete, and not judged yet.';
  return notJudged[0]?.message ?? '';
}

function Slices({ loaded, visit }: { loaded: Loaded; visit: Visit }) {
  const { explanation, place, report } = loaded;
  if (explanation !== null) return <SlicesTable slices={explanation.slices} drifted />;
  return (
    <p class="card">
      <a href={visit.links.slices(place, report?.report.revision)}>
        Search for the groups of rows that carry the drift
      </a>{' '}
      <span class="soft">reads the reference and the window again</span>
    </p>
  );
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
