import { z } from 'zod';
import { alertDetail, alertView, silenceView } from '../../../schemas/wire/alerts.ts';
import { parseDuration } from '../../domain/window/duration.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { printable, type Terminal, table } from '../terminal/terminal.ts';

// A newer service may say more than this client knows.
const alert = z.looseObject(alertView.shape).extend({ state: z.string(), evidence: z.looseObject({}) });
/** What an alert of drift says of columns, and where its report is; other alerts have other evidence. */
const evidence = z.looseObject({
  problem: z.looseObject({ detail: z.string() }).optional(),
  window: z.looseObject({ start: z.string() }).optional(),
  worst_columns: z.array(z.looseObject({ column: z.string(), why: z.string() })).optional(),
});
const page = z.looseObject({ items: z.array(alert), next: z.string().nullable() });
const detail = alert.extend({
  events: alertDetail.shape.events.element.loose().extend({ from: z.string().nullable(), to: z.string() }).array(),
  runs: z.array(z.looseObject({ id: z.string(), state: z.string() })),
});
const silenceAnswer = z.looseObject(silenceView.shape);

type Alert = z.output<typeof alert>;

export type AlertFilter = {
  readonly model?: string | undefined;
  readonly monitor?: string | undefined;
  readonly state?: string | undefined;
};

/** Alerts that are shown; the API has them all. */
const SHOWN = '200';

/** Lists alerts, newest first: those that are not over, unless a state is named. */
export async function listAlerts(client: Client, terminal: Terminal, filter: AlertFilter): Promise<void> {
  const found = await client.call(page, 'GET', '/v1/alerts', { query: { ...filter, limit: SHOWN } });
  const items = filter.state === undefined ? found.items.filter(({ state }) => state !== 'resolved') : found.items;
  terminal.result({ items }, () =>
    items.length === 0
      ? 'No alert.'
      : table([['ALERT', 'STATE', 'SEVERITY', 'MODEL', 'MONITOR', 'ABOUT', 'SINCE'], ...items.map(lineOf)]),
  );
}

const lineOf = (row: Alert): string[] => [
  row.id,
  `${row.state}${row.flapping ? ' (flapping)' : ''}${row.acknowledged_at === null ? '' : ' (seen)'}`,
  row.severity,
  row.model,
  row.monitor,
  row.target === 'dataset' ? 'drift' : row.target,
  row.from,
];

/** Shows one alert with its history. */
export async function showAlert(client: Client, terminal: Terminal, id: string): Promise<void> {
  const found = await client.call(detail, 'GET', `/v1/alerts/${encodeURIComponent(id)}`);
  terminal.result(found, () =>
    [
      table([['ALERT', 'STATE', 'SEVERITY', 'MODEL', 'MONITOR', 'ABOUT', 'SINCE'], lineOf(found)]),
      '',
      ...evidenceLines(found),
      ...found.events.map(({ at, from, to, reason, author }) =>
        printable(`${at}  ${from === to ? '' : `${to}: `}${reason.replaceAll('_', ' ')}, by ${author}`),
      ),
      ...found.runs.map((run) => printable(`run ${run.id}: ${run.state.replaceAll('_', ' ')}`)),
    ].join('\n'),
  );
}

/** What moved in the newest window, and where all is told; nothing where a newer service has other evidence. */
function evidenceLines({ model, monitor, evidence: told }: Alert): string[] {
  const { data } = evidence.safeParse(told);
  const problem = data?.problem === undefined ? [] : [printable(data.problem.detail)];
  const columns = (data?.worst_columns ?? []).map(({ column, why }) => printable(`${column}: ${why}`));
  const start = data?.window?.start;
  const where = start === undefined ? [] : [printable(`more: tidemark monitor report ${model} ${monitor} ${start}`)];
  const lines = [...problem, ...columns, ...where];
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Does something with one alert. */
export async function changeAlert(
  client: Client,
  terminal: Terminal,
  given: { alert: string; verb: 'acknowledge' | 'resolve'; body: object },
): Promise<void> {
  const path = `/v1/alerts/${encodeURIComponent(given.alert)}/${given.verb}`;
  const changed = await client.call(alert, 'POST', path, { json: given.body });
  terminal.result(changed, () => printable(`${changed.id} is ${changed.state.replaceAll('_', ' ')}.`));
}

export type SilenceOptions = {
  readonly match: readonly string[];
  readonly for: string;
  readonly message: string;
  readonly at?: string | undefined;
  readonly lasting?: string | undefined;
  readonly zone?: string | undefined;
};

/** Makes a silence, or a maintenance window that recurs. @throws TidemarkError `bad-request`. */
export async function silence(client: Client, terminal: Terminal, options: SilenceOptions): Promise<void> {
  const { match, at, lasting, zone, message: comment } = options;
  if ((at === undefined) !== (lasting === undefined)) {
    throw new TidemarkError('bad-request', 'Give --at and --lasting together, or neither.');
  }
  const ends_at = new Date(Date.now() + secondsOf(options.for) * 1000).toISOString();
  const recurring = at === undefined ? undefined : { schedule: at, duration: lasting, zone };
  const json = { matchers: match.map(matcherOf), ends_at, comment, recurring };
  const made = await client.call(silenceAnswer, 'POST', '/v1/silences', { json });
  terminal.result(made, () => `${made.id} until ${pointInTime(made.ends_at)}`);
}

function matcherOf(text: string): { label: string; is: string[] } {
  const [label, value] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  if (!text.includes('=') || label === '') {
    throw new TidemarkError('bad-request', `"${text}" must be LABEL=VALUE, like model=churn.`);
  }
  return { label, is: [value] };
}

/** @throws TidemarkError `bad-request`. */
function secondsOf(text: string): number {
  const parsed = parseDuration(text);
  if ('seconds' in parsed) return parsed.seconds;
  throw new TidemarkError('bad-request', `--for ${parsed.problem}.`);
}
