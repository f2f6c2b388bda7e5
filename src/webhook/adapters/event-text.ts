import type { AlertBrief, AlertEvidence, EventData, EventType, KnownEvent } from '../../../schemas/wire/events.ts';
import { drawSeries } from './draw-series.ts';

/** What an event says to people, in the words that every channel shares. */
export type EventText = {
  /** One line that says what happened. */
  readonly title: string;
  /** What it means, a sentence or two; empty when the title says it all. */
  readonly text: string;
  /** Names and values worth a glance. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** The page that shows more. */
  readonly link: { readonly label: string; readonly url: string } | null;
  readonly tone: 'bad' | 'good' | 'neutral';
};

/** Columns and metrics that are named; the page shows them all. */
const SHOWN = 5;

/** Writes an event for people. */
export function textOf(event: KnownEvent): EventText {
  // The writer of a type is given the data of that very type, which the mapped type cannot follow.
  const write = WRITERS[event.type] as (data: KnownEvent['data']) => EventText;
  return write(event.data);
}

type Writers = { readonly [T in EventType]: (data: EventData<T>) => EventText };

const WRITERS: Writers = {
  'alert.firing': (data) => ({
    title:
      data.problem === undefined
        ? `${data.model} drifts in ${columnCount(data)}`
        : troubleTitle(data.model, data.problem),
    text: data.problem === undefined ? columnsText(data) : data.problem.detail,
    facts: alertFacts(data),
    link: page(data.links.alert, 'The alert'),
    tone: 'bad',
  }),
  'alert.escalated': (data) => ({
    title: `${data.model} still drifts in ${columnCount(data)}: now ${data.severity}`,
    text: columnsText(data),
    facts: alertFacts(data),
    link: page(data.links.alert, 'The alert'),
    tone: 'bad',
  }),
  'alert.resolved': (data) => ({
    title: `${data.model}: the alert is over`,
    text: `It ended because of: ${data.reason.replaceAll('_', ' ')}.`,
    facts: alertFacts(data),
    link: page(data.links.alert, 'The alert'),
    tone: 'good',
  }),
  'alert.digest': ({ firing, resolved, alerts, alerts_total, since, until }) => ({
    title: `${alerts_total} alerts: ${firing} firing, ${resolved} over`,
    text: briefs(alerts, alerts_total),
    facts: [['Time', `${short(since)} to ${short(until)}`]],
    link: alerts[0] === undefined ? null : page(alerts[0].links.alert, 'The first of them'),
    tone: firing > 0 ? 'bad' : 'good',
  }),
  'dataset.version.created': ({ dataset, version, path, message, links }) => ({
    title: `${dataset} has version ${version}`,
    text: message,
    facts: [['File', path]],
    link: page(links.version, 'The version'),
    tone: 'neutral',
  }),
  'dataset.version.quarantined': ({ object, versions, versions_total }) => ({
    title: 'Stored data is damaged',
    text: `The bytes of the object ${object} are wrong or lost; good bytes under its name heal it.`,
    facts: [
      ['Versions', String(versions_total)],
      ...versions.slice(0, SHOWN).map(({ dataset, version }) => [dataset, `v${version}`] as const),
    ],
    link: versions[0] === undefined ? null : page(versions[0].link, 'A version'),
    tone: 'bad',
  }),
  'window.judged': ({ model, monitor, window, verdict, columns_drifted, columns_judged, links }) => ({
    title: `${model}: a window was judged, ${verdict.replaceAll('_', ' ')}`,
    text: '',
    facts: [
      ['Monitor', monitor],
      ['Window', span(window)],
      ['Columns', `${columns_drifted} of ${columns_judged} drifted`],
    ],
    link: page(links.report, 'The report'),
    tone: verdict === 'drift' ? 'bad' : 'neutral',
  }),
  'retraining.awaiting_approval': ({ model, policy, cause, expires, links }) => ({
    title: `May ${model} be retrained?`,
    text: `Somebody has to approve the run, or decline it; nothing starts before.`,
    facts: [
      ['Policy', policy],
      ['Because of', cause.kind.replaceAll('_', ' ')],
      ['Until', short(expires)],
    ],
    link: page(links.run, 'The run'),
    tone: 'neutral',
  }),
  'retraining.requested': (data) => ({
    title: `${data.model} is to be retrained`,
    text: '',
    facts: [
      ['Policy', data.policy],
      ['Trained on', `${data.training.dataset}@v${data.training.version}, ${data.training.rows} rows`],
      ['Deadline', short(data.deadline)],
    ],
    link: page(data.links.run, 'The run'),
    tone: 'neutral',
  }),
  'retraining.succeeded': ({ model, model_version, policy, metrics, links }) => ({
    title: `${model} was retrained${model_version === null ? '' : ` as ${model_version}`}`,
    text: '',
    facts: [['Policy', policy], ...measured(metrics)],
    link: page(links.run, 'The run'),
    tone: 'good',
  }),
  'retraining.failed': ({ model, policy, state, error, links }) => ({
    title: `Retraining ${model} ${state === 'timed_out' ? 'did not end in time' : 'failed'}`,
    text: error ?? '',
    facts: [['Policy', policy]],
    link: page(links.run, 'The run'),
    tone: 'bad',
  }),
  'retraining.cancelled': ({ model, policy, reason, author, links }) => ({
    title: `Retraining ${model} was cancelled`,
    text: reason,
    facts: [
      ['Policy', policy],
      ['By', author],
    ],
    link: page(links.run, 'The run'),
    tone: 'neutral',
  }),
  'model.rolled_back': ({ model, model_version, reference, effective_from, reason, links }) => ({
    title: `${model} is ${model_version} again`,
    text: reason,
    facts: [
      ['Reference', `${reference.dataset}@v${reference.version}`],
      ['From', short(effective_from)],
    ],
    link: page(links.run, 'The run'),
    tone: 'bad',
  }),
  'model.promoted': ({ model, model_version, reference, effective_from, links }) => ({
    title: `${model} is now ${model_version}`,
    text: '',
    facts: [
      ['Reference', `${reference.dataset}@v${reference.version}`],
      ['From', short(effective_from)],
    ],
    link: page(links.run, 'The run'),
    tone: 'good',
  }),
  'model.switched': ({ model, model_version, former_version, reference, effective_from, reason, links }) => ({
    title: `${model} is now ${model_version}`,
    text: reason,
    facts: [
      ...(former_version === null ? [] : [['Before', former_version] as const]),
      ['Reference', `${reference.dataset}@v${reference.version}`],
      ['From', short(effective_from)],
    ],
    link: page(links.model, 'The model'),
    tone: 'neutral',
  }),
  'endpoint.disabled': ({ url, reason }) => ({
    title: 'A webhook was disabled',
    text: reason,
    facts: [['Receiver', url]],
    link: null,
    tone: 'bad',
  }),
  'webhook.test': ({ message }) => ({
    title: 'A test from Tidemark',
    text: message,
    facts: [],
    link: null,
    tone: 'neutral',
  }),
};

