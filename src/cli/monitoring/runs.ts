import { z } from 'zod';
import { runDetail, runView } from '../../../schemas/wire/retraining.ts';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { printable, type Terminal, table } from '../terminal/terminal.ts';

// A newer service may say more than this client knows.
const run = z.looseObject(runView.shape).extend({ state: z.string(), cause: z.looseObject({ kind: z.string() }) });
const page = z.looseObject({ items: z.array(run), next: z.string().nullable() });
const detail = run.extend({ events: runDetail.shape.events.element.loose().array() });

type Run = z.output<typeof run>;
type Detail = z.output<typeof detail>;

export type RunFilter = {
  readonly model?: string | undefined;
  readonly policy?: string | undefined;
  readonly state?: string | undefined;
};

/** Runs that are shown; the API has them all. */
const SHOWN = '50';

const HEAD = ['RUN', 'STATE', 'MODEL', 'POLICY', 'BECAUSE OF', 'MADE', 'SINCE'];

/** Lists runs, newest first. */
export async function listRuns(client: Client, terminal: Terminal, filter: RunFilter): Promise<void> {
  const found = await client.call(page, 'GET', '/v1/runs', { query: { ...filter, limit: SHOWN } });
  terminal.result(found, () => (found.items.length === 0 ? 'No run.' : table([HEAD, ...found.items.map(lineOf)])));
}

/** How far a run has come is of use while it goes on: what has ended at 40 % was not told of the rest. */
const progressOf = ({ state, progress }: Run): string =>
  progress === null || (state !== 'accepted' && state !== 'running') ? '' : ` (${Math.round(progress * 100)} %)`;

const lineOf = (row: Run): string[] => [
  row.id,
  row.state.replaceAll('_', ' ') + progressOf(row),
  row.model,
  row.policy,
  row.cause.kind.replaceAll('_', ' '),
  row.model_version ?? '-',
  pointInTime(row.created_at),
];

/** Shows one run with its history, and how its model does beside the one in service. */
export async function showRun(client: Client, terminal: Terminal, id: string): Promise<void> {
  const found = await client.call(detail, 'GET', `/v1/runs/${encodeURIComponent(id)}`);
  const { training, comparison, error, external_url } = found;
  terminal.result(found, () =>
    [
      table([HEAD, lineOf(found)]),
      ...(training === null ? [] : [`learned from ${training.dataset}@v${training.version}`]),
      ...(comparison === null ? [] : [`${comparison.better ? 'better' : 'not better'}: ${comparison.why}`]),
      ...(external_url === null ? [] : [external_url]),
      ...(error === null ? [] : [error]),
      '',
      ...found.events.map(eventLine),
    ]
      .map((line) => (line.includes('\n') ? line : printable(line)))
      .join('\n'),
  );
}

/** What happened, with what a pipeline or a person said to it. */
function eventLine({ at, state, author, detail: said }: Detail['events'][number]): string {
  const waiting = typeof said.waiting_for === 'string' ? `waits for ${said.waiting_for}` : undefined;
  const words = [said.message, said.comment, said.reason, waiting].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return `${at}  ${state.replaceAll('_', ' ')}, by ${author}${typeof words === 'string' ? `: ${words}` : ''}`;
}

/** Starts a run of a policy. */
export async function startRun(client: Client, terminal: Terminal, policy: string): Promise<void> {
  const started = await client.call(run, 'POST', '/v1/runs', { json: { policy } });
  terminal.result(started, () => started.id);
}

/** Does something with one run. */
export async function changeRun(
  client: Client,
  terminal: Terminal,
  given: { run: string; verb: string; body: object },
): Promise<void> {
  const path = `/v1/runs/${encodeURIComponent(given.run)}/${given.verb}`;
  const changed = await client.call(run, 'POST', path, { json: given.body });
  terminal.result(changed, () => printable(`${changed.id} is ${changed.state.replaceAll('_', ' ')}.`));
}
