import { readModelVersions } from '../../../domain/model/bind-version.ts';
import { readRevisions } from '../../../domain/monitor/read.ts';
import { readColumnSeries, readWindowReport } from '../../../domain/monitor/read-reports.ts';
import { describeMeasure } from '../../../domain/report/describe-measure.ts';
import { TidemarkError } from '../../../errors.ts';
import { PairedBars, PairedTable } from '../../charts/paired-bars.tsx';
import { Series } from '../../charts/series.tsx';
import { formatCount, formatNumber, formatTime } from '../../format.ts';
import { Crumbs, State } from '../../layout.tsx';
import type { WindowPlace } from '../../links.ts';
import { ratioOf } from '../../measured.ts';
import type { Content, Visit } from '../../page.tsx';
import { Section } from '../../parts.tsx';
import { pairedBins } from '../../report-bins.ts';
import { readBody, worstFirst } from '../../report-body.ts';
import { Findings } from '../findings/findings.tsx';
import { referenceMarkers } from './reference-markers.ts';
import { startOf } from './window.tsx';

const WINDOWS = 60;

type Loaded = Awaited<ReturnType<typeof load>>;

async function load(visit: Visit) {
  const { ctx, actor } = visit;
  const name = visit.param('column');
  const named = { model: visit.param('model'), monitor: visit.param('monitor') };
  const [series, revisions, versions] = await Promise.all([
    readColumnSeries(ctx, actor, { ...named, column: name, before: null, limit: WINDOWS }),
    readRevisions(ctx, actor, named),
    readModelVersions(ctx, actor, named.model),
  ]);
  const asked = visit.query('window');
  const start = asked === null ? (series.at(-1)?.window.start ?? new Date(0)) : startOf(asked);
  const place: WindowPlace = { ...named, start };
  const { report } = await readWindowReport(ctx, actor, { ...place, revision: null });
  const body = readBody(report.body);
  const column = body.columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    throw new TidemarkError('not-found', `The window of ${formatTime(start)} was not judged on this column.`);
  }
  return { place, series, revisions, versions, body, column };
}

/** One column of one window: its reference behind, the window before it, and how it came to this. */
export async function columnPage(visit: Visit): Promise<Content> {
  const loaded = await load(visit);
  const { place, body, column } = loaded;
  const { links } = visit;
  const when = `${formatTime(body.window.start)} – ${formatTime(body.window.end)}`;
  const content = (
    <>
      <div class="headline">
        <div>
          <Crumbs
            path={[
              ['Models', links.models],
              [place.model, links.model(place.model)],
              [when, links.window(place)],
            ]}
          />
          <h1>
            <bdi>{column.name}</bdi> <State of={column.verdict} />
          </h1>
          <p class="lede">{column.why}</p>
        </div>
        <Neighbours loaded={loaded} visit={visit} />
      </div>
      <div class="columns wide">
        <Section title="Reference and window" aside={<span class="small soft">{when}</span>}>
          <Distributions loaded={loaded} visit={visit} />
        </Section>
        <Section title="Columns of this window">
          <Siblings loaded={loaded} visit={visit} />
        </Section>
      </div>
      <Section title="The numbers">
        <Findings column={column} />
      </Section>
      <Section title="Over time" aside={<span class="small soft">the strongest effect, in units of its limit</span>}>
        <div class="card">
          <div class="scroll">
            <History loaded={loaded} visit={visit} />
          </div>
        </div>
      </Section>
    </>
  );
  return { section: 'models', title: `${column.name} of ${place.model}`, body: content };
}

function Neighbours({ loaded, visit }: { loaded: Loaded; visit: Visit }) {
  const { series, place, column } = loaded;
  const at = series.findIndex(({ window }) => window.start.getTime() === place.start.getTime());
  const link = (entry: Loaded['series'][number] | undefined, text: string) =>
    entry === undefined || at === -1 ? (
      <span class="faint">{text}</span>
    ) : (
      <a href={visit.links.column({ ...place, start: entry.window.start }, column.name)}>{text}</a>
    );
  return (
    <nav class="steps-nav" aria-label="Neighbouring windows">
      {link(series[at - 1], '← before')}
      {link(series[at + 1], 'after →')}
    </nav>
  );
}

function Distributions({ loaded, visit }: { loaded: Loaded; visit: Visit }) {
  const { column, body } = loaded;
  const bins = pairedBins(column);
  if (bins.length === 0) return <p class="card empty">There are no bins to draw: {column.why}</p>;
  const { reference, window } = column.counts;
  return (
    <div class="card">
      <div class="scroll">
        <PairedBars bins={bins} label={`Shares of ${column.name} in the reference and in the window`} />
      </div>
      <p class="small soft">
        <a href={visit.links.version(body.reference.dataset, body.reference.version)}>
          <bdi>{body.reference.dataset}</bdi>@v{body.reference.version}
        </a>{' '}
        with {formatCount(reference.rows)} rows, the window with {formatCount(window.rows)}, on the reference's bins
        {column.kind === 'vector' && ' of the norm'}.
      </p>
      <PairedTable bins={bins} rows={{ reference: reference.rows, window: window.rows }} />
    </div>
  );
}

const SIBLINGS = 24;

function Siblings({ loaded, visit }: { loaded: Loaded; visit: Visit }) {
  const sorted = worstFirst(loaded.body.columns).slice(0, SIBLINGS);
  return (
    <ul class="card siblings">
      {sorted.map((column) => (
        <li>
          <a
            href={visit.links.column(loaded.place, column.name)}
            aria-current={column.name === loaded.column.name ? 'page' : undefined}
            class={`sibling ${column.verdict}`}
          >
            <bdi>{column.name}</bdi>
            <span class="small soft">
              {column.effect === null
                ? '–'
                : `${(Math.abs(column.effect.value) / Math.max(column.effect.limit, 1e-12)).toFixed(1)} ×`}
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function History({ loaded, visit }: { loaded: Loaded; visit: Visit }) {
  const { series, place, column } = loaded;
  const points = series.map(({ window, verdict }) => {
    const measure = verdict.measure === null ? '' : describeMeasure(verdict.measure).title;
    const current = window.start.getTime() === place.start.getTime();
    return {
      at: window.start,
      value: ratioOf(verdict),
      drift: verdict.verdict === 'drift',
      current,
      href: visit.links.column({ ...place, start: window.start }, column.name),
      title: `${formatTime(window.start)}: ${verdict.verdict.replaceAll('_', ' ')}, ${measure} ${formatNumber(verdict.effect)} (limit ${formatNumber(verdict.limit)})`,
    };
  });
  return (
    <Series
      points={points}
      label={`Effect on ${column.name} over ${points.length} windows`}
      limit={{ value: 1, text: 'limit' }}
      markers={referenceMarkers(loaded)}
      fromZero
    />
  );
}