const columnCount = (data: AlertEvidence): string => `${data.columns_drifted} of ${data.columns_judged} columns`;

const alertFacts = (data: AlertEvidence): EventText['facts'] => [
  ['Severity', data.severity],
  ['Monitor', data.monitor],
  ['Window', span(data.window)],
  ['Rows', String(data.rows)],
  ...(data.problem === undefined ? [['Columns', `${columnCount(data)} drifted`] as const] : []),
  ['Against', `${data.reference.dataset}@v${data.reference.version}`],
];

/** The first alerts of a digest, a line each. */
function briefs(alerts: readonly AlertBrief[], total: number): string {
  const shown = alerts.slice(0, SHOWN).map(({ model, monitor, state, problem, columns_drifted, columns_judged }) => {
    const what = problem?.detail ?? `${columns_drifted} of ${columns_judged} columns drifted`;
    return `• ${model}, ${monitor}: ${state === 'firing' ? what : 'over'}`;
  });
  const more = total - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
}

const TROUBLES = {
  no_data: 'no data comes',
  error: 'windows cannot be judged',
  broken_schema: 'the schema is broken',
  unusual_volume: 'far more or fewer rows than usual',
  late_data: 'rows come far later than usual',
  worse_performance: 'it does worse than on its reference',
  worse_estimate: 'it is expected to do worse than on its reference',
};

const troubleTitle = (model: string, { kind }: NonNullable<AlertEvidence['problem']>): string =>
  `${model}: ${TROUBLES[kind]}`;

const measured = (metrics: Readonly<Record<string, number>>): EventText['facts'] =>
  Object.entries(metrics)
    .slice(0, SHOWN)
    .map(([name, value]) => [name, number(value)]);

/** The worst columns, a line each: which measure says so, how far above its limit it is, and since when. */
function columnsText(data: AlertEvidence): string {
  const shown = data.worst_columns.slice(0, SHOWN).map(({ column, measure, effect, limit, series }) => {
    if (measure === null || effect === null) return `• ${column}`;
    const above = limit === null ? '' : `, limit ${number(limit)}`;
    return `• ${column}: ${measure.split('/')[0]} ${number(effect)}${above}${drawn(series ?? [], limit)}`;
  });
  const more = data.columns_drifted - shown.length;
  const inside = [data.unseen, data.slice].flatMap((text) => (text === undefined ? [] : [`• ${text}`]));
  return [...shown, ...(more > 0 ? [`and ${more} more`] : []), ...inside].join('\n');
}

/** One window is no series. */
const drawn = (series: readonly (number | null)[], limit: number | null): string =>
  series.length < 2 ? '' : `  ${drawSeries(series, limit)}`;

const number = (value: number): string => String(Number(value.toPrecision(3)));

/** `2026-01-05 14:00 UTC`. */
const short = (time: string): string => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

const span = ({ start, end }: { start: string; end: string }): string => `${short(start)} to ${short(end)}`;

/** The page of a resource: people look at `/p/{project}/…` at what programs read under `/v1/…`. */
function page(link: string, label: string): { label: string; url: string } {
  const url = new URL(link);
  const project = url.searchParams.get('project') ?? 'default';
  url.search = '';
  url.pathname = url.pathname.replace('/v1/', `/p/${encodeURIComponent(project)}/`);
  return { label, url: url.href };
}
